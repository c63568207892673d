"""The mail server's settings: what is understood, and which sentence says what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.mail import MailServer, Security
from bot.settings import SettingsError
from tests.harness.town import settings_in

FROM = {"HEMSEHRI_MAIL_FROM": "alerts@hemsehri.test"}
GOOD = [
    ("STARTTLS", "smtp://bot:geheim@mail.test:2525", MailServer("mail.test", 2525, Security.STARTTLS, "bot", "geheim")),
    ("the usual port", "smtp://bot:geheim@mail.test", MailServer("mail.test", 587, Security.STARTTLS, "bot", "geheim")),
    ("TLS", "smtps://b%40c:a%2Fb%25@mail.test/", MailServer("mail.test", 465, Security.TLS, "b@c", "a/b%")),
    ("plain", "smtp+plain://127.0.0.1", MailServer("127.0.0.1", 25, Security.NONE)),
    ("IPv6", "smtp+plain://[::1]:2525", MailServer("::1", 2525, Security.NONE)),
    ("empty is off", "", None),
]


@pytest.mark.parametrize(("url", "server"), [row[1:] for row in GOOD], ids=[row[0] for row in GOOD])
def test_what_is_understood(tmp_path: Path, url: str, server: MailServer | None) -> None:
    settings = settings_in(tmp_path, HEMSEHRI_SMTP_URL=url, **FROM)
    assert (settings.mail_server, settings.mail_from) == (server, "alerts@hemsehri.test")
    assert "geheim" not in repr(settings)


BAD = [
    ("another protocol", "http://mail.test", FROM, "HEMSEHRI_SMTP_URL must start with smtp://"),
    ("no protocol", "mail.test:587", FROM, "HEMSEHRI_SMTP_URL must start with smtp://"),
    ("no host", "smtp://bot:geheim@", FROM, "HEMSEHRI_SMTP_URL names no host"),
    ("a port that is none", "smtp://bot:geheim@mail.test:x", FROM, "percent-encode"),
    ("port 0", "smtp://mail.test:0", FROM, "port from 1 to 65535"),
    ("a slash in the password", "smtp://bot:12/geheim@mail.test", FROM, "percent-encode"),
    ("a user alone", "smtp://bot@mail.test", FROM, "both a user and a password"),
    ("a password in clear", "smtp+plain://bot:geheim@mail.test", FROM, "no password without encryption"),
    ("a password with umlauts", "smtp://bot:geheimß@mail.test", FROM, "ASCII"),
    ("no sender", "smtp://mail.test", {}, "HEMSEHRI_MAIL_FROM must be one e-mail address"),
    ("a sender with a name", "smtp://mail.test", {"HEMSEHRI_MAIL_FROM": "A <a@b.test>"}, "not 'A <a@b.test>'"),
]


@pytest.mark.parametrize(("url", "more", "words"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_what_is_refused_says_why_and_keeps_the_password(
    tmp_path: Path, url: str, more: dict[str, str], words: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        settings_in(tmp_path, HEMSEHRI_SMTP_URL=url, **more)
    assert words in str(refused.value)
    assert "geheim" not in str(refused.value)
    assert refused.value.__cause__ is None

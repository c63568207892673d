"""Alerts by e-mail: what a mail server answers decides what happens next, and nothing leaves in clear by mistake."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import app
from bot.clients.email import EmailTransport, as_message
from bot.clients.rasa import NoDialogue
from bot.domain.mail import MailServer as Account
from bot.domain.mail import Security
from bot.services.delivery import DeliveryError, deliver_next
from bot.storage.tables import OutboxRow
from bot.worker import jobs
from tests.harness.mail import HANG_UP, SILENT, MailServer, certificate, mail_server
from tests.harness.servers import free_port
from tests.harness.town import Town, settings_in

SENDER, DESK, KOLN = "alerts@hemsehri.test", "desk@koln.test", "de-koln-bk"
BODY = {"subject": "Başvuru 7: acil", "text": "Başvuru 7: gözaltı, acil. http://town.test/cases/7", "language": "tr"}


def a_row(number: int = 7, **body: str) -> OutboxRow:
    at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    key = f"alert:{number}:{KOLN}:email:"
    return OutboxRow(id=number, channel="email", address=KOLN, body=BODY | body, dedup_key=key, created_at=at)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def transport(port: int, security: Security = Security.NONE, **options: object) -> EmailTransport:
    secret = {} if security is Security.NONE else {"user": "bot", "password": "geheim"}
    return EmailTransport(Account("localhost", port, security, **secret), SENDER, timeout=5, **options)  # type: ignore[arg-type]


def send(by: EmailTransport, row: OutboxRow | None = None) -> None:
    by.send(as_message(row or a_row(), SENDER, DESK), DESK)


def test_what_arrives_is_one_short_plain_text_that_mail_systems_recognise(server: MailServer) -> None:
    for row in (a_row(), a_row(), a_row(8)):
        send(transport(server.port), row)
    first, again, other = (server.message(position) for position in range(3))
    assert [to for to, _ in server.got] == [DESK] * 3
    assert (first["From"], first["To"], first["Subject"]) == (SENDER, DESK, BODY["subject"])
    assert (first.get_content_type(), first.get_content().strip()) == ("text/plain", BODY["text"])
    assert (first["Auto-Submitted"], first["Content-Language"]) == ("auto-generated", "tr")
    assert first["Date"].datetime == a_row().created_at
    assert server.got[0] == server.got[1], "a repeat is the same to the last byte"
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first["Message-ID"].endswith("@hemsehri.test>")
    assert server.said[0] == "ehlo hemsehri.test", "no name server was asked who we are"


ANSWERS: list[tuple[str, str, str, bool | None]] = [
    ("taken", ".", "250 taken", None),
    ("forwarded is taken too", "RCPT", "251 forwarded", None),
    ("taken, then no goodbye", "QUIT", HANG_UP, None),
    ("taken, then a rude goodbye", "QUIT", "500 go away", None),
    ("the mailbox is busy", "RCPT", "451 later", True),
    ("greylisted at the end", ".", "451 later", True),
    ("closing, at the recipient", "RCPT", "421 closing", True),
    ("nobody there by this name", "RCPT", "550 5.1.1 no such user", False),
    ("the mailbox is gone", "RCPT", "551 moved", False),
    ("the text is refused", ".", "554 no", False),
    ("full at the greeting", "CONNECT", "421 too many", True),
    ("no service at the greeting: our setting", "CONNECT", "554 not here", True),
    ("the sender is refused: our setting", "MAIL", "550 who are you", True),
    ("hangs up at once", "CONNECT", HANG_UP, True),
    ("hangs up at the recipient", "RCPT", HANG_UP, True),
    ("hangs up after the text: nobody knows, so again", ".", HANG_UP, True),
    ("silent at once", "CONNECT", SILENT, True),
    ("silent after the text", ".", SILENT, True),
    ("nonsense", "RCPT", "abc", True),
]


@pytest.mark.parametrize(("step", "answer", "again"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_the_answer_decides(server: MailServer, step: str, answer: str, again: bool | None) -> None:
    server.answers[step] = [answer]
    by = transport(server.port)
    by._timeout = 0.3 if answer == SILENT else 5
    if again is None:
        send(by)
        assert len(server.got) == 1
        return
    with pytest.raises(DeliveryError) as failed:
        send(by)
    assert failed.value.retryable is again
    assert server.got == []


def test_nobody_there_is_tried_again() -> None:
    with pytest.raises(DeliveryError) as failed:
        send(transport(free_port()))
    assert failed.value.retryable


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS], ids=["starttls", "tls"])
def test_encrypted_and_signed_in_and_only_with_a_server_that_is_trusted(tmp_path: Path, security: Security) -> None:
    ours, trusting = certificate(tmp_path)
    with mail_server(**{"tls" if security is Security.TLS else "starttls": ours}) as server:
        send(transport(server.port, security, trust=trusting))
        assert [to for to, _ in server.got] == [DESK]
        assert any(line.startswith("AUTH PLAIN") for line in server.said)
        server.said.clear()
        with pytest.raises(DeliveryError) as failed:
            send(transport(server.port, security))
        assert failed.value.retryable
        assert not any(line.startswith(("AUTH", "MAIL")) for line in server.said), "no password for a stranger"


def test_a_server_without_starttls_gets_neither_password_nor_text(server: MailServer) -> None:
    with pytest.raises(DeliveryError) as failed:
        send(transport(server.port, Security.STARTTLS))
    assert failed.value.retryable
    assert [line.split(" ")[0] for line in server.said] == ["ehlo"]


def test_a_wrong_password_waits_until_it_is_mended_and_is_not_repeated_in_the_error(tmp_path: Path) -> None:
    ours, trusting = certificate(tmp_path)
    with mail_server(tls=ours) as server:
        server.answers["AUTH"] = ["535 wrong"]
        by = transport(server.port, Security.TLS, trust=trusting)
        with pytest.raises(DeliveryError) as failed:
            send(by)
        assert failed.value.retryable
        assert "geheim" not in f"{failed.value}{by._server}"


INJECTIONS = [
    "x\r\nBcc: a@b.test",
    "x\nBcc: a@b.test",
    "x\rBcc: a@b.test",
    "x\u2028Bcc: a@b.test",
    "x\r\n\r\nBcc: a@b.test\r\n.\r\n",
]


@pytest.mark.parametrize("words", INJECTIONS)
def test_no_text_becomes_a_header_or_a_command(server: MailServer, words: str) -> None:
    send(transport(server.port), a_row(subject=words, language=words, text=f"{words}\r\n.\r\nRSET\r\n"))
    message = server.message()
    assert "Bcc" not in message
    sent = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language"}
    assert set(message.keys()) == sent | {"Content-Type", "Content-Transfer-Encoding", "MIME-Version"}
    assert [line.split(" ")[0].upper() for line in server.said] == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]


@pytest.mark.parametrize(
    "address", ["a@b.test, c@d.test", "a@b.test\r\nBcc: c@d.test", "<a@b.test>", "a b@c.test", "ä@b.test"]
)
def test_an_address_that_cannot_be_one_is_never_sent_to(address: str) -> None:
    with pytest.raises(DeliveryError) as failed:
        as_message(a_row(), SENDER, address)
    assert not failed.value.retryable


@pytest.fixture
def town_with_mail(make_town: Callable[..., Town]) -> Town:
    town: Town = make_town(email=True)
    with town.database.write() as uow:
        uow.desks.put(KOLN, kind="consulate", name="", timezone="Europe/Berlin", email=DESK)
        uow.outbox.add("email", KOLN, BODY, town.clock(), dedup_key="alert:1")
    return town


def deliver(town: Town, server: MailServer) -> str:
    while deliver_next(town.ports, {"email": transport(server.port)}):
        pass
    return town.outbox()[0].state


def test_through_the_outbox_a_451_comes_again_as_the_same_message(town_with_mail: Town, server: MailServer) -> None:
    server.answers["."] = ["451 later", HANG_UP]
    states = []
    for _ in range(4):
        states.append(deliver(town_with_mail, server))
        town_with_mail.clock.forward(seconds=20)
    assert states == ["new", "new", "sent", "sent"]
    assert len(server.got) == 1


def test_through_the_outbox_a_550_is_not_tried_again(town_with_mail: Town, server: MailServer) -> None:
    server.answers["RCPT"] = ["550 no such user"]
    assert deliver(town_with_mail, server) == "failed"
    town_with_mail.clock.forward(hours=1)
    assert deliver(town_with_mail, server) == "failed"
    assert "550 no such user" in (town_with_mail.outbox()[0].error or "")


def test_a_desk_that_has_no_address_any_more_ends_it(town_with_mail: Town, server: MailServer) -> None:
    with town_with_mail.database.write() as uow:
        uow.desks.put(KOLN, email=None)
    assert deliver(town_with_mail, server) == "failed"
    assert server.said == []


def test_the_worker_delivers_by_the_server_of_the_settings(town_with_mail: Town, server: MailServer) -> None:
    url = f"smtp+plain://127.0.0.1:{server.port}"
    settings = settings_in(town_with_mail.folder, HEMSEHRI_SMTP_URL=url, HEMSEHRI_MAIL_FROM=SENDER)
    todo = {job.name: job for job in jobs(app.Town(settings, town_with_mail.ports, None, NoDialogue()))}
    assert not todo["deliver-0"].run(), "alerts have a thread of their own for each way"
    assert todo["alert-email"].run()
    assert (server.got[0][0], server.message()["From"]) == (DESK, SENDER)


def test_without_the_setting_the_worker_leaves_mail_where_it_is(town_with_mail: Town) -> None:
    todo = jobs(app.Town(settings_in(town_with_mail.folder), town_with_mail.ports, None, NoDialogue()))
    sending = [job for job in todo if job.name.startswith(("deliver", "alert"))]
    assert sending
    assert not any(job.run() for job in sending)
    assert town_with_mail.outbox()[0].state == "new"


def test_the_fake_speaks_as_the_standard_library_expects(server: MailServer) -> None:
    with smtplib.SMTP("localhost", server.port, "test") as client:
        client.ehlo()
        assert client.noop()[0] == 500
        assert client.has_extn("auth")
        assert not client.has_extn("starttls")

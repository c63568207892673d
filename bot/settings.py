"""Settings from the environment, with defaults that are safe on a laptop."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.mail import MailServer, is_mail_address, parse_mail_server
from bot.domain.push import P256_ORDER, encoded, is_private_key

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """A setting that cannot work; the message names it and says what would."""


@dataclass(frozen=True)
class Settings:
    """Everything an installation can choose. See docs/settings.md."""

    var: Path
    data: Path
    database_url: str
    redis_url: str | None
    host: str
    port: int
    public_url: str
    telegram_token: str | None
    telegram_base_url: str
    telegram_webhook_secret: str | None
    mail_server: MailServer | None
    mail_from: str
    rasa_url: str | None
    translate_url: str | None
    internal_token: str
    vapid_key: str = field(repr=False)
    secure_cookies: bool
    trusted_proxies: str | None

    @property
    def brain_folder(self) -> Path:
        """Where trained classifiers lie, one file per fingerprint of their examples."""
        return self.var / "brain"

    @property
    def contact(self) -> str:
        """Who answers for this installation, as push services want it (RFC 8292); empty if nobody is named."""
        if self.mail_from:
            return f"mailto:{self.mail_from}"
        return self.public_url if self.public_url.startswith("https://") else ""

    @property
    def files_folder(self) -> Path:
        """Where pictures and other files of citizens are kept."""
        return self.var / "attachments"

    @property
    def spool_folder(self) -> Path:
        """Where messages wait while the database is away."""
        return self.var / "spool"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the environment. Raises SettingsError with a sentence a person understands."""
    env = os.environ if environment is None else environment
    var = Path(env.get("HEMSEHRI_VAR_DIR") or ROOT / "var").absolute()
    port = _port(env.get("HEMSEHRI_PORT", "8000"))
    host = env.get("HEMSEHRI_HOST", "127.0.0.1")
    public_url = env.get("HEMSEHRI_PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/")
    mail_server = _mail_server(env.get("HEMSEHRI_SMTP_URL"))
    return Settings(
        var=var,
        data=Path(env.get("HEMSEHRI_DATA_DIR", str(ROOT / "data"))),
        database_url=_database_url(env.get("HEMSEHRI_DATABASE_URL"), var),
        redis_url=env.get("HEMSEHRI_REDIS_URL") or None,
        host=host,
        port=port,
        public_url=public_url,
        telegram_token=env.get("HEMSEHRI_TELEGRAM_TOKEN") or None,
        telegram_base_url=env.get("HEMSEHRI_TELEGRAM_BASE_URL", "https://api.telegram.org").rstrip("/"),
        telegram_webhook_secret=env.get("HEMSEHRI_TELEGRAM_WEBHOOK_SECRET") or None,
        mail_server=mail_server,
        mail_from=_mail_from(env.get("HEMSEHRI_MAIL_FROM"), needed=mail_server is not None),
        rasa_url=(env.get("HEMSEHRI_RASA_URL") or "").rstrip("/") or None,
        translate_url=_translate_url(env.get("HEMSEHRI_TRANSLATE_URL")),
        internal_token=env.get("HEMSEHRI_INTERNAL_TOKEN") or _stored_token(var),
        vapid_key=_vapid_key(env.get("HEMSEHRI_VAPID_KEY"), var),
        secure_cookies=public_url.startswith("https://"),
        trusted_proxies=env.get("HEMSEHRI_TRUSTED_PROXIES") or None,
    )


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingsError(f"HEMSEHRI_PORT must be a port number from 1 to 65535, not '{text}'")
    return int(text)


def _mail_server(given: str | None) -> MailServer | None:
    if not given:
        return None
    try:
        return parse_mail_server(given)
    except ValueError as error:
        raise SettingsError(f"HEMSEHRI_SMTP_URL {error}") from None


def _mail_from(given: str | None, *, needed: bool) -> str:
    if not given and not needed:
        return ""
    if not given or not is_mail_address(given):
        raise SettingsError(
            "HEMSEHRI_MAIL_FROM must be one e-mail address, as in alerts@example.org: HEMSEHRI_SMTP_URL needs it"
            if not given
            else f"HEMSEHRI_MAIL_FROM must be one e-mail address, as in alerts@example.org, not '{given}'"
        )
    return given


def _translate_url(given: str | None) -> str | None:
    if not given:
        return None
    if not given.startswith(("http://", "https://")):
        raise SettingsError(f"HEMSEHRI_TRANSLATE_URL must start with http:// or https://, not with '{given[:20]}'")
    return given.rstrip("/")


def _database_url(given: str | None, var: Path) -> str:
    if not given:
        return f"sqlite:///{var / 'hemsehri.db'}"
    if given.startswith(("postgres://", "postgresql://")):
        return "postgresql+psycopg://" + given.split("://", 1)[1]
    if not given.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError(
            f"HEMSEHRI_DATABASE_URL must start with sqlite:/// or postgresql://, not with '{given.split('://')[0]}'"
        )
    return given


def _vapid_key(given: str | None, var: Path) -> str:
    if not given:
        # 32 bytes that are a number below the curve's order are a private key (SEC 1, 3.2.1).
        return _stored(var / "vapid-key", lambda: encoded((secrets.randbelow(P256_ORDER - 1) + 1).to_bytes(32)))
    if not is_private_key(given):
        raise SettingsError("HEMSEHRI_VAPID_KEY must be a P-256 private key: 32 bytes in base64url (docs/settings.md)")
    return given


def _stored_token(var: Path) -> str:
    """The secret between our own processes."""
    return _stored(var / "internal-token", lambda: secrets.token_urlsafe(32))


def _stored(path: Path, make: Callable[[], str]) -> str:
    """A secret that is made once and kept readable for this user only."""
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(make(), encoding="ascii")
    try:
        os.link(draft, path)  # of two processes that start together, one wins and both read the same
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()

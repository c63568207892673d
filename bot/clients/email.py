"""Alerts by e-mail: one short plain text for each row, handed to the installation's own mail server."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

from bot.domain.mail import MailServer, Security, is_mail_address
from bot.services.alert_failures import target_of
from bot.services.delivery import DeliveryError
from bot.services.ports import Ports
from bot.storage.tables import OutboxRow

CHANNEL = "email"
# Seconds for each answer. All together may outlast the row's lease; the repeat then has the same Message-ID.
TIMEOUT = 10.0


class EmailTransport:
    """Rows for a desk's mailbox or a person's: the address is looked up at delivery time."""

    def __init__(
        self, server: MailServer, sender: str, *, timeout: float = TIMEOUT, trust: ssl.SSLContext | None = None
    ) -> None:
        self._server, self._sender, self._timeout = server, sender, timeout
        self._trust = trust or ssl.create_default_context()

    def deliver(self, row: OutboxRow, ports: Ports, now: datetime) -> None:
        """Hand one message in. Raises DeliveryError."""
        with ports.database.read() as uow:
            found = target_of(uow, row)
        if not found:
            raise DeliveryError("the desk has no e-mail address any more", retryable=False, code="no_address")
        address = found[0][1]
        self.send(as_message(row, self._sender, address), address)

    def send(self, message: EmailMessage, address: str) -> None:
        """Deliver once to one address. Raises DeliveryError, which says whether trying again makes sense."""
        client: smtplib.SMTP | None = None
        try:
            client = self._connected()
            client.sendmail(self._sender, [address], message.as_bytes())
        except smtplib.SMTPRecipientsRefused as error:
            raise _answered(*error.recipients[address], retryable=False, recipient=True) from error
        except smtplib.SMTPDataError as error:
            raise _answered(error.smtp_code, error.smtp_error, retryable=False) from error
        except smtplib.SMTPResponseException as error:
            # Greeting, sign-in or sender: our setting, not this message's fault. It must wait until that is mended.
            raise _answered(error.smtp_code, error.smtp_error, retryable=True) from error
        except (smtplib.SMTPException, OSError) as error:
            said = f"no usable mail server: {type(error).__name__}: {error}"
            raise DeliveryError(said, retryable=True, code="no_connection") from error
        else:
            with suppress(smtplib.SMTPException, OSError):  # the message is taken; a rude goodbye changes nothing
                client.quit()
        finally:
            if client is not None:
                client.close()

    def _connected(self) -> smtplib.SMTP:
        """A session that is as private as the setting says, and signed in."""
        server = self._server
        name = self._sender.rpartition("@")[2]  # given, so that smtplib asks no name server what we are called
        if server.security is Security.TLS:
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, name, timeout=self._timeout, context=self._trust
            )
        else:
            client = smtplib.SMTP(server.host, server.port, name, timeout=self._timeout)
        try:
            if server.security is Security.STARTTLS:
                client.starttls(context=self._trust)  # raises where the server offers none: never on in clear
            if server.user and server.password:
                client.login(server.user, server.password)
        except BaseException:
            client.close()
            raise
        return client


def as_message(row: OutboxRow, sender: str, address: str) -> EmailMessage:
    """The row as mail: the same bytes at every try, so that mail systems recognise a repeat. Raises DeliveryError."""
    if not is_mail_address(address):
        raise DeliveryError("the e-mail address cannot be one", retryable=False, code="no_address")
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = address
    message["Subject"] = _one_line(row.body["subject"])
    message["Date"] = row.created_at
    message["Message-ID"] = message_id(row, sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content(row.body["text"], cte="quoted-printable")
    message["Content-Language"] = _one_line(row.body["language"])  # after the text, which clears these headers
    return message


def message_id(row: OutboxRow, domain: str) -> str:
    """The same for every try of a row, and no other's: a new database counts its rows from 1 again."""
    what = hashlib.sha256(f"{row.dedup_key}|{row.created_at.timestamp()}".encode()).hexdigest()[:24]
    return f"<hemsehri.{row.id}.{what}@{domain}>"


def _one_line(text: str) -> str:
    """Without anything that could begin another header."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _answered(code: int, words: bytes | str, *, retryable: bool, recipient: bool = False) -> DeliveryError:
    """An error from an answer of the server; one that begins with 4 passes. `recipient`: it is about the address."""
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    again = retryable or code < 500
    why = "mail_delayed" if again else "mailbox_refused" if recipient else "refused"
    answer = f"the mail server answered {code} {said[:200]}"
    return DeliveryError(answer, retryable=again, code=why, bounced=recipient and not again)

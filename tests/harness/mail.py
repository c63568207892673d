"""A small mail server for tests: takes mail, refuses it, hangs up or falls silent, at the step it was told to."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

OK = {
    "CONNECT": "220 mail.test",
    "EHLO": "250 mail.test",
    "AUTH": "235 signed in",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    ".": "250 taken",
    "RSET": "250 ok",
    "QUIT": "221 bye",
    "STARTTLS": "220 go on",
}
HANG_UP, SILENT = "hang up", "silent"


class MailServer:
    """`answers` maps a step (a command, CONNECT, or '.' for the end of the text) to what is said there, in order."""

    def __init__(self, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, list[str]] = {}
        self.got: list[tuple[str, bytes]] = []  # (recipient, message) of everything that was taken
        self.said: list[str] = []  # every command, with its words
        self.starttls, self.tls = starttls, tls
        self.stopped = threading.Event()
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError, EOFError):
                    Session(outer, self.request).run()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None: ...

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, step: str) -> str:
        waiting = self.answers.get(step)
        return waiting.pop(0) if waiting else OK.get(step, "500 what?")

    def message(self, position: int = -1) -> EmailMessage:
        """A message that was taken, read as a mail program does."""
        found = message_from_bytes(self.got[position][1], policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    def stop(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()


class Session:
    """One connection."""

    def __init__(self, server: MailServer, connection: socket.socket) -> None:
        self.server, self.recipient = server, ""
        self._use(server.tls.wrap_socket(connection, server_side=True) if server.tls else connection)

    def _use(self, connection: socket.socket) -> None:
        self.connection, self.lines = connection, connection.makefile("rb")

    def run(self) -> None:
        self.reply("CONNECT")
        while line := self.lines.readline():
            words = line.decode("ascii", "replace").strip()
            self.server.said.append(words)
            step = words.split(" ")[0].upper()
            if step == "RCPT":
                self.recipient = words.partition("<")[2].partition(">")[0]
            if not self.reply(step).startswith(("2", "3")):
                continue
            if step == "DATA":
                self.take()
            elif step == "STARTTLS" and self.server.starttls:
                self._use(self.server.starttls.wrap_socket(self.connection, server_side=True))
            elif step == "QUIT":
                return

    def take(self) -> None:
        text = b""
        while (line := self.lines.readline()) and line != b".\r\n":
            text += line.removeprefix(b".") if line.startswith(b"..") else line
        if self.reply(".").startswith("2"):
            self.server.got.append((self.recipient, text))

    def reply(self, step: str) -> str:
        answer = self.server.answer(step)
        if answer == HANG_UP:
            self.connection.close()
            self.lines.close()
            raise EOFError
        if answer == SILENT:
            self.server.stopped.wait(10)
            raise EOFError
        more = ["AUTH PLAIN"]
        if self.server.starttls and not isinstance(self.connection, ssl.SSLSocket):
            more.append("STARTTLS")
        lines = [answer, *(f"250 {word}" for word in more)] if (step, answer[:3]) == ("EHLO", "250") else [answer]
        marked = [f"{line[:3]}-{line[4:]}" for line in lines[:-1]] + lines[-1:]
        self.connection.sendall("".join(f"{line}\r\n" for line in marked).encode("ascii"))
        return answer


@contextmanager
def mail_server(**ways: ssl.SSLContext | None) -> Iterator[MailServer]:
    """A running server, stopped afterwards."""
    server = MailServer(**ways)
    try:
        yield server
    finally:
        server.stop()


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of its own for localhost, and a client's context that trusts it."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / "mail.pem"
    path.write_bytes(key.private_bytes(*kinds) + signed.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=str(path))

"""A Telegram Bot API server for tests: the part of its contract that we rely on, and faults on demand.

What it keeps from https://core.telegram.org/bots/api (checked in tests/channels/test_bot_api_contract.py):
getUpdates confirms every update below `offset`, returns the unconfirmed ones oldest first and is refused (409)
while a webhook is set; the webhook is called with the secret in a header, again and again until it answers 2xx;
a text has 1 to 4096 characters; callback data has 1 to 64 bytes; 429 carries `parameters.retry_after`;
the answer to a pressed button has at most 200 characters and a button that was never pressed cannot be answered; a
group that has thrown us out is a 403; one that became a supergroup is a 400 with `parameters.migrate_to_chat_id`;
kinds of update that were not allowed do not come.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx

from tests.harness.bot_api_faults import Fault
from tests.harness.bot_api_people import TelegramGroup, TelegramUser

TOKEN = "4242:test-token"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_PATH = re.compile(r"^/bot(?P<token>[^/]+)/(?P<method>\w+)$")


@dataclass
class Call:
    """One call as it arrived. `ok` is whether the server carried it out."""

    method: str
    params: dict[str, Any]
    at: float
    ok: bool = False
    result: Any = None


@dataclass
class FakeBotApi:
    """Start it with `with FakeBotApi() as fake:`; `fake.url` is the base URL."""

    calls: list[Call] = field(default_factory=list)
    pending: list[dict[str, Any]] = field(default_factory=list)
    webhook_statuses: list[int] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)  # what people sent, by file id

    def __post_init__(self) -> None:
        self.changed = threading.Condition()
        self.next_update_id = 700_000_001
        self._next_message_id = 1
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._webhook: tuple[str, str] | None = None
        self._allowed: list[str] = []
        self.closed_to_us: set[int] = set()  # groups that have thrown us out
        self.moved_to: dict[int, int] = {}  # groups that became supergroups
        self.queries: dict[str, int] = {}  # pressed buttons: who pressed
        self._closing = threading.Event()
        self._epoch = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # callers die: that is the test
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> FakeBotApi:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        threading.Thread(target=self._push, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with self.changed:
            self.changed.notify_all()
        self._server.shutdown()
        self._server.server_close()

    # --- what a test says ---------------------------------------------------------------------------
    def script(self, method: str, *faults: Fault) -> None:
        """The next calls of a method meet these faults, in order; later ones are answered well."""
        with self.changed:
            self._faults[method].extend(faults)

    def user(self, chat_id: int, language: str = "") -> TelegramUser:
        """Somebody with a private chat."""
        return TelegramUser(self, chat_id, language)

    def group(self, chat_id: int) -> TelegramGroup:
        """A group that the bot is in; its number is negative."""
        return TelegramGroup(self, chat_id)

    def add_update(self, **content: Any) -> dict[str, Any]:
        """Queue an update, as if something had happened in a chat."""
        with self.changed:
            if query := content.get("callback_query"):
                self.queries[query["id"]] = query["from"]["id"]
            if self._allowed and not set(content) & set(self._allowed):
                return content
            update = {"update_id": self.next_update_id, **content}
            self.next_update_id += 1
            self.pending.append(update)
            self.changed.notify_all()
        return update

    def end_long_polls(self) -> None:
        """Answer every waiting getUpdates with nothing, as after its timeout."""
        with self.changed:
            self._epoch += 1
            self.changed.notify_all()

    # --- what a test asks ---------------------------------------------------------------------------
    def sent(self, chat_id: int) -> list[dict[str, Any]]:
        """Every message that reached a chat, oldest first."""
        return [
            call.params | {"message_id": call.result["message_id"], "at": call.at}
            for call in list(self.calls)
            if call.ok and call.method == "sendMessage" and int(call.params["chat_id"]) == chat_id
        ]

    def shown_to(self, user_id: int) -> list[str]:
        """What the buttons that somebody pressed were answered with, oldest first; '' is only the spinner's end."""
        answers = [call for call in list(self.calls) if call.ok and call.method == "answerCallbackQuery"]
        mine = [call for call in answers if self.queries[call.params["callback_query_id"]] == user_id]
        return [call.params.get("text", "") for call in mine]

    def take_updates(self) -> list[dict[str, Any]]:
        """Everything pending, taken away: for tests that hand updates over themselves."""
        with self.changed:
            taken, self.pending = self.pending, []
        return taken

    def attempts(self, chat_id: int) -> list[Call]:
        """Every sendMessage for a chat, carried out or not."""
        return [c for c in list(self.calls) if c.method == "sendMessage" and int(c.params["chat_id"]) == chat_id]

    def called(self, method: str) -> list[Call]:
        """Every call of a method."""
        return [call for call in list(self.calls) if call.method == method]

    def wait_until(self, true: Any, seconds: float = 15) -> bool:
        """Wait until a condition over this server holds; looks again whenever a call arrives."""
        with self.changed:
            return bool(self.changed.wait_for(lambda: self._closing.is_set() or true(), seconds)) and true()

    # --- the server -----------------------------------------------------------------------------------
    def answer(self, token: str, method: str, params: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        """Status and body for one call; None drops the connection."""
        if token != TOKEN:
            return 401, {"ok": False, "error_code": 401, "description": "Unauthorized"}
        call = Call(method, params, time.monotonic())
        with self.changed:
            fault = self._faults[method].popleft() if self._faults[method] else Fault()
            if fault.drop == "before":
                return None
            self.calls.append(call)
            self.changed.notify_all()
        if fault.seconds:
            self._closing.wait(fault.seconds)
        if fault.code:
            body: dict[str, Any] = {"ok": False, "error_code": fault.code, "description": fault.description}
            if fault.retry_after:
                body["parameters"] = {"retry_after": fault.retry_after}
            return fault.code, body
        try:
            call.result = self._carry_out(method, params)
        except _RefusedError as refused:
            answer = {"ok": False, "error_code": refused.code, "description": str(refused)}
            return refused.code, answer | ({"parameters": refused.parameters} if refused.parameters else {})
        with self.changed:
            call.ok = True
            self.changed.notify_all()
        return None if fault.drop == "after" else (200, {"ok": True, "result": call.result})

    def _carry_out(self, method: str, params: dict[str, Any]) -> Any:
        if method == "getMe":
            return {"id": 4242, "is_bot": True, "first_name": "Hemşehri", "username": "hemsehri_bot"}
        if "allowed_updates" in params:
            self._allowed = params["allowed_updates"]
        if method == "answerCallbackQuery":
            return self._answer_query(params)
        if method == "getUpdates":
            return self._get_updates(int(params.get("offset", 0)), float(params.get("timeout", 0)))
        if method == "sendMessage":
            return self._send_message(params)
        if method == "getFile":
            return self._get_file(params["file_id"])
        if method == "setWebhook":
            with self.changed:
                self._webhook = (params["url"], params.get("secret_token", ""))
                self.changed.notify_all()
        elif method == "deleteWebhook":
            self._webhook = None
        elif method != "setMyCommands":
            raise _RefusedError(404, "Not Found")
        return True

    def _get_file(self, file_id: str) -> dict[str, Any]:
        if file_id not in self.files:
            raise _RefusedError(400, "Bad Request: invalid file_id")
        found = {"file_id": file_id, "file_unique_id": file_id, "file_path": f"files/{file_id}"}
        return found | {"file_size": len(self.files[file_id])}

    def _get_updates(self, offset: int, timeout: float) -> list[dict[str, Any]]:
        if self._webhook:
            raise _RefusedError(409, "Conflict: can't use getUpdates method while webhook is active")
        with self.changed:
            self.pending = [update for update in self.pending if update["update_id"] >= offset]
            epoch = self._epoch
            self.changed.wait_for(lambda: self.pending or self._closing.is_set() or self._epoch != epoch, timeout)
            return list(self.pending[:100])

    def _answer_query(self, params: dict[str, Any]) -> bool:
        if params["callback_query_id"] not in self.queries:
            raise _RefusedError(
                400, "Bad Request: query is too old and response timeout expired or query ID is invalid"
            )
        if len(params.get("text", "")) > 200:
            raise _RefusedError(400, "Bad Request: MESSAGE_TOO_LONG")
        return True

    def _send_message(self, params: dict[str, Any]) -> dict[str, Any]:
        chat_id = int(params["chat_id"])
        if chat_id in self.closed_to_us:
            raise _RefusedError(403, "Forbidden: bot was kicked from the group chat")
        if chat_id in self.moved_to:
            moved = {"migrate_to_chat_id": self.moved_to[chat_id]}
            raise _RefusedError(400, "Bad Request: group chat was upgraded to a supergroup chat", moved)
        if not params.get("text", "").strip():
            raise _RefusedError(400, "Bad Request: message text is empty")
        if len(params["text"]) > 4096:
            raise _RefusedError(400, "Bad Request: message is too long")
        for row in params.get("reply_markup", {}).get("inline_keyboard", []):
            for button in row:
                if not 1 <= len(button["callback_data"].encode()) <= 64:
                    raise _RefusedError(400, "Bad Request: BUTTON_DATA_INVALID")
        with self.changed:
            message_id, self._next_message_id = self._next_message_id, self._next_message_id + 1
        chat = {"id": chat_id, "type": "private" if chat_id > 0 else "group", "first_name": "Test"}
        return {"message_id": message_id, "date": int(time.time()), "chat": chat, "text": params["text"]}

    def _push(self) -> None:
        """Call the webhook with what is pending, oldest first, until each is answered 2xx."""
        with httpx.Client(trust_env=False, timeout=30) as client:
            while not self._closing.is_set():
                with self.changed:
                    self.changed.wait_for(lambda: (self._webhook and self.pending) or self._closing.is_set())
                    if self._closing.is_set() or self._webhook is None:
                        continue
                    (url, secret), update = self._webhook, self.pending[0]
                headers = {SECRET_HEADER: secret} if secret else {}
                try:
                    status = client.post(url, json=update, headers=headers).status_code
                except httpx.HTTPError:
                    status = 0
                with self.changed:
                    self.webhook_statuses.append(status)
                    if 200 <= status < 300:
                        self.pending.remove(update)
                        self.changed.notify_all()
                        continue
                self._closing.wait(0.1)


class _RefusedError(Exception):
    def __init__(self, code: int, description: str, parameters: dict[str, int] | None = None) -> None:
        super().__init__(description)
        self.code, self.parameters = code, parameters


def _handler(fake: FakeBotApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            match = _PATH.match(self.path)
            answer = fake.answer(match["token"], match["method"], _params(body)) if match else (404, {"ok": False})
            if answer is None:
                self.close_connection = True
                return
            payload = json.dumps(answer[1]).encode()
            with suppress(ConnectionError):  # the caller may have died while we were slow
                self.send_response(answer[0])
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

        def do_GET(self) -> None:
            if not unquote(self.path).startswith(f"/file/bot{TOKEN}/files/"):
                return self.do_POST()
            content = fake.files[self.path.rpartition("/")[2]]
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            return None

        def log_message(self, *_: object) -> None:
            """Silence."""

    return Handler


def _params(body: str) -> dict[str, Any]:
    """Form fields as python-telegram-bot sends them: anything that is not a text is JSON."""
    params: dict[str, Any] = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
    for name in ("reply_markup", "commands", "allowed_updates"):
        if name in params:
            params[name] = json.loads(params[name])
    return params

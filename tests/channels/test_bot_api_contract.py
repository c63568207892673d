"""The fake Bot API keeps the contract that https://core.telegram.org/bots/api documents, where we rely on it."""

from __future__ import annotations

import http.server
import json
import threading

import httpx
import pytest

from tests.harness.bot_api import SECRET_HEADER, TOKEN, FakeBotApi, Fault


def call(fake: FakeBotApi, method: str, token: str = TOKEN, **params: object) -> httpx.Response:
    data = {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}
    return httpx.post(f"{fake.url}/bot{token}/{method}", data=data, trust_env=False, timeout=10)


def ids(response: httpx.Response) -> list[int]:
    return [update["update_id"] for update in response.json()["result"]]


def test_an_update_is_confirmed_by_an_offset_above_it_and_not_by_being_read(fake: FakeBotApi) -> None:
    first, second = (fake.user(7).writes(word)["update_id"] for word in ("one", "two"))
    assert ids(call(fake, "getUpdates")) == [first, second]
    assert ids(call(fake, "getUpdates")) == [first, second], "reading confirms nothing"
    assert ids(call(fake, "getUpdates", offset=first + 1)) == [second]
    assert ids(call(fake, "getUpdates")) == [second], "what is confirmed is forgotten"
    assert ids(call(fake, "getUpdates", offset=second + 1)) == []


def test_a_long_poll_returns_as_soon_as_there_is_an_update(fake: FakeBotApi) -> None:
    timer = threading.Timer(0.2, lambda: fake.user(7).writes("late"))
    timer.start()
    assert len(ids(call(fake, "getUpdates", timeout=8))) == 1


def test_polling_is_refused_while_a_webhook_is_set(fake: FakeBotApi) -> None:
    call(fake, "setWebhook", url="http://127.0.0.1:9/hook", secret_token="s")
    refused = call(fake, "getUpdates")
    assert (refused.status_code, refused.json()["ok"]) == (409, False)
    call(fake, "deleteWebhook")
    assert call(fake, "getUpdates").status_code == 200


def test_the_webhook_gets_the_secret_and_the_update_again_until_it_says_2xx(fake: FakeBotApi) -> None:
    seen: list[tuple[str | None, int]] = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            update = json.loads(self.rfile.read(int(self.headers["content-length"])))
            seen.append((self.headers[SECRET_HEADER], update["update_id"]))
            self.send_response(500 if len(seen) < 3 else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = http.server.HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    update_id = fake.user(7).writes("hello")["update_id"]
    call(fake, "setWebhook", url=f"http://127.0.0.1:{server.server_port}/", secret_token="s3cret")
    assert fake.wait_until(lambda: not fake.pending)
    assert seen == [("s3cret", update_id)] * 3
    server.shutdown()
    server.server_close()


LIMITS = [
    ("a text of 4096 characters is taken", {"text": "x" * 4096}, 200, ""),
    ("one more is not", {"text": "x" * 4097}, 400, "message is too long"),
    ("an empty text is not", {"text": " "}, 400, "message text is empty"),
    ("callback data of 64 bytes is taken", {"text": "x", "data": "x" * 64}, 200, ""),
    ("one more is not", {"text": "x", "data": "x" * 65}, 400, "BUTTON_DATA_INVALID"),
]


@pytest.mark.parametrize(("params", "status", "says"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS])
def test_the_limits_of_a_message(fake: FakeBotApi, params: dict[str, str], status: int, says: str) -> None:
    keyboard = {"inline_keyboard": [[{"text": "t", "callback_data": params["data"]}]]} if "data" in params else {}
    response = call(fake, "sendMessage", chat_id=7, text=params["text"], reply_markup=keyboard)
    assert response.status_code == status
    assert says in response.json().get("description", "")


FAULTS = [
    ("429 says when to come back", Fault.too_many(7), 429, {"retry_after": 7}),
    ("a blocked bot is a 403", Fault.blocked(), 403, None),
    ("an unknown chat is a 400", Fault.bad_request(), 400, None),
    ("trouble on their side is a 500", Fault.broken(), 500, None),
]


@pytest.mark.parametrize(("fault", "status", "parameters"), [r[1:] for r in FAULTS], ids=[r[0] for r in FAULTS])
def test_scripted_faults_are_answered_once_and_in_telegrams_shape(
    fake: FakeBotApi, fault: Fault, status: int, parameters: dict[str, int] | None
) -> None:
    fake.script("sendMessage", fault)
    first = call(fake, "sendMessage", chat_id=7, text="x")
    assert (first.status_code, first.json()["ok"], first.json()["error_code"]) == (status, False, status)
    assert first.json().get("parameters") == parameters
    assert fake.sent(7) == []
    assert call(fake, "sendMessage", chat_id=7, text="x").json()["result"]["message_id"]
    assert len(fake.sent(7)) == 1


@pytest.mark.parametrize("recorded", [False, True], ids=["before it was recorded", "after it was recorded"])
def test_a_connection_can_be_dropped(fake: FakeBotApi, recorded: bool) -> None:
    fake.script("sendMessage", Fault.dropped(recorded=recorded))
    with pytest.raises(httpx.HTTPError):
        call(fake, "sendMessage", chat_id=7, text="x")
    assert len(fake.sent(7)) == int(recorded)


def test_a_wrong_token_is_refused(fake: FakeBotApi) -> None:
    assert call(fake, "getMe", token="1:wrong").status_code == 401
    assert call(fake, "getMe").json()["result"]["is_bot"]


def test_a_reply_carries_the_message_that_it_answers_and_a_press_the_one_it_stands_under(fake: FakeBotApi) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Accept", "callback_data": "duty:accept:1"}]]}
    number = call(fake, "sendMessage", chat_id=7, text="Case 1", reply_markup=keyboard).json()["result"]["message_id"]
    fake.user(7).replies("I take it", to="Case 1")
    fake.user(7).presses("Accept")
    reply, press = call(fake, "getUpdates").json()["result"]
    assert reply["message"]["reply_to_message"]["message_id"] == number
    assert press["callback_query"]["message"]["message_id"] == number
    assert press["callback_query"]["from"]["id"] == 7


def test_in_a_group_a_press_names_the_person_and_the_group(fake: FakeBotApi) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Accept", "callback_data": "duty:accept:1"}]]}
    call(fake, "sendMessage", chat_id=-5, text="Case 1", reply_markup=keyboard)
    fake.group(-5).presses(fake.user(7), "Accept")
    (press,) = call(fake, "getUpdates").json()["result"]
    assert press["callback_query"]["from"]["id"] == 7
    assert press["callback_query"]["message"]["chat"] == {"id": -5, "type": "group", "title": "A group"}


ANSWERS = [
    ("200 characters are taken", "pressed", "x" * 200, 200),
    ("one more is not", "pressed", "x" * 201, 400),
    ("no text at all only ends the spinner", "pressed", "", 200),
    ("a button that nobody pressed cannot be answered", "unknown", "x", 400),
]


@pytest.mark.parametrize(("query", "text", "status"), [r[1:] for r in ANSWERS], ids=[r[0] for r in ANSWERS])
def test_the_answer_to_a_pressed_button(fake: FakeBotApi, query: str, text: str, status: int) -> None:
    pressed = fake.user(7).sends_data("duty:accept:1")["callback_query"]["id"]
    number = pressed if query == "pressed" else "12345"
    assert call(fake, "answerCallbackQuery", callback_query_id=number, text=text).status_code == status
    assert fake.shown_to(7) == ([text] if status == 200 else [])


def test_a_group_that_has_thrown_us_out_or_moved_takes_nothing_and_says_why(fake: FakeBotApi) -> None:
    fake.group(-5).throws_the_bot_out(by=fake.user(7))
    (update,) = call(fake, "getUpdates").json()["result"]
    assert update["my_chat_member"]["new_chat_member"]["status"] == "left"
    assert call(fake, "sendMessage", chat_id=-5, text="x").status_code == 403
    fake.group(-6).becomes_a_supergroup(-1006)
    refused = call(fake, "sendMessage", chat_id=-6, text="x").json()
    assert (refused["error_code"], refused["parameters"]) == (400, {"migrate_to_chat_id": -1006})
    assert call(fake, "sendMessage", chat_id=-1006, text="x").status_code == 200


def test_only_kinds_of_update_that_are_allowed_come(fake: FakeBotApi) -> None:
    call(fake, "getUpdates", allowed_updates=["message"])
    fake.user(7).sends_data("duty:accept:1")
    heard = fake.user(7).writes("hello")
    assert ids(call(fake, "getUpdates")) == [heard["update_id"]]

"""The widget's HTTP interface, over a real server: durable in, resumable out, and honest about errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import func, select

from bot.channels.web_widget import make_id
from bot.i18n.catalogues import LANGUAGES, text
from bot.storage.tables import InboxRow
from bot.web.server import create_app
from tests.channels.widgets import Stream, Widget, client
from tests.harness.servers import serving
from tests.harness.town import Town

STOLEN = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"
PROBLEM = "application/problem+json"


@pytest.fixture
def served(make_town: Callable[..., Town]) -> Iterator[tuple[Town, str]]:
    town = make_town()
    town.ports.clock = lambda: datetime.now(UTC)
    with serving(create_app(town.ports, town.settings)) as url:
        yield town, url


@pytest.fixture
def url(served: tuple[Town, str]) -> str:
    return served[1]


def assert_problem(response: httpx.Response, status: int, label: str = "") -> None:
    assert response.status_code == status, (label, response.text)
    assert response.headers["content-type"] == PROBLEM, label
    body = response.json()
    assert set(body) == {"type", "status", "title", "detail"}, label
    assert body["status"] == status
    assert len(body["detail"].split()) >= 3, f"{label}: a sentence, not '{body['detail']}'"


def test_a_conversation_starts_in_each_of_the_six_languages(url: str) -> None:
    for language in LANGUAGES:
        started = Widget(url, language).started
        assert started["language"] == language
        assert started["direction"] == ("rtl" if language == "ar" else "ltr")
        assert started["texts"]["button.human"] == text("button.human", language)
        assert all(started["texts"].values())
    assert Widget(url, "de-AT").started["language"] == "de"
    assert Widget(url, "xx").started["language"] == "en"


def test_a_cry_for_help_is_answered_with_the_number_first_and_location_sharing_works(url: str) -> None:
    widget = Widget(url)
    replies = widget.writes(STOLEN)
    assert "110" in replies[0]["text"].splitlines()[0]
    assert next(line["author"] for line in widget.lines()) == "citizen"
    replies = widget.writes(location={"lat": 50.94, "lon": 6.96})
    assert "Altstadt" in replies[0]["text"], "the quarter of Köln where that is"
    own = [line for line in widget.lines() if line["location"]]
    assert own[0]["location"] == {"lat": 50.94, "lon": 6.96}


def test_a_chosen_language_is_answered_in_and_told_to_the_page(url: str) -> None:
    widget = Widget(url, "de")
    stream = Stream(widget)
    replies = widget.writes(payload="/lang ar")
    assert replies[0]["language"] == "ar"
    stream.wait(lambda: stream.states() and stream.states()[-1]["direction"] == "rtl")
    assert stream.states()[-1]["language"] == "ar"
    assert widget.writes(payload="/help")[0]["text"] == text("say.help", "ar")
    stream.close()


def test_a_message_sent_again_has_no_effect(served: tuple[Town, str]) -> None:
    town, url = served
    widget = Widget(url)
    with ThreadPoolExecutor(5) as pool:
        states = list(pool.map(lambda _: widget.sends("merhaba", "same").json()["state"], range(5)))
    assert sorted(states) == ["repeat"] * 4 + ["stored"]
    assert Widget(url).sends("merhaba", "same").json()["state"] == "stored", "other conversations have their own"
    with town.database.read() as uow:
        assert uow.session.scalar(select(func.count()).select_from(InboxRow)) == 2


def test_a_stream_resumes_where_it_broke_without_loss_or_doubling(url: str) -> None:
    widget = Widget(url)
    first = Stream(widget)
    assert first.response.headers["content-type"].startswith("text/event-stream")
    widget.writes("merhaba")
    first.wait(lambda: len(first.messages()) >= 2)
    seen, last_id = first.messages(), first.last_id
    first.close()
    widget.writes(payload="/help")
    widget.writes(payload="/status")
    second = Stream(widget, last_event_id=last_id)
    total = len(widget.lines())
    second.wait(lambda: len(seen) + len(second.messages()) >= total)
    sequence = [message["seq"] for message in [*seen, *second.messages()]]
    assert sequence == list(range(1, total + 1))
    widget.writes(payload="/help")
    second.wait(lambda: len(second.messages()) >= len(widget.lines()) - len(seen))
    second.close()


def test_two_open_pages_of_one_conversation_see_the_same(url: str) -> None:
    widget = Widget(url)
    streams = [Stream(widget), Stream(widget)]
    widget.writes("merhaba")
    for stream in streams:
        stream.wait(lambda stream=stream: len(stream.messages()) >= 2)
    assert streams[0].messages()[:2] == streams[1].messages()[:2]
    for stream in streams:
        stream.close()


def test_lines_are_paged(url: str) -> None:
    widget = Widget(url)
    for _ in range(3):
        widget.writes(payload="/help")
    path, seen, after = f"{widget.path}/messages", [], 0
    while True:
        page = widget.http.get(path, params={"after": after, "limit": 2}).json()
        seen += [line["seq"] for line in page["messages"]]
        if page["next_after"] is None:
            break
        after = page["next_after"]
    assert seen == list(range(1, 7))


def test_a_forged_address_is_unknown_everywhere(served: tuple[Town, str]) -> None:
    town, url = served
    real = make_id(town.settings.internal_token, "tr")
    forged = [real[:-1] + ("0" if real[-1] != "0" else "1"), real.split(".")[0], "x", make_id("another key", "tr"), "."]
    with client(url) as http:
        for identity in forged:
            path = f"/chat/v1/conversations/{identity}"
            body = {"client_message_id": "1", "text": "x"}
            assert_problem(http.post(f"{path}/messages", json=body), 404, identity)
            assert_problem(http.get(f"{path}/messages"), 404, identity)
            assert_problem(http.get(f"{path}/events"), 404, identity)


WRONG: list[tuple[str, object]] = [
    ("nothing at all", {"client_message_id": "1"}),
    ("only spaces", {"client_message_id": "1", "text": "  \n"}),
    ("no id of the message", {"text": "x"}),
    ("an empty id", {"client_message_id": "", "text": "x"}),
    ("an id that is too long", {"client_message_id": "x" * 65, "text": "x"}),
    ("a text that is too long", {"client_message_id": "1", "text": "x" * 20_001}),
    ("a text that is a number", {"client_message_id": "1", "text": 7}),
    ("a place beyond the pole", {"client_message_id": "1", "location": {"lat": 91, "lon": 0}}),
    ("half a place", {"client_message_id": "1", "location": {"lat": 50}}),
    ("a place that is no number", {"client_message_id": "1", "location": {"lat": "NaN", "lon": 0}}),
    ("a list", [1]),
]


def test_a_wrong_message_is_refused_with_a_sentence_and_nothing_is_stored(served: tuple[Town, str]) -> None:
    town, url = served
    widget = Widget(url)
    path = f"{widget.path}/messages"
    for label, body in WRONG:
        assert_problem(widget.http.post(path, json=body), 422, label)
    assert_problem(widget.http.post(path, content=b"{not json"), 422, "not JSON")
    assert_problem(widget.http.post(path, content=b""), 422, "no body")
    assert_problem(widget.http.get(path, params={"limit": 0}), 422)
    assert_problem(widget.http.get(path, params={"after": "x"}), 422)
    with town.database.read() as uow:
        assert uow.session.scalar(select(func.count()).select_from(InboxRow)) == 0


ODD_TEXTS = ["a\x00b", "𝕳𝖎 👨‍👩‍👧", "\u202eright to left", "x" * 20_000, "<script>alert(1)</script>"]


def test_odd_but_honest_texts_are_taken_and_answered(url: str) -> None:
    widget = Widget(url)
    for odd in ODD_TEXTS:
        assert widget.writes(odd), odd[:20]


EDGES = [
    pytest.param(*values[1:], id=str(values[0])) for values in [
    ("a signature outside ASCII", "GET", "/chat/v1/conversations/abc.%C3%A9/messages", {}, 404),
    ("a sequence number beyond 64 bits", "GET", "{path}/messages?after=99999999999999999999", {}, 422),
    ("a negative sequence number", "GET", "{path}/messages?after=-1", {}, 422),
    ("a resume id that is no number", "HEAD-OF", "{path}/events", {"last-event-id": "abc"}, 200),
    ("a resume id of odd digits", "HEAD-OF", "{path}/events", {"last-event-id": b"\xc2\xb2"}, 200),
    ("an unknown address", "GET", "/nowhere", {}, 404),
    ("a method that is not there", "DELETE", "{path}/messages", {}, 405),
    ]
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "headers", "status"), EDGES)
def test_no_request_makes_an_error_of_ours(
    url: str, method: str, path: str, headers: dict[str, str], status: int | None
) -> None:
    widget = Widget(url)
    widget.writes("merhaba")
    path = path.format(path=widget.path)
    if method == "HEAD-OF":  # a stream: its first line is enough
        with widget.http.stream("GET", path, headers=headers) as response:
            assert response.status_code == status
        return
    response = widget.http.request(method, path, headers=headers)
    assert response.status_code < 500
    if status:
        assert_problem(response, status)


def test_too_much_is_429_with_advice_and_others_go_on(served: tuple[Town, str]) -> None:
    _, url = served
    widget = Widget(url)
    responses = [widget.sends("", client_message_id=str(n), payload="/none") for n in range(65)]
    refused = [response for response in responses if response.status_code == 429]
    assert 1 <= len(refused) <= 5, "the rule is 60 a minute and conversation"
    assert Widget(url).sends("merhaba", client_message_id="1").status_code == 202, "others behind one address go on"
    assert_problem(refused[0], 429)
    assert "emergency" in refused[0].json()["detail"]
    assert int(refused[0].headers["retry-after"]) > 0
    assert widget.http.get(f"{widget.path}/messages").status_code == 200, "reading goes on"


def test_another_site_may_embed_the_widget(url: str) -> None:
    origin = {"origin": "https://belediye.example"}
    with client(url) as http:
        asks = {**origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type"}
        allowed = http.options("/chat/v1/conversations", headers=asks)
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == "*"
        assert "POST" in allowed.headers["access-control-allow-methods"]
        response = http.post("/chat/v1/conversations", json={}, headers=origin)
        assert response.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in response.headers, "the address is the only key"
        refused = http.get("/chat/v1/conversations/x/messages", headers=origin)
        assert refused.headers["access-control-allow-origin"] == "*", "errors can be read there too"


def test_every_response_has_the_security_headers(url: str) -> None:
    widget = Widget(url)
    for path in ("/", f"{widget.path}/messages", "/nowhere", "/health/live", "/openapi.json"):
        headers = widget.http.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer", path
    stream = Stream(widget)
    assert stream.response.headers["cache-control"] == "no-store"
    assert stream.response.headers["x-accel-buffering"] == "no"
    stream.close()


def test_openapi_lists_the_interface(url: str) -> None:
    with client(url) as http:
        paths = http.get("/openapi.json").json()["paths"]
    base = "/chat/v1/conversations"
    wanted = {base, f"{base}/{{conversation_id}}/messages", f"{base}/{{conversation_id}}/events", "/chat/v1/texts",
              "/telegram/webhook", "/health/live", "/health/ready"}  # fmt: skip
    assert wanted <= set(paths)
    assert {"get", "post"} <= set(paths[f"{base}/{{conversation_id}}/messages"])
    assert json.dumps(paths)

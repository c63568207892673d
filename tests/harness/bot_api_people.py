"""People on the other end of the fake Bot API: they write, press, share and read."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.harness.bot_api import FakeBotApi

_message_ids = itertools.count(100_000)


def message_in(chat_id: int, language: str = "", chat_type: str = "private", **content: Any) -> dict[str, Any]:
    """A message as Telegram describes it."""
    person = {"id": abs(chat_id), "is_bot": False, "first_name": "Test"}
    if language:
        person["language_code"] = language
    chat: dict[str, Any] = {"id": chat_id, "type": chat_type}
    chat |= {"first_name": "Test"} if chat_type == "private" else {"title": "A group"}
    date = int(time.time())
    return {"message_id": next(_message_ids), "date": date, "chat": chat, "from": person, **content}


@dataclass
class TelegramUser:
    """Somebody with a private chat with the bot."""

    fake: FakeBotApi
    chat_id: int
    language: str

    def writes(self, text: str) -> dict[str, Any]:
        return self._sends(text=text)

    def replies(self, text: str, to: str) -> dict[str, Any]:
        """Answer the newest message of the bot in which these words stand, with Telegram's own 'reply'."""
        return self._sends(text=text, reply_to_message=_as_original(self._message_with(to), self.chat_id))

    def shares(self, lat: float, lon: float) -> dict[str, Any]:
        return self._sends(location={"latitude": lat, "longitude": lon})

    def _sends(self, **content: Any) -> dict[str, Any]:
        return self.fake.add_update(message=message_in(self.chat_id, self.language, **content))

    def presses(self, title: str) -> dict[str, Any]:
        """Press the newest button with this title, wherever it is; a keyboard's button sends its title."""
        for message in reversed(self.fake.sent(self.chat_id)):
            markup = message.get("reply_markup", {})
            for button in itertools.chain(*markup.get("inline_keyboard", [])):
                if button["text"] == title:
                    return self.sends_data(button["callback_data"], message)
            for button in itertools.chain(*markup.get("keyboard", [])):
                if button["text"] == title:
                    assert not button.get("request_location"), "this button shares a location: use shares()"
                    return self.writes(title)
        raise AssertionError(f"no button '{title}'; there are: {', '.join(self.buttons())}")

    def sends_data(self, data: str, message: dict[str, Any] | None = None) -> dict[str, Any]:
        """What pressing a button sends; the button itself may be long gone."""
        original = message or {"message_id": next(_message_ids), "text": "an old message"}
        return self.fake.add_update(callback_query=_pressed(self.chat_id, self, data, original))

    def shown(self) -> list[str]:
        """What stood over the chat after each button that this person pressed, anywhere."""
        return self.fake.shown_to(self.chat_id)

    def _message_with(self, words: str) -> dict[str, Any]:
        found = [message for message in self.fake.sent(self.chat_id) if words in message["text"]]
        assert found, f"no message says '{words}'; there are: {self.reads()}"
        return found[-1]

    def buttons(self) -> list[str]:
        """The titles under the newest message."""
        sent = self.fake.sent(self.chat_id)
        markup = sent[-1].get("reply_markup", {}) if sent else {}
        rows = [*markup.get("inline_keyboard", []), *markup.get("keyboard", [])]
        return [button["text"] for row in rows for button in row]

    def reads(self, at_least: int = 0, seconds: float = 20) -> list[str]:
        """Every text in this chat, waiting until there are `at_least` so many."""
        arrived = self.fake.wait_until(lambda: len(self.fake.sent(self.chat_id)) >= at_least, seconds)
        texts = [message["text"] for message in self.fake.sent(self.chat_id)]
        assert arrived, f"expected {at_least} messages within {seconds} s, got {len(texts)}: {texts}"
        return texts


BOT = {"id": 4242, "is_bot": True, "first_name": "Hemşehri", "username": "hemsehri_bot"}


def _as_original(message: dict[str, Any], chat_id: int) -> dict[str, Any]:
    """One of the bot's messages as an update describes what was answered or pressed."""
    kind = "private" if chat_id > 0 else "group"
    content = {"message_id": message["message_id"], "text": message["text"], "from": BOT}
    return message_in(chat_id, "", kind) | content


def _pressed(chat_id: int, user: TelegramUser, data: str, message: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(next(_message_ids)),
        "from": message_in(user.chat_id, user.language)["from"],
        "chat_instance": "1",
        "data": data,
        "message": _as_original(message, chat_id),
    }


@dataclass
class TelegramGroup:
    """A group that the bot is in."""

    fake: FakeBotApi
    chat_id: int

    def hears(self, user: TelegramUser, text: str, **content: Any) -> dict[str, Any]:
        """Somebody writes here."""
        person = message_in(user.chat_id, user.language)["from"]
        message = message_in(self.chat_id, "", "group", text=text, **content) | {"from": person}
        return self.fake.add_update(message=message)

    def hears_reply(self, user: TelegramUser, text: str) -> dict[str, Any]:
        """Somebody answers the bot's newest message here."""
        return self.hears(user, text, reply_to_message=_as_original(self.fake.sent(self.chat_id)[-1], self.chat_id))

    def presses(self, user: TelegramUser, title: str) -> dict[str, Any]:
        """Somebody presses the newest button with this title."""
        for message in reversed(self.fake.sent(self.chat_id)):
            for button in itertools.chain(*message.get("reply_markup", {}).get("inline_keyboard", [])):
                if button["text"] == title:
                    query = _pressed(self.chat_id, user, button["callback_data"], message)
                    return self.fake.add_update(callback_query=query)
        raise AssertionError(f"no button '{title}' in the group")

    def throws_the_bot_out(self, by: TelegramUser) -> dict[str, Any]:
        self.fake.closed_to_us.add(self.chat_id)
        member = {"chat": message_in(self.chat_id, "", "group")["chat"], "date": int(time.time())}
        member |= {"from": message_in(by.chat_id, by.language)["from"]}
        member["old_chat_member"] = {"user": BOT, "status": "member"}
        member["new_chat_member"] = {"user": BOT, "status": "left"}
        return self.fake.add_update(my_chat_member=member)

    def becomes_a_supergroup(self, new_id: int, *, told: bool = True) -> TelegramGroup:
        """The group gets a new number; `told`: the update about it comes."""
        self.fake.moved_to[self.chat_id] = new_id
        if told:
            message = message_in(self.chat_id, "", "group", migrate_to_chat_id=new_id)
            self.fake.add_update(message=message | {"from": message_in(1)["from"]})
        return TelegramGroup(self.fake, new_id)

    def reads(self) -> list[str]:
        return [message["text"] for message in self.fake.sent(self.chat_id)]

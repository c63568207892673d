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
                    query = {
                        "id": str(next(_message_ids)),
                        "from": message_in(self.chat_id, self.language)["from"],
                        "chat_instance": "1",
                        "data": button["callback_data"],
                        "message": message_in(self.chat_id, text=message["text"]),
                    }
                    return self.fake.add_update(callback_query=query)
            for button in itertools.chain(*markup.get("keyboard", [])):
                if button["text"] == title:
                    assert not button.get("request_location"), "this button shares a location: use shares()"
                    return self.writes(title)
        raise AssertionError(f"no button '{title}'; there are: {', '.join(self.buttons())}")

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

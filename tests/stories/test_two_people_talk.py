"""A citizen and an officer talk: the bot never speaks over a human, and what is not for the citizen stays inside."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from bot.app import prepare_database
from bot.channels.web_widget import to_message
from bot.services import cases, conversation, handing_on
from bot.services.directives import carry_out
from bot.services.status import case_status
from bot.storage.tables_staff import StaffRow
from tests.harness.servers import Postgres
from tests.harness.town import Citizen, Town, settings_in

STOLEN = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"
QUESTION = "Konsolosluğun kapısı hangi sokakta acaba?"
_numbers = itertools.count(1)


class TalkativeDialogue:
    """Answers everything, after whatever happens while it thinks."""

    def __init__(self) -> None:
        self.meanwhile: Callable[[], None] = lambda: None

    def turn(self, conversation: str, text: str, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        self.meanwhile()
        return [{"directive": "say", "key": "say.thanks"}]


@pytest.fixture(params=["sqlite", "postgresql"])
def talkative(
    request: pytest.FixtureRequest, make_town: Callable[..., Town], tmp_path_factory: pytest.TempPathFactory
) -> Town:
    """A town with a dialogue engine that always has an answer, on each database."""
    url = ""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.create(f"talk{next(_numbers)}")
        folder = tmp_path_factory.mktemp("talk")
        prepare_database(settings_in(folder, HEMSEHRI_DATABASE_URL=url)).close()
    return make_town(dialogue=TalkativeDialogue(), database_url=url)


def a_case(town: Town) -> tuple[Citizen, StaffRow]:
    ayse = town.officer("Ayşe", "de-koln-bk")
    citizen = town.citizen()
    citizen.writes(STOLEN)
    return citizen, ayse


def after_the_acceptance(citizen: Citizen) -> list[tuple[str, str]]:
    """Who said what once the citizen was told that a person has it."""
    lines = [(line.author, line.text) for line in citizen.reads()]
    told = next(number for number, (_, words) in enumerate(lines) if "Ayşe" in words)
    return lines[told + 1 :]


def test_an_answer_that_comes_after_a_person_has_accepted_is_never_sent(talkative: Town) -> None:
    citizen, ayse = a_case(talkative)
    case_id = citizen.case_id
    dialogue = talkative.dialogue
    assert isinstance(dialogue, TalkativeDialogue)
    dialogue.meanwhile = lambda: talkative.accept(case_id, ayse)
    citizen.writes(QUESTION)
    dialogue.meanwhile = lambda: None
    talkative.reply(case_id, ayse, "Yüzyıl Caddesi tarafında.")
    citizen.writes("Peki yarın açık mı?")
    assert after_the_acceptance(citizen) == [("officer", "Yüzyıl Caddesi tarafında.")]


def test_who_accepts_while_the_bot_writes_is_announced_after_it_and_not_before(
    talkative: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    citizen, ayse = a_case(talkative)
    case_id = citizen.case_id
    accepting = threading.Thread(target=talkative.accept, args=(case_id, ayse))

    def slowly(turn: Any, directives: Any) -> bool:
        accepting.start()
        accepting.join(timeout=0.5)  # long enough to overtake, if nothing held it back
        return carry_out(turn, directives)

    monkeypatch.setattr(conversation, "carry_out", slowly)
    said = citizen.writes(QUESTION)
    accepting.join(timeout=20)
    assert not accepting.is_alive()
    assert said, "the bot had the word first"
    assert talkative.case(case_id).owner_id == ayse.id
    assert after_the_acceptance(citizen) == []


SECRET = "Zwiebelkuchen"  # in no catalogue and no content


@pytest.mark.parametrize("channel", ["web", "telegram"])
def test_notes_and_all_else_that_is_not_for_the_citizen_reach_no_citizen(town: Town, channel: str) -> None:
    ayse, emine = town.officer("Ayşe", "de-koln-bk"), town.officer("Emine", "de-berlin-be")
    citizen = town.citizen("77", channel)
    citizen.writes(STOLEN)
    case_id = citizen.case_id
    statuses = []
    with town.database.write() as uow:
        cases.note(uow, case_id, ayse, f"{SECRET} 1", town.clock())
    town.accept(case_id, ayse)
    with town.database.write() as uow:
        now = town.clock()
        cases.note(uow, case_id, ayse, f"{SECRET} 2", now)
        words = "Ihr Pass ist gesperrt."
        cases.reply_to_citizen(uow, case_id, uow.staff.get(ayse.id), words, now, original=f"{SECRET} 3")
        handing_on.transfer(uow, town.ports, case_id, uow.staff.get(ayse.id), "de-berlin-be", f"{SECRET} 4", now)
    citizen.presses("/status")
    with town.database.read() as uow:
        talk = uow.conversations.by_key(citizen.key)
        assert talk is not None
        statuses.append(case_status(uow, town.ports, talk))
    town.accept(case_id, emine)
    town.close_case(case_id, emine)
    citizen.writes("Merhaba")
    with town.database.read() as uow:
        talk = uow.conversations.by_key(citizen.key)
        assert talk is not None
        lines = [to_message(row).model_dump_json() for row in uow.conversations.after(talk.id, 0)]
    everything = [*lines, *statuses, *(json.dumps(row.body, ensure_ascii=False) for row in town.outbox())]
    assert len(lines) > 8
    assert "Ihr Pass ist gesperrt." in " ".join(everything), "the words that were meant for them arrived"
    assert SECRET not in " ".join(everything)
    with town.database.read() as uow:
        kept = json.dumps([event.data for event in uow.cases.events(case_id)])
    assert kept.count(SECRET) == 3, "the two notes and the word to the next desk are with the case"

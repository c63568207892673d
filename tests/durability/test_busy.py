"""A database that is there but busy: a frightened person does not wait for it."""

from __future__ import annotations

import time

from bot.services.intake import replay_spool
from tests.harness.town import Town


def test_while_another_writer_holds_the_database_the_message_goes_to_the_spool_and_comes_back(town: Town) -> None:
    citizen = town.citizen()
    began = time.monotonic()
    with town.database.write():
        assert citizen.sends("Imdat, babam nefes almiyor!") == "spooled"
    assert time.monotonic() - began < 5
    assert replay_spool(town.ports) == 1
    assert town.ports.spool.waiting() == 0
    assert citizen.writes("Köln"), "and is answered, in order"
    assert town.case(citizen.case_id).severity == "life"


def test_a_spooled_entry_that_fits_nothing_is_set_aside_and_the_next_one_goes(town: Town) -> None:
    town.ports.spool.write({"not": "a message"})
    citizen = town.citizen()
    town.ports.spool.write(
        {"channel": "web", "external_id": "x:1", "conversation_key": citizen.key, "address": "", "text": "hallo"}
    )
    assert replay_spool(town.ports) == 1
    assert len(list(town.ports.spool.folder.glob("*.bad"))) == 1

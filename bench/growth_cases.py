"""Very many cases at once, as rows of SQL: their story does not matter here, their number does."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

from tests.harness.town import Town

KOLN = {"country": "DE", "name": "Köln", "lat": 50.9375, "lon": 6.9603}
DESK = "de-koln-bk"
DESKS = 20  # that the cases are spread over; Köln has half of them
SIZES = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :size)"""
SEVERITY = "CASE WHEN i % 10 = 0 THEN 'life' WHEN i % 3 = 0 THEN 'urgent' ELSE 'normal' END"
A_DESK = f"CASE WHEN i % 2 = 0 THEN '{DESK}' ELSE 'bench-' || (i % {DESKS}) END"
MOMENT = "%Y-%m-%d %H:%M:%f000"  # as SQLAlchemy writes moments


def add_desks(town: Town) -> None:
    """The desks that cases are spread over."""
    with town.database.write() as uow:
        for number in range(1, DESKS):
            uow.desks.put(f"bench-{number}", kind="consulate", name=f"Bench {number}")


def add_closed(town: Town, size: int, now: datetime) -> None:
    """Closed cases of the last years, each with a conversation and two events."""
    conversation = f"""INSERT INTO conversations
        (id, key, channel, address, language, language_chosen, home_city, mode, last_seq, demo, drill, created_at,
         updated_at)
        {SIZES} SELECT i + :first, 'bench:' || i, 'web', 'bench', 'de', 0, '', 'bot', 0, 0, 0, :start, :start FROM n"""
    case = f"""INSERT INTO cases
        (id, conversation_id, label, severity, language, desk_id, status, owner_id, demo, opened_at, accepted_at,
         closed_at, drill, outcome)
        {SIZES} SELECT i + :first, i + :first, 'passport_renewal', {SEVERITY}, 'de', {A_DESK}, 'closed', 1, 0,
        strftime(:form, :start, i || ' minutes'), strftime(:form, :start, (i + 5) || ' minutes'),
        strftime(:form, :start, (i + 60) || ' minutes'), 0, 'helped' FROM n"""
    event = f"""INSERT INTO case_events (case_id, seq, kind, at, actor, data, hash)
        {SIZES} SELECT i + :first, :seq, :kind, strftime(:form, :start, (i + :after) || ' minutes'), 'staff:1',
        '{{"name": "Bench"}}', hex(randomblob(32)) FROM n"""
    start = now - timedelta(minutes=size + 120)
    words = {"size": size, "start": _moment(start), "form": MOMENT}
    with _loading(town) as load:
        (first,) = load.execute("SELECT coalesce(max(id), 0) FROM conversations").fetchone()
        words["first"] = first + 1_000_000  # no case of another table of the town has such a number
        load.execute(conversation, words)
        load.execute(case, words)
        for seq, kind, after in ((1, "opened", 0), (2, "closed", 60)):
            load.execute(event, words | {"seq": seq, "kind": kind, "after": after})
        load.commit()


def add_open(town: Town, size: int, now: datetime) -> None:
    """Cases that nobody has taken, the newest opened a minute ago; of one conversation, for a list shows no more."""
    with town.database.write() as uow:
        talk = uow.conversations.create("bench:open", "web", "open", "de", now).id
    case = f"""INSERT INTO cases
        (conversation_id, label, severity, language, location, desk_id, status, demo, opened_at, due_at, drill)
        {SIZES} SELECT :talk, 'passport_lost_travel', {SEVERITY}, 'de', :place, {A_DESK}, 'open', 0,
        strftime(:form, :start, i || ' seconds'), strftime(:form, :start, '2 days', i || ' seconds'), 0 FROM n"""
    place = '{"country": "DE", "name": "Köln", "lat": 50.9375, "lon": 6.9603}'
    start = now - timedelta(seconds=size + 60)
    with _loading(town) as load:
        load.execute(case, {"size": size, "start": _moment(start), "form": MOMENT, "talk": talk, "place": place})
        load.commit()


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _loading(town: Town) -> closing[sqlite3.Connection]:
    """A connection for filling the file before anything is measured: a power cut would only cost a bench."""
    connection = sqlite3.connect(town.folder / "hemsehri.db")
    connection.execute("PRAGMA synchronous=OFF")
    return closing(connection)

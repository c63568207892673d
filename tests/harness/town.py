"""A town in a box: the whole service in one process, with a winding clock and no network."""

from __future__ import annotations

import itertools
import shutil
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.app import prepare_database
from bot.classifier import brain_path
from bot.clients.wakeup import MemoryWakeup
from bot.domain.accounts import Role
from bot.services import cases
from bot.services.conversation import drain
from bot.services.escalation import sweep
from bot.services.incoming import Incoming
from bot.services.intake import store
from bot.services.knowledge import Knowledge, Snapshot
from bot.services.ports import Dialogue, Ports
from bot.settings import ROOT, Settings, load_settings
from bot.storage.database import Database
from bot.storage.spool import Spool
from bot.storage.tables import CaseEventRow, CaseRow, ConversationRow, MessageRow, OutboxRow
from bot.storage.tables_staff import StaffRow
from bot.understanding.understand import Understander
from tests.harness.clock import WindingClock
from tests.harness.dialogue import AbsentDialogue

SHARED_VAR = ROOT / "var"  # the trained classifier and the cache of embeddings are the same for all


def settings_in(folder: Path, **environment: str) -> Settings:
    """Settings of an installation that lives in `folder`."""
    return load_settings({"HEMSEHRI_VAR_DIR": str(folder), **environment})


@lru_cache(maxsize=1)
def understander() -> Understander:
    """The real one, loaded once per test process. Needs `bot train` to have run."""
    settings = settings_in(SHARED_VAR)
    path = brain_path(settings)
    assert path.exists(), "the classifier is not trained: run `make train` (make test does)"
    return Understander.load(settings.data, path)


@lru_cache(maxsize=1)
def _template(folder: Path) -> Path:
    """A prepared database file, made once per test process and copied for each town."""
    prepare_database(settings_in(folder)).close()
    return folder / "hemsehri.db"


@lru_cache(maxsize=1)
def _snapshot(template: Path) -> Snapshot:
    """What a town knows before anything is changed: read, and its search index built, once per test process."""
    database = Database(f"sqlite:///{template}")
    knowledge = Knowledge(database, understander().taxonomy, SHARED_VAR / "search")
    until = time.monotonic() + 120
    while knowledge.current.index.meanings is None:  # nobody has computed them here yet: a first start goes on without
        assert time.monotonic() < until, "the meanings of the answers are not ready"
        time.sleep(0.2)
    snapshot = knowledge.current
    database.close()
    return snapshot


@dataclass
class Town:
    """One installation under test."""

    folder: Path
    templates: Path
    dialogue: Dialogue = field(default_factory=AbsentDialogue)
    database_url: str = ""
    telegram: bool = True  # officers of a town are alerted by Telegram, so they count as reachable
    email: bool = False  # whether a mail server is configured
    clock: WindingClock = field(default_factory=WindingClock)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {"HEMSEHRI_DATABASE_URL": self.database_url} if self.database_url else {}
        self.settings = settings_in(self.folder, **environment)
        if self.database_url:
            self.database = prepare_database(self.settings)
        else:
            shutil.copy(_template(self.templates), self.folder / "hemsehri.db")
            self.database = Database(self.settings.database_url)
        knowledge = Knowledge(self.database, understander().taxonomy, SHARED_VAR / "search")
        if not self.database_url:
            knowledge._snapshot = _snapshot(_template(self.templates))  # its revision says whether it is still true
        self.ports = Ports(
            database=self.database,
            spool=Spool(self.settings.spool_folder),
            knowledge=knowledge,
            understander=understander(),
            dialogue=self.dialogue,
            wakeup=MemoryWakeup(),
            clock=self.clock,
            console_url="http://town.test/console",
            telegram=self.telegram,
            email=self.email,
        )
        self._ids = itertools.count(1)

    # --- citizens --------------------------------------------------------------------------------
    def citizen(self, name: str = "citizen", channel: str = "web") -> Citizen:
        """Somebody who writes to the town."""
        return Citizen(self, name, channel)

    # --- people of the town -------------------------------------------------------------------------
    def officer(self, name: str, desk: str, *, telegram: str | None = "on call") -> StaffRow:
        """An officer on a desk (set up if it is not there), reachable unless `telegram` is None."""
        with self.database.write() as uow:
            row = uow.staff.add(f"{name}@town.test".lower(), name, Role.OFFICER, self.clock())
            row.telegram_chat = f"{1000 + row.id}" if telegram else None
            if uow.desks.row(desk) is None:
                mission = self.ports.knowledge.directory.missions.get(desk)
                kind = "embassy" if mission and mission.kind == "embassy" else "consulate"
                zone = mission.timezone if mission else "UTC"
                uow.desks.put(desk, kind=kind, name="", timezone=zone)
            uow.desks.assign(desk, row.id)
            return row

    def coordinator(self, name: str = "Coordinator") -> StaffRow:
        """A coordinator who can be reached."""
        with self.database.write() as uow:
            row = uow.staff.add(f"{name}@town.test".lower(), name, Role.COORDINATOR, self.clock())
            row.telegram_chat = f"{1000 + row.id}"
            return row

    def accept(self, case_id: int, staff: StaffRow) -> None:
        with self.database.write() as uow:
            cases.accept(uow, self.ports, case_id, uow.staff.get(staff.id), self.clock())

    def reply(self, case_id: int, staff: StaffRow, text: str) -> None:
        with self.database.write() as uow:
            cases.reply_to_citizen(uow, case_id, uow.staff.get(staff.id), text, self.clock())

    def close_case(self, case_id: int, staff: StaffRow, outcome: str = "helped") -> None:
        with self.database.write() as uow:
            cases.close(uow, self.ports, case_id, uow.staff.get(staff.id), outcome, self.clock())

    # --- looking -----------------------------------------------------------------------------------
    def case(self, case_id: int) -> CaseRow:
        with self.database.read() as uow:
            return uow.cases.get(case_id)

    def events(self, case_id: int) -> list[CaseEventRow]:
        with self.database.read() as uow:
            return uow.cases.events(case_id)

    def citizen_lines(self, channel: str) -> list[MessageRow]:
        """Everything said in the channel's only conversation."""
        with self.database.read() as uow:
            (row,) = uow.session.scalars(select(ConversationRow).where(ConversationRow.channel == channel))
            return uow.conversations.after(row.id, 0)

    def outbox(self) -> list[OutboxRow]:
        with self.database.read() as uow:
            return list(uow.session.scalars(select(OutboxRow).order_by(OutboxRow.id)))

    def pass_time(self, **by: float) -> None:
        """Wind the clock and let the worker sweep."""
        self.clock.forward(**by)
        sweep(self.ports)

    def next_id(self) -> int:
        return next(self._ids)


@dataclass
class Citizen:
    """Somebody who writes to the town."""

    town: Town
    name: str
    channel: str

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.name}"

    def writes(self, text: str = "", **fields: Any) -> list[MessageRow]:
        """Write, let the town answer, and return what came back."""
        before = self._last_seq()
        self.sends(text, **fields)
        drain(self.town.ports, self.key)
        return self.reads(before)

    def presses(self, payload: str) -> list[MessageRow]:
        return self.writes(payload=payload)

    def sends(self, text: str = "", external_id: str = "", **fields: Any) -> str:
        """Only store the message."""
        incoming = Incoming(
            channel=self.channel,
            external_id=external_id or f"{self.key}:{self.town.next_id()}",
            conversation_key=self.key,
            address=self.name,
            text=text,
            **fields,
        )
        return store(self.town.ports, incoming).state

    def _last_seq(self) -> int:
        with self.town.database.read() as uow:
            row = uow.conversations.by_key(self.key)
            return row.last_seq if row else 0

    def reads(self, after: int = 0) -> list[MessageRow]:
        """Everything the town and its people said after a sequence number."""
        with self.town.database.read() as uow:
            row = uow.conversations.by_key(self.key)
            if row is None:
                return []
            return [m for m in uow.conversations.after(row.id, after) if m.author != "citizen"]

    @property
    def case_id(self) -> int:
        with self.town.database.read() as uow:
            row = uow.conversations.by_key(self.key)
            assert row is not None
            assert row.case_id is not None, "this citizen has no case"
            return row.case_id

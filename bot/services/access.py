"""Who may see and handle a case, wherever they do it."""

from __future__ import annotations

from bot.domain.accounts import Permission, Role, may, sees_every_desk
from bot.domain.cases import EventKind
from bot.services.ports import Ports
from bot.storage.tables import CaseRow
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork


def may_see(uow: UnitOfWork, ports: Ports, staff: StaffRow, case: CaseRow) -> bool:
    """Coordinators see every case; others those they own, and those that their desks have or were alerted about."""
    if sees_every_desk(Role(staff.role), ports.knowledge.permissions) or case.owner_id == staff.id:
        return True
    mine = set(uow.desks.of_staff(staff.id))
    # Who was alerted keeps the link that works: when a case has moved on, more people can take it, not fewer.
    alerted = {event.data["desk"] for event in uow.cases.events(case.id) if event.kind == EventKind.ALERTED}
    return bool(mine & (alerted | {case.desk_id}))


def may_handle(uow: UnitOfWork, ports: Ports, staff: StaffRow, case: CaseRow) -> bool:
    """Whether this person may accept it, answer and close."""
    allowed = may(Role(staff.role), Permission.HANDLE_CASES, ports.knowledge.permissions)
    return allowed and may_see(uow, ports, staff, case)

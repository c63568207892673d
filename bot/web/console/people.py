"""People and desks, for coordinators."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response

from bot.domain.accounts import Role
from bot.domain.desks import COORDINATION
from bot.i18n.catalogues import country_name
from bot.services import people, trial_alerts
from bot.services.people import PeopleError
from bot.services.routing import desk_name, mission_name
from bot.services.signin import INVITATION
from bot.web.console.my_telegram import group_panel
from bot.web.console.once import show_once, take_once
from bot.web.console.pages import Form, ManagesPeople, Page
from bot.web.console.route import ConsoleRoute

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)
HOME = "/console/people"


@router.get("/people")
def everybody(page: ManagesPeople) -> Response:
    """Everybody and every desk, and the forms to add more."""
    return _people(page)


@router.post("/people")
def add_person(page: ManagesPeople, sent: Form) -> Response:
    """A new person; the one-time link is shown once on the next page."""
    if not page.is_ours(sent):
        return _people(page, page.t("console.form_stale"), sent.fields)
    role = Role.COORDINATOR if sent["role"] == Role.COORDINATOR else Role.OFFICER
    try:
        with page.ports.database.write() as uow:
            staff, token = people.add_person(
                uow, sent.line("name", 120), sent.line("email"), role, page.language,
                page.staff.id, page.now,
            )  # fmt: skip
            if sent["desk"]:
                people.assign(uow, sent["desk"], staff.id, True, page.staff.id, page.now)
    except PeopleError as error:
        return _people(page, _why(page, error), sent.fields)
    return show_once(page, page.go(HOME), "invitation", staff.name, token)


@router.post("/people/{staff_id}")
def change_person(page: ManagesPeople, staff_id: int, sent: Form) -> Response:
    """Role, Telegram chat, and whether they may sign in."""
    if not page.is_ours(sent):
        return _people(page, page.t("console.form_stale"), sent.fields)
    role = Role.COORDINATOR if sent["role"] == Role.COORDINATOR else Role.OFFICER
    try:
        with page.ports.database.write() as uow:
            people.change_person(
                uow, staff_id, role, sent.line("telegram_chat", 40), sent["active"] == "1",
                page.staff.id, page.now,
            )  # fmt: skip
    except PeopleError as error:
        return _people(page, _why(page, error), sent.fields)
    return page.go(HOME, "saved")


@router.post("/people/{staff_id}/invite")
def invite(page: ManagesPeople, staff_id: int, sent: Form) -> Response:
    """A new one-time link for somebody who cannot sign in."""
    if not page.is_ours(sent):
        return _people(page, page.t("console.form_stale"), sent.fields)
    with page.ports.database.write() as uow:
        staff, token = people.invite(uow, staff_id, page.staff.id, page.now)
    return show_once(page, page.go(HOME), "invitation", staff.name, token)


@router.post("/people/{staff_id}/test")
def test_person(page: ManagesPeople, staff_id: int, sent: Form) -> Response:
    """A test alert to a person by each of their ways; the page shows what became of it."""
    if not page.is_ours(sent):
        return _people(page, page.t("console.form_stale"))
    try:
        with page.ports.database.write() as uow:
            trial_alerts.send_to_person(uow, page.ports, staff_id, page.staff.id, page.now)
    except PeopleError as error:
        return _people(page, _why(page, error))
    return page.go(HOME, "test_sent")


@router.post("/desks")
def add_desk(page: ManagesPeople, sent: Form) -> Response:
    """Set up the desk of a mission or of a city."""
    if not page.is_ours(sent):
        return _people(page, page.t("console.form_stale"), sent.fields)
    hours = sent.line("hours")
    try:
        with page.ports.database.write() as uow:
            if sent["mission"]:
                directory = page.ports.knowledge.directory
                desk = people.add_mission_desk(uow, directory, sent["mission"], hours, page.staff.id, page.now)
            else:
                names = ("name", "country", "city", "municipality", "timezone")
                values = {name: sent.line(name, 120) for name in names} | {"hours": hours}
                desk = people.add_city_desk(uow, sent["kind"], values, page.staff.id, page.now)
    except PeopleError as error:
        return _people(page, _why(page, error), sent.fields)
    return page.go(_address(desk.id), "saved")


@router.get("/desks/{desk_id}")
def show_desk(page: ManagesPeople, desk_id: str) -> Response:
    """One desk: hours, people, where its alerts go."""
    return _desk(page, desk_id)


@router.post("/desks/{desk_id}")
def change_desk(page: ManagesPeople, desk_id: str, sent: Form) -> Response:
    """Hours, time zone, whether it takes cases, and where its alerts are sent."""
    if not page.is_ours(sent):
        return _desk(page, desk_id, page.t("console.form_stale"), sent.fields)
    try:
        with page.ports.database.write() as uow:
            secret = people.change_desk(
                uow, desk_id, sent.line("hours"), sent.line("timezone", 60), sent["active"] == "1",
                sent.line("webhook_url", 500), sent.line("email"), page.staff.id, page.now,
            )  # fmt: skip
    except PeopleError as error:
        return _desk(page, desk_id, _why(page, error), sent.fields)
    response = page.go(_address(desk_id), "saved")
    return show_once(page, response, "webhook", desk_id, secret) if secret else response


@router.post("/desks/{desk_id}/secret")
def new_secret(page: ManagesPeople, desk_id: str, sent: Form) -> Response:
    """A new webhook secret, shown once on the next page."""
    if not page.is_ours(sent):
        return _desk(page, desk_id, page.t("console.form_stale"))
    with page.ports.database.write() as uow:
        secret = people.new_webhook_secret(uow, desk_id, page.staff.id, page.now)
    return show_once(page, page.go(_address(desk_id)), "webhook", desk_id, secret)


@router.post("/desks/{desk_id}/test")
def test_alert(page: ManagesPeople, desk_id: str, sent: Form) -> Response:
    """A test alert by every way that the desk has; the page shows what became of it."""
    if not page.is_ours(sent):
        return _desk(page, desk_id, page.t("console.form_stale"))
    try:
        with page.ports.database.write() as uow:
            trial_alerts.send(uow, page.ports, desk_id, page.staff.id, page.now)
    except PeopleError as error:
        return _desk(page, desk_id, _why(page, error))
    return page.go(_address(desk_id), "test_sent")


@router.post("/desks/{desk_id}/members")
def change_members(page: ManagesPeople, desk_id: str, sent: Form) -> Response:
    """Put somebody on this desk or take them off it."""
    if not page.is_ours(sent):
        return _desk(page, desk_id, page.t("console.form_stale"))
    with page.ports.database.write() as uow:
        staff_id, assigned = sent.number("staff"), sent["action"] == "add"
        people.assign(uow, desk_id, staff_id, assigned, page.staff.id, page.now)
    return page.go(_address(desk_id), "saved")


def _address(desk_id: str) -> str:
    return f"/console/desks/{quote(desk_id, safe='')}"


def _why(page: Page, error: PeopleError) -> str:
    return page.t(f"console.{error.code}", **error.words)


def _people(page: Page, error: str = "", typed: dict[str, str] | None = None) -> Response:
    directory = page.ports.knowledge.directory
    with page.ports.database.read() as uow:
        rows = uow.staff.everyone()
        desks = uow.desks.all(page.now, telegram=page.ports.telegram, email=page.ports.email)
        names = {key: desk_name(uow, directory, key, page.language) for key in desks}
        works_at = {row.id: uow.desks.of_staff(row.id) for row in rows}
        reach, bounces = uow.desks.reach(telegram=page.ports.telegram, email=page.ports.email), uow.bounces.all()
        trials = {row.id: trial_alerts.latest_to(uow, row) for row in rows}
    reachable = {officer.id for desk in desks.values() for officer in desk.officers if officer.reachable}
    reachable |= {row.id for row in rows if reach.to_person(row)}
    missions: dict[str, list[tuple[str, str]]] = {}
    for mission in directory.missions.values():
        if mission.id not in desks and mission.kind != "honorary":
            name = mission_name(mission, page.language)
            missions.setdefault(country_name(mission.country, page.language), []).append((mission.id, name))
    return page.render(
        "people.html",
        409 if error else 200,
        people=rows,
        works_at=works_at,
        desks=[desks[key] for key in sorted(desks, key=lambda key: names[key])],
        names=names,
        coordination=COORDINATION,
        reachable=reachable,
        trials=trials,
        bounced={row.id: trial_alerts.bounced_to(row, bounces) for row in rows},
        testable={row.id for row in rows if trial_alerts.ways_to(row, page.ports)},
        missions=sorted(missions.items()),
        kinds=[kind.value for kind in people.CITY_DESKS],
        once=take_once(page, "invitation"),
        link=f"{page.ports.console_url}/welcome?token=",
        days=INVITATION.days,
        error=error,
        typed=typed or {},
    )


def _desk(page: Page, desk_id: str, error: str = "", typed: dict[str, str] | None = None) -> Response:
    with page.ports.database.read() as uow:
        desk = people.the_desk(uow, desk_id)
        members = uow.desks.members(desk_id)
        here = {row.id for row in members}
        others = [row for row in uow.staff.everyone() if row.active and row.id not in here]
        name = desk_name(uow, page.ports.knowledge.directory, desk_id, page.language)
        ways, trials = trial_alerts.ways_of(desk, page.ports), trial_alerts.latest(uow, desk)
        bounced = trial_alerts.bounced(desk, uow.bounces.all())
    return page.render(
        "desk.html",
        409 if error else 200,
        desk=desk,
        name=name,
        members=members,
        ways=ways,
        trials=trials,
        bounced=bounced,
        mail_is_on=page.ports.email,
        others=others,
        coordination=COORDINATION,
        once=take_once(page, "webhook"),
        **group_panel(page, desk_id),
        error=error,
        typed=typed or {},
    )

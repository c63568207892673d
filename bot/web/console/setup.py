"""The setup: own chains, clocks and permissions as small forms; everything as a file, shown before it is applied."""

from __future__ import annotations

import base64
import binascii

from fastapi import APIRouter
from starlette.responses import Response

from bot.domain import policies as rules
from bot.domain.accounts import KEPT, PERMISSIONS, Permission, Role
from bot.domain.policies import PolicyError
from bot.domain.setup import TABLES, Setup
from bot.domain.taxonomy import Severity
from bot.i18n.texts import ALL_TEXTS
from bot.services import policies, setup, setup_file, setup_words
from bot.services.setup import Plan, SetupError
from bot.web.console.pages import Form, ManagesPeople, Page
from bot.web.console.route import ConsoleRoute
from bot.web.session import seal, unseal

router = APIRouter(prefix="/console/setup", route_class=ConsoleRoute, include_in_schema=False)
HOME = "/console/setup"


@router.get("")
def show(page: ManagesPeople) -> Response:
    """The rules in force, their history, and the ways in and out for files."""
    return _show(page)


@router.post("/chains/{label}")
def change_chain(page: ManagesPeople, label: str, sent: Form) -> Response:
    """An own chain for one subject, or back to the shipped one."""
    if not page.is_ours(sent):
        return _show(page, page.t("console.form_stale"), sent.fields)
    known = page.ports.knowledge
    shipped, steps = known.shipped, tuple(sent["desks"].replace(",", " ").split())
    if label not in rules.labels_with_chains(shipped):
        raise LookupError(label)
    if sent["action"] == "back":
        steps = tuple(str(step) for step in shipped.desks_for(label))
    try:
        with page.ports.database.write() as uow:
            policies.set_chain(uow, shipped, known.directory, label, steps, page.staff.id, page.now)
    except PolicyError as error:
        return _show(page, _why(page, error), sent.fields | {"label": label})
    return _saved(page, f"chain-{label}")


@router.post("/clocks/{severity}")
def change_clock(page: ManagesPeople, severity: Severity, sent: Form) -> Response:
    """Own clocks for one severity, or back to the shipped ones."""
    if not page.is_ours(sent):
        return _show(page, page.t("console.form_stale"), sent.fields)
    shipped = page.ports.knowledge.shipped
    texts = (sent.line("acknowledge_within", 40), sent.line("escalate_every", 40))
    if sent["action"] == "back":
        texts = rules.clock_texts(shipped.severities[severity])
    try:
        with page.ports.database.write() as uow:
            policies.set_clock(uow, shipped, severity, *texts, page.staff.id, page.now)
    except PolicyError as error:
        return _show(page, _why(page, error), sent.fields | {"severity": severity.value})
    return _saved(page, f"clock-{severity.value}")


@router.post("/permissions/{role}")
def change_role(page: ManagesPeople, role: Role, sent: Form) -> Response:
    """What a role may do here, or back to the shipped rule."""
    if not page.is_ours(sent):
        return _show(page, page.t("console.form_stale"))
    wanted = {permission for permission in Permission if sent[permission] == "1"} | KEPT[role]
    if sent["action"] == "back":
        wanted = set(PERMISSIONS[role])
    try:
        with page.ports.database.write() as uow:
            policies.set_role(uow, role, sorted(wanted), page.staff.id, page.now)
    except PolicyError as error:
        return _show(page, _why(page, error))
    return _saved(page, f"role-{role.value}")


@router.post("/import")
def show_plan(page: ManagesPeople, sent: Form) -> Response:
    """What an uploaded file would change. Nothing is stored."""
    if not page.is_ours(sent):
        return _show(page, page.t("console.form_stale"))
    name, content = sent.files.get("file", ("", b""))
    if not name:
        return _show(page, page.t("setup.no_file"))
    known = page.ports.knowledge
    with page.ports.database.read() as uow:
        plan = setup.plan(
            uow, known.shipped, known.directory, [(name, content)], page.now, email=page.ports.email
        )  # fmt: skip
    return _plan(page, plan, (name, content), 409 if plan.mistakes else 200)


@router.post("/apply")
def apply_plan(page: ManagesPeople, sent: Form) -> Response:
    """Exactly what the page before has shown; if anything differs by now, a new page that shows it."""
    shown = unseal(page.secret, sent["shown"])
    try:
        file = (sent["name"], base64.urlsafe_b64decode(sent["content"].encode("ascii", "replace")))
    except binascii.Error:
        file = ("", b"")
    if not page.is_ours(sent) or not file[0]:
        return _show(page, page.t("console.form_stale"))
    known = page.ports.knowledge
    setup_file.read(*file)  # remembered: nothing is parsed while the database is locked
    try:
        with page.ports.database.write() as uow:
            plan = setup.apply(
                uow, known.shipped, known.directory, [file], page.staff.id, page.now, shown=shown or ""
            )  # fmt: skip
    except SetupError as error:
        return _plan(page, error.plan, file, 409, error=page.t("setup.meanwhile"))
    known.refresh()
    return _plan(page, plan, file, applied=True)


@router.get("/export")
def export(page: ManagesPeople) -> Response:
    """Everything as one YAML file."""
    text = setup_file.to_yaml(_state(page))
    return _download(text, "setup.yml", "application/yaml")


@router.get("/export/{table}")
def export_table(page: ManagesPeople, table: str) -> Response:
    """One table as CSV, with the mark by which Excel knows UTF-8."""
    text = setup_file.to_csv(_state(page), table)
    return _download(f"\ufeff{text}", f"{table}.csv", "text/csv")


def _state(page: Page) -> Setup:
    with page.ports.database.read() as uow:
        return setup.state(uow, page.ports.knowledge.shipped)


def _download(text: str, name: str, kind: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text.encode(), headers=headers, media_type=f"{kind}; charset=utf-8")


def _saved(page: Page, anchor: str) -> Response:
    page.ports.knowledge.refresh()
    response = page.go(HOME, "saved")
    response.headers["location"] += f"#{anchor}"
    return response


def _why(page: Page, error: PolicyError) -> str:
    return page.t(f"setup.{error.code}", **error.words)


def _plan(
    page: Page, plan: Plan, file: setup.File, status: int = 200, *, error: str = "", applied: bool = False
) -> Response:
    words = setup_words
    return page.render(
        "setup_plan.html",
        status,
        error=error,
        applied=applied,
        name=file[0],
        content=base64.urlsafe_b64encode(file[1]).decode(),
        shown=seal(page.secret, plan.digest),
        mistakes=[words.sentence(remark, page.language) for remark in plan.mistakes],
        warnings=[words.sentence(remark, page.language) for remark in plan.warnings],
        to_do=words.to_do(plan, page.language),
        changes=[
            (words.table_name(change.table, page.language), ", ".join(change.key), words.kind_of(change),
             words.differences(change) if change.new is not None else [])
            for change in plan.changes
        ],
    )  # fmt: skip


def _show(page: Page, error: str = "", typed: dict[str, str] | None = None) -> Response:
    with page.ports.database.read() as uow:
        own, _unreadable = rules.policies_of(uow.policies.all())
        history = policies.histories(uow)
        titles = {
            row.topic: row.title for row in uow.content.articles() if row.language == page.language
        }  # fmt: skip
    shipped = page.ports.knowledge.shipped
    taxonomy, roles = rules.apply(shipped, own), rules.permissions(own)
    return page.render(
        "setup.html",
        409 if error else 200,
        error=error,
        typed=typed or {},
        history=history,
        changed=_changed,
        kinds=", ".join(rules.STEPS),
        chains=[
            (label, _label_name(page, label, titles), [str(step) for step in taxonomy.desks_for(label)],
             label in own.chains)
            for label in rules.labels_with_chains(shipped)
        ],
        clocks=[
            (severity.value, *rules.clock_texts(rule), severity in own.clocks)
            for severity, rule in taxonomy.severities.items()
        ],
        roles=[
            (role.value, [(one.value, one in roles[role], one in KEPT[role]) for one in Permission], role in own.roles)
            for role in Role
        ],
        tables=[(name, setup_words.table_name(name, page.language)) for name in TABLES],
    )  # fmt: skip


def _label_name(page: Page, label: str, titles: dict[str, str]) -> str:
    key = f"kind.{label}"
    return page.t(key) if key in ALL_TEXTS else titles.get(label, label)


def _changed(value: object) -> str:
    """A stored rule's value as one text; "" for the shipped rule."""
    if not isinstance(value, dict):
        return ""
    return ", ".join(" ".join(part) if isinstance(part, list) else str(part) for part in value.values())

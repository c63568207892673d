"""Connecting Telegram: one's own chat, and a desk's group. Nobody knows the number of their chat, so codes do it."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response

from bot.channels.telegram import TelegramClient
from bot.services import duty_chat_links
from bot.services.people import the_desk
from bot.storage.telegram_links import VALID
from bot.web.console.once import show_once, take_once
from bot.web.console.pages import Form, ManagesPeople, Page, SignedIn
from bot.web.console.route import ConsoleRoute

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)
HOME = "/console/me/telegram"
MINE, GROUP = "telegram", "telegram_group"  # kinds of what a page shows once
MINUTES = int(VALID.total_seconds() // 60)


@router.get("/me/telegram")
def my_telegram(page: SignedIn) -> Response:
    """Whether one's alerts arrive in Telegram, and the way there."""
    return _show(page)


@router.post("/me/telegram")
def change(page: SignedIn, sent: Form) -> Response:
    """A new code, shown once on the next page; or no Telegram any more."""
    if not page.is_ours(sent):
        return _show(page, page.t("console.form_stale"))
    with page.ports.database.write() as uow:
        if sent["action"] == "disconnect":
            duty_chat_links.disconnect_person(uow, page.staff.id, page.now)
            return page.go(HOME, "saved")
        code = uow.telegram_links.issue(page.now, staff_id=page.staff.id)
    return show_once(page, page.go(HOME), MINE, page.staff.name, code)


@router.post("/desks/{desk_id}/group")
def change_group(page: ManagesPeople, desk_id: str, sent: Form) -> Response:
    """A new code for a desk's group, shown once on the desk's page; or no group any more."""
    home = f"/console/desks/{quote(desk_id, safe='')}"
    if not page.is_ours(sent):
        return page.go(home, "form_stale")
    with page.ports.database.write() as uow:
        if sent["action"] == "disconnect":
            duty_chat_links.disconnect_group(uow, desk_id, page.staff.id, page.now)
            return page.go(home, "saved")
        code = uow.telegram_links.issue(page.now, desk_id=the_desk(uow, desk_id).id)
        uow.audit.record(page.staff.id, "telegram_group_code", f"desk:{desk_id}", page.now)
    return show_once(page, page.go(home), GROUP, desk_id, code)


def bot_name(page: Page) -> str:
    """What the bot is called in Telegram; empty if it cannot be asked now, or there is none."""
    client: TelegramClient | None = getattr(page.request.app.state, "telegram", None)
    return client.username() if client is not None else ""


def group_panel(page: Page, desk_id: str) -> dict[str, object]:
    """What a desk's page shows of its group."""
    once = take_once(page, GROUP)
    with page.ports.database.read() as uow:
        lost_at = duty_chat_links.group_lost_at(uow, desk_id)
    return {
        "group_on": page.ports.telegram,
        "group_once": once if once is not None and once.name == desk_id else None,
        "group_lost_at": lost_at,
        "group_minutes": MINUTES,
        "bot_name": bot_name(page) if once is not None else "",
    }


def _show(page: Page, error: str = "") -> Response:
    once = take_once(page, MINE)
    with page.ports.database.read() as uow:
        connected = bool(uow.staff.get(page.staff.id).telegram_chat)
    return page.render(
        "my_telegram.html",
        409 if error else 200,
        connected=connected,
        telegram_on=page.ports.telegram,
        once=once,
        minutes=MINUTES,
        bot_name=bot_name(page) if once is not None else "",
        error=error,
    )

"""What every console page shares: templates, the person behind the request, permissions, refusals."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from babel.dates import format_timedelta
from fastapi import Depends, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.domain.accounts import Permission, Role, may, sees_every_desk
from bot.i18n import catalogues
from bot.i18n.texts import ALL_TEXTS
from bot.services.ports import Ports
from bot.services.signin import who_is
from bot.storage.tables_staff import StaffRow
from bot.web.console.forms import Sent, read_form
from bot.web.session import LANGUAGE_COOKIE, SESSION_COOKIE, form_token, is_form_token

ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates" / "console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# What a page may say after a redirect: only sentences without places to fill.
SAID = frozenset(key for key, words in ALL_TEXTS.items() if key.startswith("console.") and "{" not in words)
_SIGNS_OF_SEVERITY = {"life": "!!", "urgent": "!", "normal": ""}


class NotSignedIn(Exception):  # noqa: N818 - a state of the world, not a mistake
    """There is no running session; what was typed is kept for the sign-in page."""

    def __init__(self, sent: Sent | None = None, *, expired: bool = False) -> None:
        super().__init__("not signed in")
        self.sent, self.expired = sent, expired


class Refused(Exception):  # noqa: N818 - as above
    """A page that this person cannot have, with its status and the sentence's key."""

    def __init__(self, status: int, key: str) -> None:
        super().__init__(key)
        self.status, self.key = status, key


def said(request: Request) -> str:
    """The key of the sentence that a redirect asked this page to say, if it is one of ours."""
    key = f"console.{request.query_params.get('said', '')}"
    return key if key in SAID else ""


@dataclass
class View:
    """A page in a language, for anybody; signed-in pages know more."""

    request: Request
    language: str

    @property
    def ports(self) -> Ports:
        """The outside world."""
        ports: Ports = self.request.app.state.ports
        return ports

    @cached_property
    def now(self) -> datetime:
        """The moment this request is about."""
        return self.ports.clock()

    def t(self, key: str, /, **values: object) -> str:
        """A sentence in the reader's language."""
        return catalogues.text(key, self.language, **values)

    def ago(self, moment: datetime, *, direction: bool = False) -> str:
        """How long since (or until) a moment, in words."""
        locale = catalogues.locale(self.language)
        return format_timedelta(
            moment - self.now if direction else self.now - moment,
            add_direction=direction,
            locale=locale,
            format="short",
        )

    def at(self, moment: datetime, timezone: str = "Europe/Istanbul") -> str:
        """Date and time, short."""
        return catalogues.day_and_time(moment, self.language, timezone)

    def render(self, template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
        """One page as a response."""
        common: dict[str, Any] = {
            "view": self,
            "t": self.t,
            "counted": lambda key, count: catalogues.counted(key, count, self.language),
            "language": self.language,
            "direction": catalogues.direction(self.language),
            "languages": [(code, catalogues.language_name(code, code)) for code in catalogues.LANGUAGES],
            "language_name": lambda code: catalogues.language_name(code, self.language),
            "direction_of": catalogues.direction,
            "severity_mark": _SIGNS_OF_SEVERITY,
            "staff": None,
            "error": "",
            "said": said(self.request),
            "path": self.request.url.path,
        }
        html = ENVIRONMENT.get_template(template).render(**(common | self._more() | values))
        return HTMLResponse(html, status, headers={"cache-control": "no-store"})

    def _more(self) -> dict[str, Any]:
        return {}


@dataclass
class Page(View):
    """A page for one person who is signed in."""

    staff: StaffRow
    secret: str

    @property
    def role(self) -> Role:
        """What this person is."""
        return Role(self.staff.role)

    @property
    def sees_everything(self) -> bool:
        """Whether this person sees the cases of every desk."""
        return sees_every_desk(self.role, self.ports.knowledge.permissions)

    def may(self, permission: str) -> bool:
        """For the menu."""
        return may(self.role, Permission(permission), self.ports.knowledge.permissions)

    def is_ours(self, sent: Sent) -> bool:
        """Whether this session's own page sent the form."""
        return is_form_token(self.secret, sent.token)

    def go(self, path: str, said: str = "") -> RedirectResponse:
        """After a change: on to a page that can be reloaded safely."""
        return RedirectResponse(f"{path}?said={said}" if said else path, 303)

    def _more(self) -> dict[str, Any]:
        return {"staff": self.staff, "form_token": form_token(self.secret), "may": self.may}


def language_of(request: Request) -> str:
    """A language for somebody we do not know: asked for, chosen before, or the browser's."""
    for wanted in (request.query_params.get("lang", ""), request.cookies.get(LANGUAGE_COOKIE, "")):
        if wanted in catalogues.LANGUAGES:
            return wanted
    for part in request.headers.get("accept-language", "")[:200].split(","):
        code = re.split(r"[-;]", part.strip())[0].lower()
        if code in catalogues.LANGUAGES:
            return code
    return "tr"


def _person(request: Request) -> tuple[StaffRow, str] | None:
    secret = request.cookies.get(SESSION_COOKIE, "")
    staff = who_is(request.app.state.ports, secret) if secret else None
    return (staff, secret) if staff else None


def somebody(request: Request) -> Page | None:
    """The signed-in person's page, or None."""
    found = _person(request)
    return Page(request, found[0].language, *found) if found else None


def allowed(permission: Permission | None) -> Callable[..., Page]:
    """The dependency by which a route declares what it needs; None = any signed-in person."""

    def check(request: Request, sent: Annotated[Sent | None, Depends(_form_if_any)]) -> Page:
        page = somebody(request)
        if page is None:
            raise NotSignedIn(sent, expired=SESSION_COOKIE in request.cookies)
        if permission is not None and not page.may(permission):
            raise Refused(403, "console.not_allowed")
        return page

    check.permission = permission  # type: ignore[attr-defined]  # read by the test of the permission table
    return check


async def _form_if_any(request: Request) -> Sent | None:
    if request.method != "POST":
        return None
    if not hasattr(request.state, "sent"):
        request.state.sent = await read_form(request)
    sent: Sent = request.state.sent
    return sent


async def the_form(request: Request) -> Sent:
    """The form that was sent; read once, whoever asks."""
    return await _form_if_any(request) or Sent({})


Form = Annotated[Sent, Depends(the_form)]
SignedIn = Annotated[Page, Depends(allowed(None))]
SeesCases = Annotated[Page, Depends(allowed(Permission.SEE_CASES))]
HandlesCases = Annotated[Page, Depends(allowed(Permission.HANDLE_CASES))]
ReadsContent = Annotated[Page, Depends(allowed(Permission.READ_CONTENT))]
EditsContent = Annotated[Page, Depends(allowed(Permission.EDIT_CONTENT))]
ManagesPeople = Annotated[Page, Depends(allowed(Permission.MANAGE_PEOPLE))]


def refusal(request: Request, status: int, key: str) -> Response:
    """The page that says why not, in the reader's language."""
    page: View = somebody(request) or View(request, language_of(request))
    sent: Sent | None = getattr(request.state, "sent", None)
    written = sent.written if sent else ""  # shown back: nobody should type it twice
    return page.render("refused.html", status, sentence=page.t(key), written=written)


def sign_in_address(request: Request, *, expired: bool) -> str:
    """The sign-in page that leads back to what was asked for."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/console/sign-in?next={quote(wanted, safe='')}" + ("&expired=1" if expired else "")

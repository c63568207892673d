"""Sign-in, one-time links, sign-out, and the person's own switches: language, available or away."""

from __future__ import annotations

from collections.abc import Callable

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from bot.i18n.catalogues import LANGUAGES, text
from bot.services import people, signin
from bot.services.signin import SignInError
from bot.web.console.pages import Form, SignedIn, language_of
from bot.web.console.route import ConsoleRoute
from bot.web.console.signin_page import show_form, show_sign_in
from bot.web.session import (
    FORM_COOKIE,
    SESSION_COOKIE,
    drop_cookie,
    is_form_token,
    put_cookie,
    safe_next,
)

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)
MOST_WAITING = 20


@router.get("/sign-in")
def sign_in_page(request: Request, next: str = "", expired: str = "") -> Response:
    """The sign-in form."""
    return show_sign_in(request, back=next, expired=bool(expired))


@router.post("/sign-in")
async def sign_in(request: Request, sent: Form) -> Response:
    """Check the password; a new session every time."""
    back, email = safe_next(sent["next"]), sent.line("email")

    async def again(status: int, error: str) -> Response:
        return await run_in_threadpool(lambda: show_sign_in(request, status, back=back, email=email, error=error))

    if not is_form_token(request.cookies.get(FORM_COOKIE, ""), sent.token):
        return await again(400, _sentence(request, "form_stale"))
    old = request.cookies.get(SESSION_COOKIE, "")
    ports = request.app.state.ports
    try:
        secret = await _slowly(request, lambda: signin.sign_in(ports, email, sent["password"], old))
    except SignInError as error:
        return await again(429 if error.minutes else 403, _why(request, error))
    return _in(request, secret, back)


@router.get("/welcome")
def welcome_page(request: Request, token: str = "") -> Response:
    """The form behind a one-time link. Looking at it does not use the link up."""
    email = signin.invited_email(request.app.state.ports, token)
    error = "" if email else _sentence(request, "link_used")
    return show_form(
        request, "welcome.html", 200 if email else 410, token=token, works=bool(email), email=email, error=error
    )


@router.post("/welcome")
async def welcome(request: Request, sent: Form) -> Response:
    """Set the password, use the link up, sign in."""
    ports, token = request.app.state.ports, sent["token"]

    async def again(status: int, error: str, works: bool = True) -> Response:
        return await run_in_threadpool(
            lambda: show_form(
                request,
                "welcome.html",
                status,
                token=token,
                works=works,
                email=signin.invited_email(ports, token),
                error=error,
            )
        )

    if not is_form_token(request.cookies.get(FORM_COOKIE, ""), sent.token):
        return await again(400, _sentence(request, "form_stale"))
    try:
        secret = await _slowly(request, lambda: signin.welcome(ports, token, sent["password"], sent["again"]))
    except SignInError as error:
        used = error.code == "link_used"
        return await again(410 if used else 422, _why(request, error), not used)
    return _in(request, secret, "/console/cases")


@router.post("/sign-out")
def sign_out(request: Request, page: SignedIn, sent: Form) -> Response:
    """End this session."""
    if not page.is_ours(sent):
        return page.go("/console/cases", "form_stale")
    signin.sign_out(page.ports, page.secret)
    response = RedirectResponse("/console/sign-in", 303)
    drop_cookie(response, SESSION_COOKIE)
    return response


@router.post("/language")
def change_language(page: SignedIn, sent: Form) -> Response:
    """The language this person reads the console and alerts in."""
    back = safe_next(sent["next"])
    if not page.is_ours(sent):
        return page.go("/console/cases", "form_stale")
    if sent["language"] in LANGUAGES:
        with page.ports.database.write() as uow:
            uow.staff.get(page.staff.id).language = sent["language"]
    return page.go(back)


@router.post("/available")
def change_available(page: SignedIn, sent: Form) -> Response:
    """Take cases, or not for now."""
    if not page.is_ours(sent):
        return page.go("/console/cases", "form_stale")
    available = sent["available"] == "1"
    with page.ports.database.write() as uow:
        people.set_available(uow, page.staff.id, available, page.now)
    return page.go("/console/cases", "now_available" if available else "now_away")


async def _slowly(request: Request, work: Callable[[], str]) -> str:
    """Hash on threads of its own: waiting sign-ins must not hold the threads that citizens need."""
    state = request.app.state
    limiter: CapacityLimiter | None = getattr(state, "sign_in_limiter", None)
    if limiter is None:
        limiter = state.sign_in_limiter = CapacityLimiter(2)
    if limiter.statistics().tasks_waiting >= MOST_WAITING:
        raise SignInError("sign_in_busy", minutes=1)
    return await to_thread.run_sync(work, limiter=limiter)


def _in(request: Request, secret: str, path: str) -> Response:
    response = RedirectResponse(path, 303)
    put_cookie(request, response, SESSION_COOKIE, secret)
    drop_cookie(response, FORM_COOKIE)
    return response


def _sentence(request: Request, code: str) -> str:
    return text(f"console.{code}", language_of(request))


def _why(request: Request, error: SignInError) -> str:
    return text(f"console.{error.code}", language_of(request), minutes=error.minutes)

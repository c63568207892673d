"""The public pages: what Hemşehri is, with the chat beside it, and the chat alone."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from bot.domain.numbers import european_emergency
from bot.i18n.catalogues import LANGUAGES, direction, language_name, text
from bot.services.cards import call_centre_number
from bot.services.ports import Ports

DEFAULT_LANGUAGE = "en"  # for a browser that asks for none of ours
TEMPLATES = Jinja2Templates(directory=Path(__file__).parent / "templates")

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(request: Request, lang: str = "") -> HTMLResponse:
    """What Hemşehri is, in a few sentences, and the chat to try."""
    return _page(request, "site/home.html", lang)


@router.get("/chat")
def chat(request: Request, lang: str = "") -> HTMLResponse:
    """Nothing but the chat, for a phone's whole screen; without JavaScript the numbers to call."""
    return _page(request, "site/chat.html", lang)


def _page(request: Request, template: str, wanted: str) -> HTMLResponse:
    language = choose_language(wanted, request.headers.get("accept-language", ""))
    ports: Ports = request.app.state.ports
    directory = ports.knowledge.directory
    european = european_emergency(directory)
    context = {
        "language": language,
        "direction": direction(language),
        "languages": {code: _capital(language_name(code, code)) for code in LANGUAGES},
        "t": lambda key: text(key, language),
        "emergency": pieces("card.europe", language, european[0].number)
        if european
        else [text("card.unknown_country", language)],
        "call_centre": pieces("card.call_centre", language, call_centre_number(directory, None)),
        "public_url": request.app.state.settings.public_url,
    }
    headers = {"content-language": language, "vary": "accept-language", "cache-control": "no-cache"}
    return TEMPLATES.TemplateResponse(request, template, context, headers=headers)


def _capital(name: str) -> str:
    """'Français' for a menu, where French itself writes 'français'."""
    return name[:1].upper() + name[1:]


def pieces(key: str, language: str, number: str) -> list[str]:
    """A sentence cut around its number: before, number, after. Empty if there is no number to show."""
    if not number:
        return []
    before, _, after = text(key, language, number="\0").partition("\0")
    return [before, number, after]


def choose_language(wanted: str, accepted: str) -> str:
    """The language asked for in the address, else the browser's best one that we speak."""
    if wanted[:2].lower() in LANGUAGES:
        return wanted[:2].lower()
    ranked: list[tuple[float, int, str]] = []
    for position, part in enumerate(accepted.split(",")[:20]):
        tag, _, quality = part.strip().partition(";")
        code = tag.split("-")[0].strip().lower()
        weight = _weight(quality)
        if code in LANGUAGES and weight > 0:
            ranked.append((-weight, position, code))
    return min(ranked)[2] if ranked else DEFAULT_LANGUAGE


def _weight(quality: str) -> float:
    """The q of an Accept-Language part: 1 if there is none, 0 if it cannot be read."""
    name, _, value = quality.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0

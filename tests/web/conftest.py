"""A console over a town in a box: browsers that are signed in, and forms filled the way a person would."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from fastapi.testclient import TestClient
from httpx import Response

from bot.domain.taxonomy import Severity
from bot.services import cases
from bot.storage.tables import CaseRow
from bot.storage.tables_staff import StaffRow
from bot.web import problems
from bot.web.console import console_router
from bot.web.session import SESSION_COOKIE, form_token
from tests.harness.town import Town

KOLN = {"country": "DE", "name": "Köln", "lat": 50.9375, "lon": 6.9603}
STATIC = Path(problems.__file__).parent / "static"


class Browser(TestClient):
    """One browser; follows redirects only when asked to."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(app, base_url="http://town.test", follow_redirects=False)

    @property
    def token(self) -> str:
        return form_token(self.cookies.get(SESSION_COOKIE, ""))

    def sends(self, path: str, /, **fields: Any) -> Response:
        """Post a form the way one of our own pages would."""
        fields.setdefault("form_token", self.token)
        return self.post(path, data=fields)

    def submit(self, page: Response, action: str, /, **fields: Any) -> Response:
        """Fill in the form with this action that stands on a page, hidden fields included."""
        form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page.text, re.DOTALL)
        assert form, f"the page has no form for {action}"
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
        return self.post(action, data={name: unescape(value) for name, value in hidden} | fields)

    def reads(self, path: str) -> str:
        response = self.get(path)
        assert response.status_code == 200, (path, response.status_code, response.text[:500])
        assert len(response.content) < 100_000
        return response.text


class Console:
    """The console's application and the people who use it."""

    def __init__(self, town: Town) -> None:
        self.town, self.ports = town, town.ports
        self.app = FastAPI()
        self.app.state.ports, self.app.state.settings = town.ports, town.settings
        problems.install(self.app)
        self.app.include_router(console_router(town.ports))
        self.app.mount("/static", StaticFiles(directory=STATIC))

    def stranger(self) -> Browser:
        return Browser(self.app)

    def browser_of(self, staff: StaffRow, language: str = "en") -> Browser:
        browser = Browser(self.app)
        with self.ports.database.write() as uow:
            uow.staff.get(staff.id).language = language
            secret = uow.staff.open_session(staff.id, self.ports.clock())
        browser.cookies.set(SESSION_COOKIE, secret, domain="town.test", path="/console")
        return browser

    def officer(self, name: str, desk: str = "de-koln-bk", **options: Any) -> Browser:
        return self.browser_of(self.town.officer(name, desk), **options)

    def coordinator(self, name: str = "Coordinator", **options: Any) -> Browser:
        return self.browser_of(self.town.coordinator(name), **options)

    def case(
        self,
        label: str = "arrest_detention",
        citizen: str = "citizen",
        location: dict[str, Any] | None = KOLN,
        said: str = "Sie haben meinen Bruder mitgenommen",
        channel: str = "web",
    ) -> CaseRow:
        """A case of a citizen who wrote in German."""
        now = self.ports.clock()
        with self.ports.database.write() as uow:
            key = f"{channel}:{citizen}"
            talk = uow.conversations.create(key, channel, citizen, "de", now)
            talk.location = location
            uow.conversations.say(talk, "citizen", said, now, language="de")
            severity = self.ports.knowledge.taxonomy.severity_of(label)
            return cases.open_case(uow, self.ports, talk, label, Severity(severity), now).case

    def said_to(self, case: CaseRow) -> list[tuple[str, str]]:
        """(author, text) of the whole conversation."""
        with self.ports.database.read() as uow:
            return [(row.author, row.text) for row in uow.conversations.after(case.conversation_id, 0)]

    def mode(self, case: CaseRow) -> str:
        with self.ports.database.read() as uow:
            return uow.conversations.get(case.conversation_id).mode


@pytest.fixture
def console(make_town: Callable[..., Town]) -> Console:
    return Console(make_town())

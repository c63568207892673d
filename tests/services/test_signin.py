"""Signing in without the web: passwords, locks, one-time links."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.accounts import Role
from bot.services import signin
from bot.services.signin import SignInError, lock_after
from tests.harness.town import Town

PASSWORD = "a long enough password"


@pytest.fixture
def town(make_town: Callable[..., Town], monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(signin, "_strangers", signin._Strangers())
    town = make_town()
    with town.database.write() as uow:
        staff = uow.staff.add("Ayse@Town.test", "Ayşe", Role.OFFICER, town.clock())
        staff.password_hash = signin.hash_password(PASSWORD)
    return town


def fails(town: Town, email: str, password: str = "wrong") -> SignInError:
    with pytest.raises(SignInError) as caught:
        signin.sign_in(town.ports, email, password)
    return caught.value


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (9, 15), (10, 15), (10_000, 15)],
)
def test_the_lock_doubles_up_to_a_quarter_of_an_hour(failures: int, minutes: int) -> None:
    assert lock_after(failures) == timedelta(minutes=minutes)


def test_the_right_password_opens_a_session(town: Town) -> None:
    secret = signin.sign_in(town.ports, " AYSE@town.test ", PASSWORD)
    person = signin.who_is(town.ports, secret)
    assert person is not None
    assert person.name == "Ayşe"


@pytest.mark.parametrize("email", ["ayse@town.test", "nobody@town.test"])
def test_a_lock_tells_nothing_about_who_exists(town: Town, email: str) -> None:
    codes = [fails(town, email).code for _ in range(6)]
    assert codes == ["wrong_password"] * 5 + ["locked"]
    assert fails(town, email).minutes == 1


def test_a_lock_holds_for_the_right_password_too_and_ends(town: Town) -> None:
    for _ in range(5):
        fails(town, "ayse@town.test")
    assert fails(town, "ayse@town.test", PASSWORD).code == "locked"
    town.clock.forward(seconds=61)
    assert signin.sign_in(town.ports, "ayse@town.test", PASSWORD)
    for _ in range(4):  # a success has set the count back
        assert fails(town, "ayse@town.test").code == "wrong_password"
    assert signin.sign_in(town.ports, "ayse@town.test", PASSWORD)


def test_an_unknown_address_costs_a_comparison_too(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    monkeypatch.setattr(signin, "_fits", lambda _password, stored: bool(compared.append(stored)))
    fails(town, "nobody@town.test")
    fails(town, "ayse@town.test")
    assert len(compared) == 2
    assert all(stored.startswith("$argon2id$") for stored in compared)


def test_nobody_signs_in_without_a_password_or_when_inactive(town: Town) -> None:
    with town.database.write() as uow:
        uow.staff.add("new@town.test", "New", Role.OFFICER, town.clock())
    assert fails(town, "new@town.test", "no person has this password").code == "wrong_password"
    secret = signin.sign_in(town.ports, "ayse@town.test", PASSWORD)
    with town.database.write() as uow:
        person = uow.staff.by_email("ayse@town.test")
        assert person is not None
        person.active = False
    assert signin.who_is(town.ports, secret) is None
    assert fails(town, "ayse@town.test", PASSWORD).code == "wrong_password"


def test_at_most_two_hashes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = [0], [0], threading.Lock()

    class Slow:
        def hash(self, _password: str) -> str:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            threading.Event().wait(0.05)
            with lock:
                running[0] -= 1
            return "x"

    monkeypatch.setattr(signin, "_hasher", Slow())
    threads = [threading.Thread(target=signin.hash_password, args=("x",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 2


def link(town: Town) -> str:
    with town.database.write() as uow:
        person = uow.staff.by_email("ayse@town.test")
        assert person is not None
        return uow.staff.issue_token(person.id, town.clock(), timedelta(days=7))


def test_a_link_works_once_and_ends_the_other_sessions(town: Town) -> None:
    before, token = signin.sign_in(town.ports, "ayse@town.test", PASSWORD), link(town)
    assert signin.invited_email(town.ports, token)
    assert signin.invited_email(town.ports, token)  # looking does not use it up
    after = signin.welcome(town.ports, token, "another long password", "another long password")
    assert signin.who_is(town.ports, before) is None
    assert signin.who_is(town.ports, after) is not None
    with pytest.raises(SignInError, match="link_used"):
        signin.welcome(town.ports, token, "another long password", "another long password")


def test_a_link_expires(town: Town) -> None:
    token = link(town)
    town.clock.forward(days=8)
    assert not signin.invited_email(town.ports, token)


@pytest.mark.parametrize(
    ("password", "again", "code"),
    [("eleven char", "eleven char", "password_short"), (PASSWORD, "else", "passwords_differ"),
     ("x" * 1001, "x" * 1001, "too_long")],
)  # fmt: skip
def test_a_password_that_cannot_be_set_does_not_use_the_link_up(
    town: Town, password: str, again: str, code: str
) -> None:
    token = link(town)
    with pytest.raises(SignInError, match=code):
        signin.welcome(town.ports, token, password, again)
    assert signin.invited_email(town.ports, token)


def test_being_there_is_noted_at_most_once_a_minute(town: Town) -> None:
    secret = signin.sign_in(town.ports, "ayse@town.test", PASSWORD)

    def seen() -> object:
        signin.who_is(town.ports, secret)
        with town.database.read() as uow:
            session = uow.staff.session(secret, town.clock())
            assert session is not None
            return session.seen_at

    first = seen()
    town.clock.forward(seconds=59)
    assert seen() == first
    town.clock.forward(seconds=1)
    assert seen() == town.clock()

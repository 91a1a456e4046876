"""The browser's session and the token of its forms."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import Response

from auth.csrf import COOKIE as FORM_COOKIE
from auth.csrf import CsrfGuard
from auth.session import COOKIE, Sessions
from tests.auth.world import ISSUER, LI_MING, World


def _request(cookies: dict[str, str], headers: dict[str, str] | None = None) -> Request:
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    given = {"cookie": cookie} | (headers or {})
    return Request({"type": "http", "headers": [(k.encode(), v.encode()) for k, v in given.items()]})


async def _begin(world: World) -> str:
    person = await world.persons.remember(LI_MING.citizen_id, LI_MING.id_number, LI_MING.name)
    return await world.sessions.begin(person)


async def test_a_session_knows_its_person_until_it_is_ended(world: World) -> None:
    """The value in the cookie is all it takes, and nothing else will do."""
    value = await _begin(world)
    person = await world.sessions.current(_request({COOKIE: value}))
    assert person is not None
    assert person.id == LI_MING.citizen_id
    assert await world.sessions.current(_request({})) is None
    assert await world.sessions.current(_request({COOKIE: value + "x"})) is None
    await world.sessions.end(_request({COOKIE: value}))
    assert await world.sessions.current(_request({COOKIE: value})) is None


async def test_half_an_hour_without_a_request_ends_it(world: World) -> None:
    """Requests keep it awake, for twelve hours at most."""
    request = _request({COOKIE: await _begin(world)})
    for _ in range(25):
        world.clock.move(minutes=28)
        assert await world.sessions.current(request) is not None
    world.clock.move(minutes=25)
    assert await world.sessions.current(request) is None

    idle = _request({COOKIE: await _begin(world)})
    world.clock.move(minutes=30)
    assert await world.sessions.current(idle) is None


async def test_the_store_holds_nothing_that_opens_a_session(world: World) -> None:
    """Whoever reads the table cannot sign in with it."""
    value = await _begin(world)
    assert await world.store.session(value) is None


@pytest.mark.parametrize("is_secure", [True, False])
async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(world: World, is_secure: bool) -> None:
    """And of plain http, where the hub is reached by https."""
    sessions = Sessions(world.store, world.persons, world.clock, is_secure=is_secure)
    response = Response()
    sessions.set_cookie(response, "value")
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert ("Secure" in cookie) is is_secure


def _shown_form(guard: CsrfGuard, session: str = "") -> tuple[str, str]:
    """The cookie's secret and the form's token, as a page hands them out."""
    request = _request({COOKIE: session} if session else {})
    secret = guard.secret(request)
    return secret, guard.token(request, secret)


def test_a_form_of_ours_is_accepted() -> None:
    """With and without the Origin header."""
    guard = CsrfGuard(ISSUER)
    secret, token = _shown_form(guard, "session-1")
    cookies = {FORM_COOKIE: secret, COOKIE: "session-1"}
    assert guard.accepts(_request(cookies), token)
    assert guard.accepts(_request(cookies, {"origin": ISSUER}), token)


def test_a_form_of_somebody_else_is_not() -> None:
    """No token, a wrong one, no cookie, another session, another origin."""
    guard = CsrfGuard(ISSUER)
    secret, token = _shown_form(guard, "session-1")
    cookies = {FORM_COOKIE: secret, COOKIE: "session-1"}
    assert not guard.accepts(_request(cookies), None)
    assert not guard.accepts(_request(cookies), "")
    assert not guard.accepts(_request(cookies), "0" * 64)
    assert not guard.accepts(_request(cookies), "令牌")
    assert not guard.accepts(_request({COOKIE: "session-1"}), token)
    assert not guard.accepts(_request(cookies | {COOKIE: "session-2"}), token)
    for origin in ("https://evil.example", "null", f"{ISSUER}.evil.example"):
        assert not guard.accepts(_request(cookies, {"origin": origin}), token)


def test_the_form_cookie_is_kept_over_several_forms() -> None:
    """Two tabs with a form each both work."""
    guard = CsrfGuard("https://hub.example/")
    secret = guard.secret(_request({FORM_COOKIE: "kept"}))
    response = Response()
    guard.remember(response, secret)
    assert secret == "kept"
    assert "Secure" in response.headers["set-cookie"]

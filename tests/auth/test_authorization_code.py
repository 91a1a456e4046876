"""Authorization code with PKCE, through the public doors."""

from __future__ import annotations

import asyncio
from urllib.parse import unquote

import pytest

from tests.auth.world import LI_MING, REDIRECT, SECRET, WANG_FANG, World, answer_of


async def test_a_signed_in_person_gets_a_token_that_names_them(world: World) -> None:
    """The whole flow, as every application walks it."""
    await world.begin_session()
    answer = answer_of(await world.authorize())
    assert answer["state"] == "xyz"
    assert answer["iss"] == world.server.issuer

    response = await world.redeem(answer["code"])

    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    token = response.json()
    assert token["token_type"] == "Bearer"
    assert token["expires_in"] == 900
    actor = await world.verifier.verify(token["access_token"])
    assert (actor.subject, actor.client_id) == (LI_MING.citizen_id, "mobile")
    assert actor.roles == {"citizen"}
    assert actor.scopes == {"citizen"}
    assert actor.department is None


async def test_who_is_not_signed_in_is_sent_to_the_sign_in_page_and_back(world: World) -> None:
    """The complete request travels along, so that nothing is lost on the way."""
    response = await world.authorize()
    assert response.status_code == 303
    path, _, target = response.headers["location"].partition("?next=")
    assert path == "/sign-in"
    assert unquote(target) == response.request.url.raw_path.decode()


async def test_a_wrong_request_is_refused_before_anybody_signs_in(world: World) -> None:
    """Nobody types their number for a client that does not exist."""
    response = await world.authorize(client_id="nobody")
    assert response.status_code == 400
    assert response.json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": "short"},
    ],
)
async def test_pkce_is_demanded_and_is_s256(world: World, changed: dict[str, str | None]) -> None:
    """Left to its defaults Authlib takes ``plain``, and asks confidential clients for nothing."""
    await world.begin_session()
    assert answer_of(await world.authorize(**changed))["error"] == "invalid_request"
    portal = {"client_id": "portal", "redirect_uri": f"{world.server.issuer}/sign-in/callback"}
    assert answer_of(await world.authorize(**portal, **changed))["error"] == "invalid_request"


@pytest.mark.parametrize("verifier", ["", "w" * 64, "short"])
async def test_a_code_without_its_verifier_is_worth_nothing(world: World, verifier: str) -> None:
    """Also not afterwards with the right one: the code was used up by the attempt."""
    await world.begin_session()
    code = await world.code()
    assert (await world.redeem(code, code_verifier=verifier)).status_code == 400
    assert (await world.redeem(code)).json()["error"] == "invalid_grant"


async def test_a_code_redeemed_twice_ends_the_whole_sign_in(world: World) -> None:
    """One of the two was a thief, and nobody can know which."""
    await world.begin_session()
    code = await world.code()
    first = (await world.redeem(code)).json()
    assert (await world.redeem(code)).json()["error"] == "invalid_grant"
    refreshed = await world.token(
        grant_type="refresh_token", client_id="mobile", refresh_token=first["refresh_token"]
    )
    assert refreshed.json()["error"] == "invalid_grant"


async def test_of_many_redemptions_at_once_one_gets_the_token(world: World) -> None:
    """Taking the code is one step of the database."""
    await world.begin_session()
    code = await world.code()
    answers = await asyncio.gather(*(world.redeem(code) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400]


async def test_a_code_is_good_for_one_minute(world: World) -> None:
    """Codes travel through the browser's history."""
    await world.begin_session()
    code = await world.code()
    world.clock.move(seconds=61)
    assert (await world.redeem(code)).json()["error"] == "invalid_grant"


async def test_a_code_belongs_to_its_client_and_its_redirect(world: World) -> None:
    """Another client cannot redeem it, and cannot use it up either."""
    await world.begin_session()
    code = await world.code()
    assert (await world.redeem(code, client_id="explorer")).json()["error"] == "invalid_grant"
    assert (await world.redeem(code, redirect_uri="http://127.0.0.1:9/callback")).status_code == 400
    other = await world.code()
    assert (await world.redeem(other)).status_code == 200


@pytest.mark.parametrize(
    "redirect",
    [
        "https://evil.example/callback",
        "http://127.0.0.1/callback/other",
        "http://127.0.0.1:8080@evil.example/callback",
        "http://evil@127.0.0.1/callback",
        "http://localhost/callback",
        "https://127.0.0.1/callback",
        "http://127.0.0.1/callback?more",
        "http://127.0.0.1/callback#x",
        "http://127.0.0.1:99999/callback",
        'http://127.0.0.1/callback"',
        "http://127.0.0.1/回来",
    ],
)
async def test_a_redirect_that_was_not_registered_is_never_followed(world: World, redirect: str) -> None:
    """The refusal is shown here: sending it there would hand the browser over."""
    await world.begin_session()
    response = await world.authorize(redirect_uri=redirect)
    assert response.status_code == 400
    assert "location" not in response.headers


async def test_a_native_application_listens_on_whatever_port_is_free(world: World) -> None:
    """RFC 8252, section 7.3."""
    await world.begin_session()
    redirect = "http://127.0.0.1:51004/callback"
    response = await world.authorize(redirect_uri=redirect)
    assert response.headers["location"].startswith(f"{redirect}?code=")
    code = answer_of(response)["code"]
    assert (await world.redeem(code, redirect_uri=redirect)).status_code == 200


async def test_a_confidential_client_must_show_its_secret(world: World) -> None:
    """Its client id is known to everybody."""
    await world.begin_session()
    portal = {"client_id": "portal", "redirect_uri": f"{world.server.issuer}/sign-in/callback"}
    code = await world.code(**portal)
    assert (await world.redeem(code, **portal)).json()["error"] == "invalid_client"
    assert (await world.redeem(code, **portal, client_secret="wrong")).status_code in (400, 401)
    assert (await world.redeem(code, **portal, client_secret=SECRET)).status_code == 200


async def test_roles_are_the_persons_and_never_more_than_the_clients(world: World) -> None:
    """An operator who signs in on a phone application is a citizen there."""
    await world.begin_session(WANG_FANG)
    mobile = (await world.redeem(await world.code())).json()["access_token"]
    portal = {"client_id": "portal", "redirect_uri": f"{world.server.issuer}/sign-in/callback"}
    code = await world.code(**portal)
    web = (await world.redeem(code, **portal, client_secret=SECRET)).json()["access_token"]
    assert (await world.verifier.verify(mobile)).roles == {"citizen"}
    assert (await world.verifier.verify(web)).roles == {"citizen", "operator"}


async def test_unknown_scopes_are_left_out_and_none_left_is_an_error(world: World) -> None:
    """Stock clients ask for OpenID scopes by habit; the answer says what was granted."""
    await world.begin_session()
    code = await world.code(scope="openid citizen")
    assert (await world.redeem(code)).json()["scope"] == "citizen"
    assert answer_of(await world.authorize(scope="citizens:read"))["error"] == "invalid_scope"


@pytest.mark.parametrize("response_type", ["token", "id_token", "code token"])
async def test_there_is_no_implicit_flow(world: World, response_type: str) -> None:
    """Tokens never travel through a browser's address bar."""
    await world.begin_session()
    response = await world.authorize(response_type=response_type)
    assert answer_of(response)["error"] == "unsupported_response_type"
    assert response.headers["location"].startswith(REDIRECT)

"""Client credentials, refresh, revocation, and the edges of the token door."""

from __future__ import annotations

import asyncio
import base64
import logging

import pytest

from auth.authorization_server import AuthorizationServer
from auth.tokens import TokenIssuer
from tests.auth.world import ISSUER, SECRET, WANG_FANG, World


async def _signed_in(world: World) -> dict[str, str]:
    await world.begin_session()
    token: dict[str, str] = (await world.redeem(await world.code())).json()
    return token


async def _refresh(world: World, token: str) -> dict[str, str]:
    answer = await world.token(grant_type="refresh_token", client_id="mobile", refresh_token=token)
    body: dict[str, str] = answer.json()
    return body


async def test_a_department_acts_as_itself(world: World) -> None:
    """Its token names the department; there is no person and no refresh token in it."""
    answer = await world.token(auth=("department-civil-affairs", SECRET), grant_type="client_credentials")
    token = answer.json()
    assert answer.status_code == 200, token
    assert "refresh_token" not in token
    actor = await world.verifier.verify(token["access_token"])
    assert (actor.subject, actor.department) == ("department-civil-affairs", "civil-affairs")
    assert actor.roles == {"department"}
    assert actor.scopes == set()


async def test_a_client_id_may_come_encoded_or_plain(world: World) -> None:
    """OAuth libraries encode it, ``curl -u`` does not."""
    for spelling in ("department-civil-affairs", "department%2Dcivil-affairs"):
        answer = await world.token(auth=(spelling, SECRET), grant_type="client_credentials")
        assert answer.status_code == 200


async def test_secrets_may_come_in_the_form_too(world: World) -> None:
    """Both methods that the discovery document names."""
    answer = await world.token(grant_type="client_credentials", client_id="operator-cli", client_secret=SECRET)
    assert (await world.verifier.verify(answer.json()["access_token"])).roles == {"operator"}


@pytest.mark.parametrize("client_id", ["operator-cli", "nobody", "tv"])
async def test_a_wrong_secret_is_refused(world: World, client_id: str) -> None:
    """Known and unknown clients, and a public one that has none."""
    answer = await world.token(auth=(client_id, "wrong"), grant_type="client_credentials")
    assert answer.json()["error"] == "invalid_client"
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


async def test_a_public_client_is_no_service(world: World) -> None:
    """Its id is no proof of anything."""
    answer = await world.token(grant_type="client_credentials", client_id="mobile")
    assert answer.json()["error"] == "invalid_client"


async def test_wrong_secrets_are_counted(world: World) -> None:
    """The thirty-first try within a minute waits, also with the right secret."""
    for _ in range(30):
        await world.token(auth=("nobody", "wrong"), grant_type="client_credentials")
    answer = await world.token(auth=("operator-cli", SECRET), grant_type="client_credentials")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60
    world.clock.move(seconds=60)
    answer = await world.token(auth=("operator-cli", SECRET), grant_type="client_credentials")
    assert answer.status_code == 200


async def test_a_refresh_token_is_exchanged_for_the_next(world: World) -> None:
    """Each one works once; roles are read anew."""
    first = await _signed_in(world)
    second = await _refresh(world, first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    third = await _refresh(world, second["refresh_token"])
    assert (await world.verifier.verify(third["access_token"])).roles == {"citizen"}


async def test_a_stolen_refresh_token_ends_the_sign_in(world: World) -> None:
    """When an exchanged token comes back, nobody can say who is the thief: both must sign in again."""
    first = await _signed_in(world)
    second = await _refresh(world, first["refresh_token"])
    world.clock.move(minutes=1)
    assert (await _refresh(world, first["refresh_token"]))["error"] == "invalid_grant"
    assert (await _refresh(world, second["refresh_token"]))["error"] == "invalid_grant"


async def test_two_tabs_that_refresh_at_once_do_not_sign_the_person_out(world: World) -> None:
    """One gets the token, the other is refused, and the sign-in stands."""
    first = await _signed_in(world)
    answers = await asyncio.gather(*(_refresh(world, first["refresh_token"]) for _ in range(3)))
    won = [answer for answer in answers if "access_token" in answer]
    assert len(won) == 1
    assert "access_token" in await _refresh(world, won[0]["refresh_token"])


async def test_a_refresh_token_belongs_to_its_client(world: World) -> None:
    """And trying it elsewhere does not use it up."""
    first = await _signed_in(world)
    answer = await world.token(grant_type="refresh_token", client_id="tv", refresh_token=first["refresh_token"])
    assert answer.json()["error"] == "invalid_grant"
    assert "access_token" in await _refresh(world, first["refresh_token"])


async def test_a_refresh_never_widens_the_scope(world: World) -> None:
    """RFC 6749, section 6."""
    first = await _signed_in(world)
    answer = await world.token(
        grant_type="refresh_token",
        client_id="mobile",
        refresh_token=first["refresh_token"],
        scope="citizen citizens:read",
    )
    assert answer.json()["error"] == "invalid_scope"


async def test_after_thirty_days_one_signs_in_again(world: World) -> None:
    """A refresh token is not for ever."""
    first = await _signed_in(world)
    world.clock.move(days=30)
    assert (await _refresh(world, first["refresh_token"]))["error"] == "invalid_grant"


async def test_revoking_ends_the_sign_in(world: World) -> None:
    """Also for the token's successor; an unknown token is no error (RFC 7009)."""
    first = await _signed_in(world)
    second = await _refresh(world, first["refresh_token"])
    fields = {"client_id": "mobile", "token": second["refresh_token"]}
    assert (await world.browser.post("/oauth/revoke", data=fields)).status_code == 200
    assert (await _refresh(world, second["refresh_token"]))["error"] == "invalid_grant"
    assert (await world.browser.post("/oauth/revoke", data=fields | {"token": "unknown"})).status_code == 200


async def test_access_tokens_cannot_be_revoked_and_the_answer_says_so(world: World) -> None:
    """They live for a quarter of an hour; pretending would be worse."""
    first = await _signed_in(world)
    fields = {"client_id": "mobile", "token": first["access_token"]}
    answer = await world.browser.post("/oauth/revoke", data=fields)
    assert answer.json()["error"] == "unsupported_token_type"


async def test_a_person_works_for_one_department_at_a_time(world: World) -> None:
    """Their token names it; employed elsewhere, or dismissed, the next token says so."""
    person = await world.begin_session()
    await world.persons.employ(person.id, "transport")
    await world.persons.employ(person.id, "finance")
    portal = {"client_id": "portal", "redirect_uri": f"{ISSUER}/sign-in/callback"}
    first = (await world.redeem(await world.code(**portal), **portal, client_secret=SECRET)).json()
    employed = await world.verifier.verify(first["access_token"])
    assert employed.roles == {"citizen", "department-staff"}
    assert employed.department == "finance"
    await world.persons.dismiss(person.id, "transport")
    await world.persons.dismiss(person.id, "finance")
    answer = await world.token(
        auth=("portal", SECRET), grant_type="refresh_token", refresh_token=first["refresh_token"]
    )
    dismissed = await world.verifier.verify(answer.json()["access_token"])
    assert dismissed.roles == {"citizen"}
    assert dismissed.department is None


async def test_a_withdrawn_role_is_gone_with_the_next_token(world: World) -> None:
    """Granted and withdrawn in the register, read at every issue."""
    person = await world.begin_session()
    await world.persons.grant_role(person.id, "officer")
    portal = {"client_id": "portal", "redirect_uri": f"{ISSUER}/sign-in/callback"}
    first = (await world.redeem(await world.code(**portal), **portal, client_secret=SECRET)).json()
    assert (await world.verifier.verify(first["access_token"])).roles == {"citizen", "officer"}
    await world.persons.withdraw_role(person.id, "officer")
    answer = await world.token(
        auth=("portal", SECRET), grant_type="refresh_token", refresh_token=first["refresh_token"]
    )
    second = answer.json()
    assert (await world.verifier.verify(second["access_token"])).roles == {"citizen"}


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b'{"grant_type":"client_credentials"}', "application/json", 415),
        (b"grant_type=client_credentials", "text/plain", 415),
        (b"a=" + b"x" * 20_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"f%d=1" % n for n in range(40)), "application/x-www-form-urlencoded", 400),
        (b"grant_type=\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"grant_type=client_credentials&grant_type=x", "application/x-www-form-urlencoded", 400),
        (b"grant_type=password", "application/x-www-form-urlencoded", 400),
        (b"", "application/x-www-form-urlencoded", 400),
        (b"grant_type=%22%0d%0aX", "application/x-www-form-urlencoded", 400),
    ],
)
async def test_a_bad_form_is_answered_not_crashed_on(
    world: World, content: bytes, content_type: str, status: int
) -> None:
    """Every refusal is an OAuth error with a text."""
    answer = await world.browser.post("/oauth/token", content=content, headers={"content-type": content_type})
    assert answer.status_code == status
    assert answer.json()["error"] in {"invalid_request", "unsupported_grant_type"}
    assert answer.json()["error_description"]


@pytest.mark.parametrize(
    "credentials",
    [
        "Basic %%%",
        "Basic " + base64.b64encode(b"\xff\xff:\xff").decode(),
        "Basic",
        "Bearer x",
        "Basic bm9jb2xvbg==",
    ],
)
async def test_broken_credentials_are_answered_not_crashed_on(world: World, credentials: str) -> None:
    """Authlib fails on some of these when left alone."""
    answer = await world.browser.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers={"authorization": credentials}
    )
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] in {"invalid_client", "invalid_request"}


async def test_no_token_is_ever_written_to_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Authlib writes them at debug level."""
    caplog.set_level(logging.DEBUG)
    await world.begin_session(WANG_FANG)
    token = (await world.redeem(await world.code())).json()
    await _refresh(world, token["refresh_token"])
    assert token["access_token"] not in caplog.text
    assert token["refresh_token"] not in caplog.text
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("auth", "hub"))]
    assert WANG_FANG.id_number not in " ".join(ours)


async def test_discovery_names_every_door(world: World) -> None:
    """The same document at both well-known addresses, readable from any origin."""
    first = await world.browser.get("/.well-known/oauth-authorization-server")
    second = await world.browser.get("/.well-known/openid-configuration")
    document = first.json()
    assert document == second.json()
    assert document["issuer"] == ISSUER
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert first.headers["access-control-allow-origin"] == "*"
    for name in ("token", "device_authorization", "revocation"):
        path = document[f"{name}_endpoint"].removeprefix(ISSUER)
        assert (await world.browser.post(path, data={"x": "1"})).status_code in (400, 401)
    keys = (await world.browser.get(document["jwks_uri"].removeprefix(ISSUER))).json()["keys"]
    assert [(key["kty"], key["crv"], key["alg"], "d" in key) for key in keys] == [("EC", "P-256", "ES256", False)]


@pytest.mark.parametrize("issuer", ["http://192.168.1.5:8000", "http://hub.example", "ftp://127.0.0.1"])
async def test_tokens_are_never_served_over_plain_http_on_a_network(world: World, issuer: str) -> None:
    """Said at start with the mend; left alone Authlib fails at each request instead."""
    tokens = TokenIssuer(issuer, world.keys, world.clock)
    with pytest.raises(ValueError, match="Serve TLS"):
        AuthorizationServer(tokens, world.store, world.persons, world.clock)
    AuthorizationServer(
        TokenIssuer("https://192.168.1.5", world.keys, world.clock), world.store, world.persons, world.clock
    )

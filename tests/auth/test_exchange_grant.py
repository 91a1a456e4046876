"""A person's token is exchanged for one of a party whose mandate they hold (RFC 8693)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from auth.exchange_grant import ACCESS_TOKEN
from auth.rules import PARTY, RECORDS, SIGNED_IN, role
from auth.tokens import InvalidToken
from hub.people.mandated_verifier import MandatedVerifier
from schema.domain.mandate import Mandate, Power, Scope
from schema.domain.party import ApplicantKind
from tests.auth.world import LI_MING, WANG_FANG, World

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ENTERPRISE = ApplicantKind.ENTERPRISE


async def signed_in(world: World) -> str:
    """Li Ming's own token, given to the mobile application."""
    await world.begin_session()
    return str((await world.redeem(await world.code())).json()["access_token"])


def mandate(world: World, **changed: Any) -> Mandate:
    scope, now = Scope(frozenset({Power.HANDLE_CASES}), frozenset({"A"})), world.clock()
    agent = LI_MING.citizen_id
    made = Mandate(
        "m1", "party-1", ENTERPRISE, "企业", agent, "李明", scope, "boss", now, now, now + timedelta(days=1)
    )
    made = replace(made, **changed)
    world.mandates.known[made.id] = made
    return made


async def exchanged(world: World, token: str, **changed: str) -> httpx2.Response:
    fields = {
        "grant_type": GRANT,
        "client_id": "mobile",
        "subject_token": token,
        "subject_token_type": ACCESS_TOKEN,
        "mandate": "m1",
    }
    return await world.browser.post("/oauth/token", data=fields | changed)


async def test_the_new_token_is_the_partys_and_names_who_acts(world: World) -> None:
    """It cannot be renewed, and has none of the person's roles."""
    token = await signed_in(world)
    given = mandate(world)
    answer = await exchanged(world, token)
    body = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert set(body) == {"access_token", "issued_token_type", "token_type", "expires_in"}
    assert (body["issued_token_type"], body["token_type"]) == (ACCESS_TOKEN, "Bearer")
    actor = await MandatedVerifier(world.verifier.verify, world.mandates, world.clock).verify(body["access_token"])
    assert (actor.subject, actor.person, actor.roles, actor.scopes) == (
        "party-1",
        LI_MING.citizen_id,
        frozenset({"agent"}),
        frozenset(),
    )
    assert actor.agency is not None
    assert (actor.agency.kind, actor.agency.scope) == (ENTERPRISE, given.scope)
    assert [actor.may(Power.HANDLE_CASES, item) for item in ("A", "B")] == [True, False]


async def test_the_tokens_words_alone_allow_nothing(world: World) -> None:
    """A door that forgot to look at the mandate lets nobody act."""
    token = await signed_in(world)
    mandate(world)
    actor = await world.verifier.verify((await exchanged(world, token)).json()["access_token"])
    assert not actor.may(Power.HANDLE_CASES, "A")
    allowed = [rule.allows(actor) for rule in (SIGNED_IN, RECORDS, role("citizen"), PARTY)]
    assert allowed == [False, False, False, True]


async def test_it_ends_with_the_mandate_whichever_is_first(world: World) -> None:
    """By itself, and at once where a side ended it."""
    token = await signed_in(world)
    given = mandate(world, until=world.clock() + timedelta(minutes=5))
    body = (await exchanged(world, token)).json()
    assert body["expires_in"] == 300
    verifier = MandatedVerifier(world.verifier.verify, world.mandates, world.clock)
    await verifier.verify(body["access_token"])
    world.mandates.known["m1"] = replace(given, ended_at=world.clock())
    with pytest.raises(InvalidToken, match="The mandate has ended"):
        await verifier.verify(body["access_token"])


async def test_a_representative_is_told_apart(world: World) -> None:
    """Who stands for the enterprise in everything may more than a clerk."""
    token = await signed_in(world)
    mandate(world, represents=True)
    actor = await world.verifier.verify((await exchanged(world, token)).json()["access_token"])
    assert actor.roles == {"agent", "representative"}


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"mandate": ""}, "invalid_target"),
        ({"mandate": "m2"}, "invalid_target"),
        ({"subject_token": ""}, "invalid_request"),
        ({"subject_token": "abc"}, "invalid_grant"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"actor_token": "abc"}, "invalid_request"),
        ({"client_id": "explorer"}, "invalid_grant"),
        ({"client_id": "tv"}, "unauthorized_client"),
        ({"client_id": "nobody"}, "invalid_client"),
    ],
)
async def test_what_does_not_fit_is_refused(world: World, changed: dict[str, str], error: str) -> None:
    """Each with the error that the RFC has for it; a token that another client was given is not taken."""
    token = await signed_in(world)
    mandate(world)
    answer = await exchanged(world, token, **changed)
    assert (answer.json()["error"], answer.status_code in (400, 401)) == (error, True)
    assert answer.json()["error_description"]


async def test_nobody_acts_by_anothers_mandate_or_one_that_is_over(world: World) -> None:
    """Nor by one that has not begun."""
    token = await signed_in(world)
    now = world.clock()
    for changed in (
        {"agent": WANG_FANG.citizen_id},
        {"until": now},
        {"since": now + timedelta(minutes=1)},
        {"ended_at": now},
    ):
        mandate(world, **changed)
        assert (await exchanged(world, token)).json()["error"] == "invalid_target"


async def test_an_agents_token_is_not_exchanged_again(world: World) -> None:
    """Chains of mandates there are none."""
    token = await signed_in(world)
    mandate(world)
    theirs = (await exchanged(world, token)).json()["access_token"]
    assert (await exchanged(world, theirs)).json()["error"] == "invalid_grant"

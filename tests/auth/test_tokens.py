"""Access tokens: what they say, how long they hold, and by which keys. Refusals: tests/security, S24."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from auth.keys import KeyRing, StoredKey, signing_key
from auth.tokens import InvalidToken, TokenIssuer, TokenVerifier, bearer_token
from hub.people.auth_store import HubAuthStore
from hub.storage.database import Database
from tests.auth.world import ISSUER, MovableClock, World


def _issuer(world: World) -> TokenIssuer:
    return world.server.tokens


def _token(world: World) -> str:
    return _issuer(world).issue("citizen-1", "mobile", ("citizen",), ("citizen",))


def _claims(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims


async def test_a_token_has_the_form_of_rfc_9068(world: World) -> None:
    """Anybody's library can verify it."""
    token = _issuer(world).issue("department-finance", "department-finance", (), ("department",), "finance")
    header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": world.keys.current.kid}
    claims = _claims(token)
    assert claims.pop("jti")
    assert claims == {
        "iss": ISSUER,
        "aud": f"{ISSUER}/graphql",
        "sub": "department-finance",
        "client_id": "department-finance",
        "scope": "",
        "roles": ["department"],
        "department": "finance",
        "iat": 1795420800,
        "exp": 1795421700,
    }


async def test_the_actor_is_what_the_token_says(world: World) -> None:
    """And it carries the end of its validity, for streams that outlive it."""
    actor = await world.verifier.verify(_token(world))
    assert actor.expires_at == world.clock() + timedelta(minutes=15)
    assert await world.verifier.verify(_token(world)) == actor


async def test_a_token_ends_also_when_it_was_verified_before(world: World) -> None:
    """Remembering must not prolong it."""
    token = _token(world)
    await world.verifier.verify(token)
    world.clock.move(minutes=14, seconds=59)
    await world.verifier.verify(token)
    world.clock.move(seconds=10)
    with pytest.raises(InvalidToken, match="expired"):
        await world.verifier.verify(token)
    with pytest.raises(InvalidToken, match="expired"):
        await TokenVerifier.for_hub(ISSUER, world.keys, world.clock).verify(token)


def test_the_bearer_token_is_read_as_it_stands() -> None:
    """The scheme's case does not matter (RFC 9110)."""
    assert bearer_token([]) is None
    assert bearer_token(["bearer  abc.def.ghi "]) == "abc.def.ghi"


async def test_tokens_outlive_a_rotation_and_new_ones_use_the_new_key(world: World) -> None:
    """Nobody is signed out by it; after two hours the old key is gone."""
    old = _token(world)
    key_id = await world.keys.rotate()
    new = _token(world)
    await world.verifier.verify(old)
    await world.verifier.verify(new)
    assert len(world.keys.public()["keys"]) == 2
    world.clock.move(hours=2)
    await world.keys.refresh()
    assert [key["kid"] for key in world.keys.public()["keys"]] == [key_id]


async def test_another_process_learns_of_a_rotation_by_itself(world: World) -> None:
    """At the first token that it does not know, without a message between them."""
    other = await KeyRing.open(world.store, world.clock)
    verifier = TokenVerifier.for_hub(ISSUER, other, world.clock)
    await world.keys.rotate()
    world.clock.move(seconds=6)
    await verifier.verify(_token(world))
    assert other.current.kid == world.keys.current.kid


async def test_two_processes_that_start_at_once_agree_on_the_first_key(sqlite_tables: str) -> None:
    """Only one first key can be stored."""
    database = Database(sqlite_tables)
    clock = MovableClock()
    rings = await asyncio.gather(*(KeyRing.open(HubAuthStore(database), clock) for _ in range(4)))
    assert len({ring.current.kid for ring in rings}) == 1
    await database.close()


async def test_foreign_algorithms_are_verified_where_they_are_allowed(world: World) -> None:
    """The engine alone in front of somebody else's server: RS256, plain JWT, ``scope`` only."""
    key = RSAKey.generate_key(2048, {"kid": "theirs"})

    class Theirs:
        async def find(self, key_id: str | None) -> Any:
            return key if key_id == "theirs" else None

        def holds(self, key_id: str | None) -> bool:
            return key_id == "theirs"

    verifier = TokenVerifier(
        Theirs(), world.clock, issuer=None, audience=None, algorithms=("RS256", "ES256"), types=()
    )
    claims = {"sub": "u1", "azp": "their-app", "scope": "a b", "exp": 1795420900}
    actor = await verifier.verify(jwt.encode({"alg": "RS256"}, claims, KeySet([key]), algorithms=["RS256"]))
    assert (actor.subject, actor.client_id, sorted(actor.scopes)) == ("u1", "their-app", ["a", "b"])


@pytest.mark.parametrize("ids", [("a", "b"), ("b", "a")])
def test_of_two_keys_of_one_moment_the_one_that_is_not_replaced_signs(ids: tuple[str, str]) -> None:
    """Whatever their ids: a key is replaced in the second in which it was made."""
    at = datetime(2026, 11, 26, tzinfo=UTC)
    replaced = StoredKey(ids[0], "{}", at, retired_at=at)
    assert signing_key((replaced, StoredKey(ids[1], "{}", at)), at) == StoredKey(ids[1], "{}", at)

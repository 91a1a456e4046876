"""Access tokens: what they say, and what is refused."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from auth.keys import KeyRing
from auth.tokens import InvalidToken, TokenIssuer, TokenVerifier, bearer_token
from hub.auth_store import HubAuthStore
from hub.database import Database
from tests.auth.world import ISSUER, MovableClock, World


def _issuer(world: World) -> TokenIssuer:
    return world.server.tokens


def _token(world: World) -> str:
    return _issuer(world).issue("citizen-1", "mobile", ("citizen",), ("citizen",))


def _claims(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims


def _signed(world: World, header: dict[str, str], **changed: Any) -> str:
    """A token signed with the hub's own key, with header and claims changed (``None`` leaves a claim out)."""
    claims = {k: v for k, v in (_claims(_token(world)) | changed).items() if v is not None}
    key = world.keys.current
    return jwt.encode({"alg": "ES256", "typ": "at+jwt"} | header, claims, KeySet([key]), algorithms=["ES256"])


def _part(value: dict[str, Any]) -> str:
    return _encode(json.dumps(value).encode())


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


async def test_a_token_has_the_form_of_rfc_9068(world: World) -> None:
    """Anybody's library can verify it."""
    token = _issuer(world).issue("department:finance", "department:finance", (), ("department",), "finance")
    header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": world.keys.current.kid}
    claims = _claims(token)
    assert claims.pop("jti")
    assert claims == {
        "iss": ISSUER,
        "aud": f"{ISSUER}/graphql",
        "sub": "department:finance",
        "client_id": "department:finance",
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


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "http://127.0.0.1:9999"},
        {"aud": "mobile"},
        {"aud": ISSUER},
        {"aud": []},
        {"iss": None},
        {"aud": None},
        {"exp": None},
        {"sub": None},
        {"client_id": None},
        {"jti": None},
        {"iat": 1795420800 + 3600},
        {"nbf": 1795420800 + 3600},
        {"exp": "never"},
        {"exp": 10**30},
        {"sub": 7},
        {"roles": "operator"},
        {"roles": [1]},
        {"scope": ["citizens:read"]},
        {"department": {"name": "finance"}},
    ],
)
async def test_a_claim_that_is_not_as_it_must_be_is_refused(world: World, changed: dict[str, Any]) -> None:
    """Though the signature is the hub's own."""
    with pytest.raises(InvalidToken):
        await world.verifier.verify(_signed(world, {}, **changed))


@pytest.mark.parametrize("type_", ["JWT", "logout+jwt", "at+jwt2", ""])
async def test_another_kind_of_token_is_refused(world: World, type_: str) -> None:
    """Everything we sign that is no access token must not pass for one."""
    with pytest.raises(InvalidToken, match="not an access token"):
        await world.verifier.verify(_signed(world, {"typ": type_}))


async def test_no_algorithm_and_symmetric_ones_are_refused(world: World) -> None:
    """The two classic confusions: ``none``, and the public key taken as an HMAC secret."""
    claims = _claims(_token(world))
    header = {"typ": "at+jwt", "kid": world.keys.current.kid}
    for algorithm in ("none", "None", "NONE"):
        with pytest.raises(InvalidToken):
            await world.verifier.verify(f"{_part(header | {'alg': algorithm})}.{_part(claims)}.")
    public_key: Any = world.keys.current.public_key
    for secret in (
        public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(world.keys.public()["keys"][0]).encode(),
    ):
        signed = f"{_part(header | {'alg': 'HS256'})}.{_part(claims)}"
        signature = hmac.digest(secret, signed.encode(), "sha256")
        with pytest.raises(InvalidToken, match="algorithm"):
            await world.verifier.verify(f"{signed}.{_encode(signature)}")


async def test_a_key_of_somebody_else_is_refused(world: World) -> None:
    """Under an unknown id, and under the id of the hub's own key."""
    claims = _claims(_token(world))
    for key in (ECKey.generate_key("P-256", {"kid": str(world.keys.current.kid)}), ECKey.generate_key("P-256")):
        forged = jwt.encode({"alg": "ES256", "typ": "at+jwt"}, dict(claims), KeySet([key]), algorithms=["ES256"])
        with pytest.raises(InvalidToken):
            await world.verifier.verify(forged)


async def test_a_changed_token_is_refused(world: World) -> None:
    """Every part of it is under the signature."""
    header, payload, signature = _token(world).split(".")
    claims = _claims(f"{header}.{payload}.") | {"roles": ["operator"]}
    changed = _part(claims)
    for token in (f"{header}.{changed}.{signature}", f"{header}.{payload}.{signature[:-8]}AAAAAAAA"):
        with pytest.raises(InvalidToken):
            await world.verifier.verify(token)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "e30.e30.", "x" * 9000, "é.é.é", "W10.e30.e30", "bnVsbA.e30.AA"]
)
async def test_what_is_no_token_is_refused_without_a_crash(world: World, token: str) -> None:
    """This is the first thing strangers send."""
    with pytest.raises(InvalidToken):
        await world.verifier.verify(token)


async def test_a_key_id_that_is_no_text_is_refused(world: World) -> None:
    """It would be looked up in a table."""
    header = _part({"alg": "ES256", "typ": "at+jwt", "kid": ["x"]})
    _, payload, signature = _token(world).split(".")
    with pytest.raises(InvalidToken):
        await world.verifier.verify(f"{header}.{payload}.{signature}")


def test_a_verifier_takes_no_symmetric_algorithm() -> None:
    """Nobody can configure the confusion."""
    with pytest.raises(ValueError, match="asymmetric"):
        TokenVerifier(None, datetime.now, issuer=None, audience=None, algorithms=("HS256",))  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [["Bearer a", "Bearer b"], ["Basic a"], ["Bearer"], ["Bearer "], ["token"]])
def test_a_broken_credential_is_not_read_as_none(values: list[str]) -> None:
    """Otherwise a signed-in person would be served as a stranger, and a doubled header read by chance."""
    with pytest.raises(InvalidToken):
        bearer_token(values)


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


async def test_invented_key_ids_do_not_flood_the_store(world: World) -> None:
    """One look every few seconds, however many arrive."""

    class Counting(HubAuthStore):
        looks = 0

        async def signing_keys(self) -> Any:
            self.looks += 1
            return await super().signing_keys()

    store = Counting(world.store._database)
    ring = await KeyRing.open(store, world.clock)
    world.clock.move(seconds=6)
    for number in range(50):
        assert await ring.find(f"invented-{number}") is None
    assert store.looks == 2


async def test_two_processes_that_start_at_once_agree_on_the_first_key(sqlite_url: str) -> None:
    """Only one first key can be stored."""
    database = Database(sqlite_url)
    await database.create_tables_for_tests()
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

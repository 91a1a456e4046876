# ruff: noqa: F811  the fixture and the arguments share a name
"""S24: a token that is not ours, not for us, or not any more, is refused; and refusing costs nothing.

Precedents: alg confusion and ``none``; audiences and scopes of the wrong shape; key ids that storm a JWKS.
"""

from __future__ import annotations

import base64
import hmac
import json
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from auth.keys import KeyRing
from auth.tokens import InvalidToken, TokenIssuer, TokenVerifier, bearer_token
from hub.people.auth_store import HubAuthStore
from tests.auth.conftest import furnished, world  # noqa: F401  the fixtures
from tests.auth.world import ISSUER, World


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

"""Keys of another authorization server, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from auth.remote_jwks import KeysUnavailable, RemoteJwks
from auth.tokens import InvalidToken, TokenVerifier
from tests.auth.world import MovableClock


class TheirServer:
    """Serves what ``document`` says and counts the looks."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "one"})
        self.looks = 0
        self.status = 200
        self.body: bytes | None = None
        self.address = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.looks += 1
        if self.body is not None:
            return web.Response(body=self.body, status=self.status, headers={"Location": "/elsewhere"})
        return web.json_response(KeySet([self.key]).as_dict(private=False), status=self.status)

    def token(self) -> str:
        claims = {"sub": "u1", "exp": 1795421000}
        return jwt.encode({"alg": "ES256"}, claims, KeySet([self.key]), algorithms=["ES256"])


@pytest.fixture
async def theirs(free_port: int) -> AsyncIterator[TheirServer]:
    server = TheirServer()
    app = web.Application()
    app.router.add_get("/jwks", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", free_port).start()
    server.address = f"http://127.0.0.1:{free_port}/jwks"
    yield server
    await runner.cleanup()


def _verifier(theirs: TheirServer, clock: MovableClock) -> TokenVerifier:
    return TokenVerifier(RemoteJwks(theirs.address, clock), clock, issuer=None, audience=None, types=())


async def test_keys_are_read_once_and_kept(theirs: TheirServer) -> None:
    """Not once for each request."""
    clock = MovableClock()
    verifier = _verifier(theirs, clock)
    for _ in range(3):
        assert (await verifier.verify(theirs.token())).subject == "u1"
    assert theirs.looks == 1


async def test_whoever_comes_while_keys_are_read_waits_for_them(theirs: TheirServer) -> None:
    """The first requests after a start come together: none of them is turned away."""
    verifier = _verifier(theirs, MovableClock())
    actors = await asyncio.gather(*(verifier.verify(theirs.token()) for _ in range(5)))
    assert [actor.subject for actor in actors] == ["u1"] * 5
    assert theirs.looks == 1


async def test_a_rotation_is_noticed_and_invented_key_ids_do_not_flood(theirs: TheirServer) -> None:
    """One look every half minute at most."""
    clock = MovableClock()
    verifier = _verifier(theirs, clock)
    await verifier.verify(theirs.token())
    theirs.key = ECKey.generate_key("P-256", {"kid": "two"})
    with pytest.raises(InvalidToken):
        await verifier.verify(theirs.token())
    clock.move(seconds=31)
    await verifier.verify(theirs.token())
    for number in range(20):
        theirs.key = ECKey.generate_key("P-256", {"kid": f"invented-{number}"})
        with pytest.raises(InvalidToken):
            await verifier.verify(theirs.token())
    assert theirs.looks == 2


async def test_an_outage_leaves_the_known_keys_in_force(theirs: TheirServer) -> None:
    """People go on working while the other server restarts."""
    clock = MovableClock()
    verifier = _verifier(theirs, clock)
    token = theirs.token()
    await verifier.verify(token)
    theirs.status = 503
    clock.move(minutes=1)
    assert (await verifier.verify(token)).subject == "u1"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (302, b""),
        (200, b"not json"),
        (200, b"[]"),
        (200, b'{"keys": []}'),
        (200, b'{"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "one"}]}'),
        (200, b"{" + b" " * 300_000 + b"}"),
    ],
)
async def test_without_keys_nobody_is_let_in_and_the_cause_is_named(
    theirs: TheirServer, status: int, body: bytes
) -> None:
    """It is the server's fault, not the token's: another error, so that clients do not throw tokens away."""
    theirs.status, theirs.body = status, body
    clock = MovableClock()
    with pytest.raises(KeysUnavailable, match="Check the JWKS address"):
        await _verifier(theirs, clock).verify(theirs.token())

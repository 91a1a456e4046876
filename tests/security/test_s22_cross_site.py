"""S22: no page of another site can make a visitor's browser do or read anything here.

What a browser sends across sites without asking first is taken at no door; cookies are read by none.
Precedent: GHSA-hff2 (a GET with an odd Content-Type was not asked about). Forms of the pages: tests/portal.
"""

from __future__ import annotations

import aiohttp
import pytest

from tests.hub.execution.fakes import FakeDepartment
from tests.security.test_s12_s13_s26_limits_at_every_door import LARGE, client, department

__all__ = ["client", "department"]
MUTATION = 'mutation { rename(name: "x") { id } }'
SIMPLE = (
    None,
    "text/plain",
    "text/plain;charset=utf-8",
    "text/plain;application/json",
    "text/plain, application/json",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded;x=application/json",
    "multipart/form-data;boundary=application/json",
    "application/json/text",
    "application/jsonp",
    "",
)
COOKIE = {
    "Cookie": "token=citizen; session=citizen; Authorization=Bearer citizen",
    "Origin": "https://evil.example",
}


@pytest.mark.parametrize("content_type", SIMPLE)
async def test_what_is_sent_without_a_preflight_is_not_read(
    client: aiohttp.ClientSession, department: FakeDepartment, content_type: str | None
) -> None:
    """Whatever the body holds, however long it is, and whatever is accepted."""
    kind = {} if content_type is None else {"Content-Type": content_type}
    for path in ("/graphql", "/graphql/stream"):
        for padding in ("", LARGE):
            for accept in ("*/*", "text/event-stream"):
                body = f'{{"query": {MUTATION!r}}}'.replace("'", '"').replace('"x"', '\\"x\\"') + padding
                headers = {**COOKIE, **kind, "Accept": accept}
                skipped = ("Content-Type",)
                async with client.post(
                    path, data=body.encode(), headers=headers, skip_auto_headers=skipped
                ) as answer:
                    assert answer.status == 415
    assert department.requests == []


@pytest.mark.parametrize("content_type", SIMPLE)
async def test_a_link_has_no_effect(
    client: aiohttp.ClientSession, department: FakeDepartment, content_type: str | None
) -> None:
    """A GET answers queries alone, to nobody in particular, and no cache keeps it."""
    kind = {"Content-Type": content_type} if content_type else {}
    for accept in ("application/graphql-response+json", "text/event-stream"):
        headers = {**COOKIE, **kind, "Accept": accept}
        async with client.get("/graphql", params={"query": MUTATION}, headers=headers) as answer:
            assert "cannot be sent with GET" in await answer.text()
        assert department.requests == []
    async with client.get("/graphql", params={"query": "{ ping }"}, headers={**COOKIE, **kind}) as answer:
        assert await answer.json() == {"data": {"ping": "pong"}}
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert department.requests[0].context.actor is None, "a cookie says nothing of who asks"


async def test_a_websocket_of_another_site_is_nobodys(
    client: aiohttp.ClientSession, department: FakeDepartment
) -> None:
    """Browsers ask nobody before they open one, and send the cookies along."""
    async with client.ws_connect("/graphql", protocols=("graphql-transport-ws",), headers=COOKIE) as socket:
        await socket.send_json({"type": "connection_init"})
        await socket.receive(30)
        await socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": "{ ping }"}})
        await socket.receive(30)
    assert department.requests[0].context.actor is None

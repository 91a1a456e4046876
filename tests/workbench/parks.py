"""A department's own system over REST, which can be spoilt in one way at a time, and its connector SDL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

SDL = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@shareable"])
  @link(url: "https://specs.apollo.dev/connect/v0.2", import: ["@source", "@connect"])
  @source(name: "api", http: {
    baseURL: "http://parks.invalid"
    headers: [{ name: "X-Api-Key", value: "{$config.apiKey}" }]
  }, errors: { message: "$.message" })

type Query {
  parks: [Park!]! @connect(source: "api", http: { GET: "/parks" }, selection: "id name: title state")
  parkConnection(first: Int, after: String): ParkConnection!
    @connect(source: "api", http: { GET: "/pages?first={$args.first}&after={$args.after}" }, selection: \"\"\"
      edges: items { cursor: id node: { id name: title state } }
      pageInfo: { hasNextPage: more endCursor: last }
    \"\"\")
}

type Mutation {
  countVisit(park: ID!): Visit
    @connect(source: "api", http: { POST: "/visits", body: "park: $args.park" }, selection: "number")
}

type Park @key(fields: "id")
  @connect(
    source: "api"
    http: { POST: "/parks/batch", body: "ids: $batch.id" }
    selection: "id name: title state"
  ) {
  id: ID!
  name: String!
  state: State!
}

enum State { OPEN CLOSED }
type Visit { number: Int! }
type ParkConnection { edges: [ParkEdge!]! pageInfo: PageInfo! }
type ParkEdge { cursor: String! node: Park! }
type PageInfo @shareable { hasNextPage: Boolean! endCursor: String }
"""


@dataclass
class Parks:
    """``spoilt`` names what is wrong with it now; ``delay`` is how many seconds each answer takes."""

    url: str = ""
    spoilt: str = ""
    delay: float = 0
    visits: dict[str, int] = field(default_factory=dict)

    def park(self, number: int) -> dict[str, Any]:
        park: dict[str, Any] = {"id": f"P{number}", "title": f"Park {number}", "state": "OPEN"}
        if self.spoilt == "null" and number == 2:
            park["title"] = None
        if self.spoilt == "enum" and number == 2:
            park["state"] = "DEMOLISHED"
        return park

    async def list_parks(self, _: web.Request) -> web.Response:
        await asyncio.sleep(self.delay)
        if self.spoilt == "trace":
            message = 'Traceback (most recent call last): File "/srv/parks.py", line 3'
            return web.json_response({"message": message}, status=500)
        return web.json_response([self.park(number) for number in range(1, 6)])

    async def batch(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self.delay)
        ids = (await request.json())["ids"]
        known = {f"P{number}" for number in range(1, 6)}
        if self.spoilt == "unknown" and not set(ids) <= known:
            return web.json_response({"message": "no such park"}, status=400)
        found = [self.park(int(each[1:])) for each in ids if each in known]
        if self.spoilt == "renamed":
            found = [{**park, "title": park["title"].upper()} for park in found]
        if self.spoilt == "loses" and len(found) > 1:
            found = found[:1]
        return web.json_response(found)

    async def page(self, request: web.Request) -> web.Response:
        first, after = request.query.get("first") or "3", request.query.get("after") or ""
        begin = int(after[1:]) + 1 if after else 1
        size = 5 if self.spoilt == "ignores-first" else int(first)
        numbers = list(range(begin, 6))[:size]
        if self.spoilt == "repeats" and after:
            numbers = [begin - 1, *numbers]
        last = f"P{numbers[-1]}" if numbers else None
        items = [self.park(number) for number in numbers]
        return web.json_response({"items": items, "more": bool(numbers) and numbers[-1] < 5, "last": last})

    async def anything(self, request: web.Request) -> web.Response:
        if request.path.startswith("/page/"):
            return web.Response(text="<p>not found</p>", content_type="text/html", status=404)
        found = self.spoilt == "any-path"
        return web.json_response(
            [self.park(1)] if found else {"message": "not found"}, status=200 if found else 404
        )

    async def visit(self, request: web.Request) -> web.Response:
        key = request.headers.get("Idempotency-Key", "")
        if self.spoilt == "twice" or key not in self.visits:
            self.visits[f"{key}{len(self.visits)}" if self.spoilt == "twice" else key] = len(self.visits) + 1
        number = len(self.visits) if self.spoilt == "twice" else self.visits[key]
        return web.json_response({"number": number})


@asynccontextmanager
async def running_parks() -> AsyncIterator[Parks]:
    parks = Parks()
    app = web.Application()
    app.router.add_get("/parks", parks.list_parks)
    app.router.add_post("/parks/batch", parks.batch)
    app.router.add_get("/pages", parks.page)
    app.router.add_post("/visits", parks.visit)
    app.router.add_route("*", "/{tail:.*}", parks.anything)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.1)
    parks.url = str(server.make_url("")).rstrip("/")
    try:
        yield parks
    finally:
        await server.close()

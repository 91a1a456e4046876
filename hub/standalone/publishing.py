"""``/subgraphs``: what is served now, and a new list to be served from now on.

Open to whoever holds the publish token. A list that does not compose is refused with every reason, and the
graph that is served goes on. Refusals are problem details. Source: RFC 9457; RFC 6750.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from hmac import compare_digest
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from connectors.addresses import AddressRefused
from hub.doors.problem_json import problem_json
from hub.doors.request_body import read_body
from hub.standalone.describing import SubgraphUnreadable, described
from hub.standalone.engine import Engine
from hub.standalone.graph_source import GraphSource
from hub.standalone.subgraph_list import BadSubgraphList, read_subgraphs

MAXIMUM_BYTES = 64 * 1024 * 1024

Publish = Callable[[GraphSource], Awaitable[int]]
"""Makes every process of this gateway serve a graph that composes; gives its version once all do."""


class Publishing:
    """The routes, and whether somebody may use them."""

    def __init__(self, engine: Engine, token: str, publish: Publish) -> None:
        self._engine = engine
        self._token = token.encode()
        self._publish = publish

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/subgraphs", self.show, methods=["GET"]),
            Route("/subgraphs", self.replace, methods=["PUT"]),
        ]

    async def show(self, request: Request) -> Response:
        """The list that is served, with every SDL: what was shown can be put again. Of a supergraph that was
        composed elsewhere only the names and addresses."""
        if not self._is_known(request):
            return _unauthorised()
        source, state = self._engine.source, self._engine.gateway.state
        listed = [{"name": each.name, "url": each.url, "sdl": each.sdl} for each in source.subgraphs]
        if source.supergraph is not None and state is not None:
            listed = [{"name": each.name, "url": each.url} for each in state.supergraph.subgraphs.values()]
        return _json({"version": self._engine.version, "subgraphs": listed})

    async def replace(self, request: Request) -> Response:
        if not self._is_known(request):
            return _unauthorised()
        body = await read_body(request, MAXIMUM_BYTES)
        if body is None:
            return _problem(413, "REQUEST_TOO_LARGE", f"The list is over {MAXIMUM_BYTES} bytes.")
        try:
            listed = read_subgraphs(msgspec.json.decode(body))
            subgraphs = await described(listed, self._engine.client)
            return await self._take_up(GraphSource.of(*subgraphs))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            return _problem(400, "BAD_REQUEST", f"The body is not JSON. {error}".strip())
        except BadSubgraphList as error:
            return _problem(400, "BAD_REQUEST", f"The body is no list of subgraphs: {error}")
        except SubgraphUnreadable as error:
            return _problem(422, error.code, f"Nothing was changed. {error}")
        except AddressRefused as error:
            return _problem(422, "ADDRESS_REFUSED", f"Nothing was changed. {error}")

    async def _take_up(self, source: GraphSource) -> Response:
        composition = await self._engine.check(source)
        hints = [problem_json(hint) for hint in composition.hints]
        if composition.supergraph is None:
            errors = [problem_json(error) for error in composition.errors]
            message = f"Nothing was changed. The subgraphs do not compose: {composition.errors[0]}"
            return _problem(422, "COMPOSITION_FAILED", message, errors=errors, hints=hints)
        version = await self._publish(source)
        names = [each.name for each in source.subgraphs]
        return _json({"success": True, "version": version, "subgraphs": names, "hints": hints})

    def _is_known(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and compare_digest(token.strip().encode(), self._token)


_TITLES: Mapping[int, str] = {
    400: "Bad Request",
    401: "Unauthorized",
    413: "Content Too Large",
    422: "Unprocessable Content",
}


def _unauthorised() -> Response:
    message = "Send the publish token: Authorization: Bearer <JIYI_PUBLISH_TOKEN>."
    response = _problem(401, "UNAUTHENTICATED", message)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _problem(status: int, code: str, detail: str, **more: Any) -> Response:
    body = {"title": _TITLES[status], "status": status, "code": code, "detail": detail, **more}
    return _json(body, status, "application/problem+json")


def _json(body: Mapping[str, Any], status: int = 200, media_type: str = "application/json") -> Response:
    return Response(msgspec.json.encode(body), status, {"Cache-Control": "no-store"}, media_type)

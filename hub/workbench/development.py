"""``jiyi connector dev``: one connector with an explorer, taken up again whenever its files change.

A change that makes no connector is told with every reason, and the one of before goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from connectors.clock import SystemClock
from connectors.http_client import HttpClient
from hub.doors.http_request import HttpSettings
from hub.doors.routes import graphql_routes, health_routes
from hub.doors.websocket import WebSocketSettings, websocket_routes
from hub.explorer import explorer_routes
from hub.workbench.opening import OpenConnector, open_connector, watched_client
from hub.workbench.own_pages_only import OwnPagesOnly
from hub.workbench.specification import BadSpecification, Specification
from hub.workbench.subgraph_answers import IDEMPOTENCY_KEY, SubgraphAnswers

EXPLORER = "/explorer"
ReadSpecification = Callable[[], Specification]
"""As the files are now. Raises :class:`BadSpecification`."""


@dataclass(frozen=True, slots=True)
class DevelopmentOptions:
    """``pause_seconds`` between two looks at the files; ``verbose`` tells each request in full. ``names`` are host
    names under which it is opened, besides localhost and addresses."""

    pause_seconds: float = 0.5
    verbose: bool = False
    names: tuple[str, ...] = ()


@asynccontextmanager
async def open_development(
    read: ReadSpecification, options: DevelopmentOptions, say: Callable[[str], None]
) -> AsyncIterator[Starlette]:
    """The application; there may be no connector yet, and there is one as soon as the files make one."""
    async with watched_client() as client:
        answers = SubgraphAnswers(say, verbose=options.verbose)
        watcher = _Watcher(answers, read, client, say)
        await watcher.look()
        task = asyncio.create_task(watcher.run(options.pause_seconds))
        try:
            guard = Middleware(OwnPagesOnly, names=options.names)
            yield Starlette(routes=_routes(answers), middleware=[guard])
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if answers.opened is not None:
                await answers.opened.connector.close()


def _routes(answers: SubgraphAnswers) -> list[BaseRoute]:
    clock, forwarded = SystemClock(), (IDEMPOTENCY_KEY,)

    async def is_ready() -> Mapping[str, bool]:
        return {"connector": answers.opened is not None}

    async def to_explorer(_request: Request) -> Response:
        return RedirectResponse(EXPLORER, 302)

    http = HttpSettings(origins=(), explorer=EXPLORER, forwarded_headers=forwarded)
    return [
        Route("/", to_explorer),
        *graphql_routes(answers, None, clock, http),
        *websocket_routes(answers, None, clock, WebSocketSettings(forwarded_headers=forwarded)),
        *health_routes(is_ready),
        *explorer_routes(),
    ]


class _Watcher:
    """Looks at the files again and again. ``say`` is told of each change once."""

    def __init__(
        self, answers: SubgraphAnswers, read: ReadSpecification, client: HttpClient, say: Callable[[str], None]
    ) -> None:
        self._answers = answers
        self._read = read
        self._client = client
        self._say = say
        self._found: Specification | str | None = None
        """What was last found: what is served, or the text of what is wrong."""

    async def run(self, pause_seconds: float) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(pause_seconds)
            await self.look()

    async def look(self) -> None:
        """Once: take up what changed, if it makes a connector."""
        try:
            specification = await asyncio.to_thread(self._read)
            if specification == self._found and specification.sdl is not None:
                return
            opened = await open_connector(specification, self._client)
        except BadSpecification as bad:
            if str(bad) != self._found:
                self._found = str(bad)
                self._refuse(bad)
            return
        before = self._answers.opened
        if specification == self._found and before is not None and before.shape.sdl == opened.shape.sdl:
            await opened.connector.close()
            return
        self._found = specification
        self._answers.opened = opened
        self._say(_welcome(opened))
        if before is not None:
            await before.connector.close()

    def _refuse(self, bad: BadSpecification) -> None:
        is_served = self._answers.opened is not None
        for problem in bad.problems:
            self._say(str(problem))
        after = "The one of before goes on." if is_served else "Nothing is served yet."
        self._say(f"{len(bad.problems)} to mend. {after}")
        if not is_served:
            self._answers.why_not = f"{after} {bad}"


def _welcome(opened: OpenConnector) -> str:
    """What can be asked of it."""
    virtual = opened.shape.virtual
    query = virtual.schema.query_type
    fields = [name for name in (query.fields if query else ()) if not name.startswith("_")]
    entities = [f"{name} by {keys[0].fields}" for name, keys in virtual.keys.items() if keys[0].resolvable]
    return (
        f"{opened.specification.kind} connector {opened.specification.name} is served: "
        f"{', '.join(fields) or 'no fields of Query'}; entities: {', '.join(entities) or 'none'}"
    )

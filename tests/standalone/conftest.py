"""The engine alone on a real port, over two subgraphs on real ports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx2
import pytest

from hub.standalone.application import GatewayOptions, open_application
from hub.standalone.graph_source import GraphSource
from schema.subgraph import Subgraph
from tests.hub.serving import served
from tests.standalone.shop import Shop, open_shop

Serve = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


@pytest.fixture
def gateway(shop: Shop) -> Serve:
    """``gateway(option=…)`` serves the shop; ``subgraphs=…`` or ``source=…`` something else. Gives its client."""

    @asynccontextmanager
    async def serve(
        subgraphs: tuple[Subgraph, ...] | None = None,
        options: GatewayOptions | None = None,
        source: GraphSource | None = None,
    ) -> AsyncIterator[httpx2.AsyncClient]:
        wanted = shop.subgraphs if subgraphs is None else subgraphs
        async with (
            open_application(options or GatewayOptions(), source or GraphSource.of(*wanted)) as (app, _engine),
            served(app) as url,
            httpx2.AsyncClient(base_url=url) as client,
        ):
            yield client

    return serve

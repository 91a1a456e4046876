"""Ask subgraphs for their SDL, and wait for those that are still starting.

Source: Federation 2, "Subgraph specification" (``_service { sdl }``).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from types import MappingProxyType

from connectors.addresses import AddressRefused, AddressRule
from connectors.build import ConnectorRegistration, build_connector
from connectors.connector import ConnectorFailure
from connectors.http_client import HttpClient
from connectors.http_message import HttpLimits
from hub.standalone.subgraph_list import ListedSubgraph
from schema.errors import RuntimeCode
from schema.subgraph import Subgraph

NO_PATIENCE = timedelta()
NO_HEADERS: Mapping[str, str] = MappingProxyType({})

ADDRESSES = AddressRule(allow_private_addresses=True)
"""Whoever runs the engine alone writes the addresses himself: loopback and private ones are meant."""

LIMITS = HttpLimits(connections=2_000, connections_per_host=256, answer_bytes=128 * 1024 * 1024)
"""Wider than the hub's, which reaches departments it does not know: here the subgraphs are one's own."""

_PAUSE_SECONDS = 0.25
_SAY_EVERY_SECONDS = 5.0
_COMES_BY_ITSELF = frozenset(
    {RuntimeCode.DEPARTMENT_UNREACHABLE, RuntimeCode.DEPARTMENT_TIMEOUT, RuntimeCode.DEPARTMENT_BAD_STATUS}
)


class SubgraphUnreadable(Exception):
    """A listed subgraph does not tell its SDL; ``code`` is the connector's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@asynccontextmanager
async def subgraph_client() -> AsyncIterator[HttpClient]:
    """A client for subgraphs that the engine alone is given."""
    client = HttpClient(LIMITS, ADDRESSES)
    try:
        yield client
    finally:
        await client.close()


async def read_sdl(url: str, client: HttpClient, headers: Mapping[str, str] = NO_HEADERS) -> str:
    """The SDL that a subgraph states of itself. Raises :class:`SubgraphUnreadable`."""
    try:
        registration = ConnectorRegistration(url, "graphql", url, headers=headers)
        return await build_connector(registration, client).describe()
    except AddressRefused as refused:
        raise SubgraphUnreadable("ADDRESS_REFUSED", str(refused)) from None
    except ConnectorFailure as failure:
        detail = f" ({failure.detail})" if failure.detail else ""
        raise SubgraphUnreadable(failure.code, f"{url}: {failure.message}{detail}") from None


async def described(listed: Sequence[ListedSubgraph], client: HttpClient) -> tuple[Subgraph, ...]:
    """All of them with their SDL, asked side by side and once. Raises :class:`SubgraphUnreadable` for the first in
    the list that does not answer."""
    found = await _ask_all(listed, client)
    for result in found:
        if isinstance(result, BaseException):
            raise result
    return tuple(result for result in found if isinstance(result, Subgraph))


async def described_so_far(
    listed: Sequence[ListedSubgraph], client: HttpClient, *, patience: timedelta, say: Callable[[str], None]
) -> tuple[tuple[Subgraph, ...], tuple[ListedSubgraph, ...]]:
    """Those who answered, asked again for ``patience``, and those who may come yet. ``say`` is told who is waited
    for.

    Raises :class:`SubgraphUnreadable` for one that no waiting mends, and where nobody answered.
    """
    found = await _ask_all(listed, client, patience, say)
    missing: list[ListedSubgraph] = []
    for each, result in zip(listed, found, strict=True):
        if isinstance(result, SubgraphUnreadable) and result.code in _COMES_BY_ITSELF:
            missing.append(each)
        elif isinstance(result, BaseException):
            raise result
    come = tuple(result for result in found if isinstance(result, Subgraph))
    first = next((result for result in found if isinstance(result, SubgraphUnreadable)), None)
    if first is not None and not come:
        raise first
    return come, tuple(missing)


async def _ask_all(
    listed: Sequence[ListedSubgraph],
    client: HttpClient,
    patience: timedelta = NO_PATIENCE,
    say: Callable[[str], None] = lambda _text: None,
) -> list[Subgraph | BaseException]:
    ends = asyncio.get_running_loop().time() + patience.total_seconds()
    asking = (_describe(each, client, ends, say) for each in listed)
    return await asyncio.gather(*asking, return_exceptions=True)


async def _describe(
    listed: ListedSubgraph, client: HttpClient, ends: float, say: Callable[[str], None]
) -> Subgraph:
    if listed.sdl is not None:
        return listed.with_sdl(listed.sdl)
    loop = asyncio.get_running_loop()
    next_word, told = loop.time(), ""
    while True:
        try:
            return listed.with_sdl(await read_sdl(listed.described_at, client))
        except SubgraphUnreadable as error:
            left = ends - loop.time()
            if error.code not in _COMES_BY_ITSELF or left <= 0:
                raise SubgraphUnreadable(error.code, f'subgraph "{listed.name}": {error}') from None
            if loop.time() >= next_word:
                reason = "" if told == str(error) else f": {error}"
                say(f'waiting for subgraph "{listed.name}", {left:.0f} s more{reason}')
                next_word, told = next_word + _SAY_EVERY_SECONDS, str(error)
        await asyncio.sleep(min(_PAUSE_SECONDS, max(left, 0)))

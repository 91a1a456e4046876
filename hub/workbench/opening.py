"""Open one connector as it will run for the hub, watched, with the limits that the hub has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from connectors.addresses import AddressRefused, AddressRule
from connectors.build import ConnectorRegistration, build_connector
from connectors.connector import Connector, ConnectorFailure
from connectors.http_client import HttpClient
from connectors.mapped import MappedConnector
from hub.workbench.masking import Mask
from hub.workbench.specification import BadSpecification, Problem, Specification, SubgraphShape, read_shape
from hub.workbench.watching import WatchedCaller, WatchedClient, WatchedDatabase, outcome_of

ADDRESSES = AddressRule(allow_private_addresses=True)
"""Whoever runs this is the department: its own system may stand anywhere."""


@dataclass(frozen=True)
class OpenConnector:
    """A connector that can be asked, and the subgraph that it states."""

    specification: Specification
    shape: SubgraphShape
    connector: Connector
    mask: Mask


@asynccontextmanager
async def watched_client() -> AsyncIterator[HttpClient]:
    client = WatchedClient(addresses=ADDRESSES)
    try:
        yield client
    finally:
        await client.close()


async def open_connector(specification: Specification, client: HttpClient) -> OpenConnector:
    """Raises :class:`BadSpecification`, also where a system that is to state its own SDL does not."""
    connector: Connector | None = None
    if specification.sdl is not None:  # its mistakes are told all at once, before one of them stops anything
        shape = read_shape(specification, specification.sdl)
        connector = _build(specification, client)
    else:
        connector = _build(specification, client)
        try:
            sdl = await connector.describe()
        except ConnectorFailure as failed:
            message = f"{outcome_of(failed)}. Without --schema the system is asked for its SDL."
            raise BadSpecification(Problem(failed.code, message.partition(": ")[2])) from failed
        shape = read_shape(specification, sdl)
    return OpenConnector(specification, shape, connector, Mask(specification))


def _build(specification: Specification, client: HttpClient) -> Connector:
    try:
        connector = _database(specification) if specification.kind == "sql" else _over_http(specification, client)
    except AddressRefused as refused:
        raise BadSpecification(Problem("ADDRESS_REFUSED", str(refused))) from refused
    except ValueError as error:
        raise BadSpecification(Problem("BAD_SETTINGS", f"{error}.")) from error
    if isinstance(connector, MappedConnector):
        schema = connector.schema
        connector.watch(lambda caller: WatchedCaller(caller, schema))
    return connector


def _over_http(specification: Specification, client: HttpClient) -> Connector:
    registration = ConnectorRegistration(
        specification.name,
        specification.kind,
        specification.url,
        specification.sdl,
        timeout=specification.timeout,
        headers=specification.headers,
        config=specification.config,
    )
    return build_connector(registration, client)


def _database(specification: Specification) -> Connector:
    from connectors.sql import SqlConnector

    return SqlConnector(
        specification.name,
        specification.sdl or "",
        specification.url or "",
        timeout=specification.timeout,
        config=specification.config,
        open_database=WatchedDatabase,
    )

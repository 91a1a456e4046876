"""The lists of subgraphs that users have: our JSON, rover's YAML (supergraph config), wgc's YAML.

``[{"name", "url", "sdl"?}]``; ``subgraphs: {name: {routing_url, schema: {file | subgraph_url | sdl}}}``;
``subgraphs: [{name, routing_url, schema: {file}}]``. What has no SDL is read from its address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from connectors.connector import ConnectorFailure
from hub.cli.input import Unreadable, read_text
from schema.subgraph import Subgraph


class SubgraphUnreadable(Exception):
    """A listed subgraph does not tell its SDL; ``code`` is the connector's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


async def read_subgraph_list(file: Path) -> tuple[Subgraph, ...]:
    """All subgraphs with their SDL. Raises :class:`Unreadable` or :class:`SubgraphUnreadable`."""
    entries = _entries(_parse(file), file)
    return tuple(await asyncio.gather(*(_subgraph(entry, file) for entry in entries)))


async def read_sdl(url: str) -> str:
    """The SDL that a subgraph states of itself. Raises :class:`SubgraphUnreadable`."""
    from connectors.addresses import AddressRefused, AddressRule
    from connectors.build import ConnectorRegistration, build_connector
    from connectors.http_client import HttpClient

    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    try:
        return await build_connector(ConnectorRegistration(url, "graphql", url), client).describe()
    except AddressRefused as refused:
        raise SubgraphUnreadable("ADDRESS_REFUSED", str(refused)) from None
    except ConnectorFailure as failure:
        raise SubgraphUnreadable(failure.code, failure.message) from None
    finally:
        await client.close()


def _parse(file: Path) -> Any:
    try:
        return yaml.safe_load(read_text(file))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise Unreadable(f"{file}{place}: is neither JSON nor YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise Unreadable(f"{file}: is neither JSON nor YAML: {error}") from None


def _entries(content: Any, file: Path) -> list[dict[str, Any]]:
    listed = content.get("subgraphs") if isinstance(content, Mapping) else content
    if isinstance(listed, Mapping) and all(isinstance(entry, Mapping) for entry in listed.values()):
        entries = [{"name": name, **entry} for name, entry in listed.items()]
    elif isinstance(listed, list) and all(isinstance(entry, Mapping) and "name" in entry for entry in listed):
        entries = [dict(entry) for entry in listed]
    else:
        entries = []
    if not entries:
        raise Unreadable(f'{file}: expected a list of subgraphs with "name" and "url".')
    return entries


async def _subgraph(entry: dict[str, Any], file: Path) -> Subgraph:
    name = str(entry["name"])
    url = str(entry.get("url") or entry.get("routing_url") or "")
    schema = entry.get("schema") or {}
    if not isinstance(schema, Mapping):
        raise Unreadable(f'{file}: subgraph "{name}": "schema" must have file, subgraph_url or sdl in it.')
    if sdl := entry.get("sdl") or schema.get("sdl"):
        return Subgraph(name, str(sdl), url)
    if path := schema.get("file"):
        try:
            return Subgraph(name, read_text(file.parent / str(path)), url)
        except Unreadable as error:
            raise Unreadable(f'{file}: subgraph "{name}": {error}') from None
    address = str(schema.get("subgraph_url") or url)
    if not address:
        raise Unreadable(f'{file}: subgraph "{name}" has neither sdl, file nor url.')
    try:
        return Subgraph(name, await read_sdl(address), url or address)
    except SubgraphUnreadable as error:
        raise SubgraphUnreadable(error.code, f'subgraph "{name}": {error}') from None

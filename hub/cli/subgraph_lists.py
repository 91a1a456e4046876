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

from hub.cli.output import fail
from schema.subgraph import Subgraph


async def read_subgraph_list(file: Path) -> tuple[Subgraph, ...]:
    """All subgraphs with their SDL; exits 2 with the place and the mend when the file is not such a list."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        fail("SUBGRAPHS_UNREADABLE", f"{file}: {error}", exit_code=2)
    entries = _entries(content, file)
    return tuple(await asyncio.gather(*(_subgraph(entry, file) for entry in entries)))


async def read_sdl(url: str) -> str:
    """The SDL that a subgraph states of itself. Raises ``ConnectorFailure``."""
    from connectors.addresses import AddressRule
    from connectors.build import ConnectorRegistration, build_connector
    from connectors.http_client import HttpClient

    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    try:
        return await build_connector(ConnectorRegistration(url, "graphql", url), client).describe()
    finally:
        await client.close()


def _entries(content: Any, file: Path) -> list[dict[str, Any]]:
    listed = content.get("subgraphs") if isinstance(content, Mapping) else content
    if isinstance(listed, Mapping):
        return [{"name": name, **(entry or {})} for name, entry in listed.items()]
    if isinstance(listed, list) and all(isinstance(entry, Mapping) and "name" in entry for entry in listed):
        return [dict(entry) for entry in listed]
    fail("SUBGRAPHS_UNREADABLE", f'{file}: expected a list of subgraphs with "name" and "url".', exit_code=2)


async def _subgraph(entry: dict[str, Any], file: Path) -> Subgraph:
    name = str(entry["name"])
    url = str(entry.get("url") or entry.get("routing_url") or "")
    schema = entry.get("schema") or {}
    if sdl := entry.get("sdl") or schema.get("sdl"):
        return Subgraph(name, str(sdl), url)
    if path := schema.get("file"):
        place = file.parent / str(path)
        try:
            return Subgraph(name, place.read_text(encoding="utf-8"), url)
        except OSError as error:
            fail("SUBGRAPHS_UNREADABLE", f"{file}: subgraph {name}: {place}: {error.strerror}", exit_code=2)
    address = str(schema.get("subgraph_url") or url)
    if not address:
        fail("SUBGRAPHS_UNREADABLE", f'{file}: subgraph "{name}" has neither sdl, file nor url.', exit_code=2)
    from connectors.connector import ConnectorFailure

    try:
        return Subgraph(name, await read_sdl(address), url or address)
    except ConnectorFailure as failure:
        fail(failure.code, f"subgraph {name}: {failure.message}")

"""Ask a GraphQL server for its schema: its SDL if it is a Federation subgraph, else by introspection.

Sources: Federation 2, "Subgraph specification"; GraphQL specification, section 4 "Introspection".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from graphql import get_introspection_query

from connectors.addresses import AddressRefused
from connectors.build import ConnectorRegistration, build_connector
from connectors.connector import ConnectorFailure, FetchRequest
from connectors.http_client import HttpClient
from hub.cli.input import Unreadable
from schema.drafting import Draft, draft_graphql, draft_introspection

_TIMEOUT = timedelta(seconds=30)
_SDL = "{ _service { sdl } }"


async def ask_schema(url: str, client: HttpClient, headers: Mapping[str, str]) -> Draft:
    """Raises :class:`Unreadable`, and ``Undraftable`` for a schema that cannot be drafted from."""
    try:
        server = build_connector(
            ConnectorRegistration(url, "graphql", url, timeout=_TIMEOUT, headers=headers), client
        )
        stated = await server.fetch(FetchRequest(_SDL))
        sdl = ((stated.data or {}).get("_service") or {}).get("sdl")
        if isinstance(sdl, str):
            return draft_graphql(sdl)
        answer = await server.fetch(FetchRequest(get_introspection_query(descriptions=True)))
    except AddressRefused as refused:
        raise Unreadable(f"{url}: {refused}") from None
    except ConnectorFailure as failure:
        raise Unreadable(f"{url}: {failure.message} ({failure.detail})") from None
    if answer.data is None:
        told = answer.errors[0].get("message") if answer.errors else "no data"
        raise Unreadable(f"{url}: does not answer introspection: {told}. Give its SDL as a file.")
    return draft_introspection(answer.data)

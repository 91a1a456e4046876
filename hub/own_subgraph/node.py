"""Relay's ``Node``: what has an id of its own in the whole graph, by which a client asks for it again.

Source: Relay, "GraphQL Global Object Identification Specification".
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

import strawberry

_ITEM = "ServiceItem"


@strawberry.interface(description="What can be asked for again by its id alone.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque identifier, unique in the whole graph.")


def item_id(code: str, version: int) -> strawberry.ID:
    """The id of one version of a service item: two versions differ, so a client's cache must not mix them."""
    return strawberry.ID(urlsafe_b64encode(f"{_ITEM}/{version}/{code}".encode()).decode())


def item_of_id(id: str) -> tuple[str, int] | None:
    """Code and version, if the id is one of a service item."""
    try:
        kind, version, code = urlsafe_b64decode(id).decode().split("/", 2)
        return (code, int(version)) if kind == _ITEM else None
    except ValueError:
        return None

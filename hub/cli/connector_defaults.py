"""What the SDL says of a connector, so that nobody need say it again by a flag."""

from __future__ import annotations

from hub.workbench.specification import kind_of
from schema.mapping import read_connectors


def default_kind(sdl: str | None, url: str | None) -> str:
    """``rest`` or ``graphql``; a database without an address has an agent in front of it."""
    found = kind_of(sdl)
    return "queue" if found == "sql" and url is None else found


def base_url(name: str, sdl: str) -> str | None:
    """The address that all its ``@source`` name, where they name one, without an expression in it."""
    read, _ = read_connectors(name, sdl)
    if read is None or any(list(source.base_url.expressions) for source in read.sources):
        return None
    found = {str(source.base_url) for source in read.sources}
    return found.pop() if len(found) == 1 else None

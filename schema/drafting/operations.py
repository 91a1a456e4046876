"""The root fields of a draft before they are text."""

from __future__ import annotations

from dataclasses import dataclass, field

from schema.drafting.graph import Type


@dataclass(slots=True)
class Argument:
    """``source`` is what the document calls it. ``default`` is GraphQL text."""

    name: str
    source: str
    type: Type
    is_nullable: bool
    description: str = ""
    default: str | None = None


@dataclass(slots=True)
class RootField:
    """A field of ``Query`` or ``Mutation`` and the request behind it; the texts are of the mapping language."""

    name: str
    is_read: bool
    operation: str
    type: Type
    method: str
    path: str
    arguments: list[Argument] = field(default_factory=list)
    description: str = ""
    is_deprecated: bool = False
    source: str = "api"
    headers: list[tuple[str, str]] = field(default_factory=list)
    query_parameters: list[str] = field(default_factory=list)
    body: str | None = None
    body_argument: Argument | None = None
    """What is sent, before it is told how."""
    is_success: str | None = None
    selection: str | None = None
    """``None`` for what follows from the type."""
    is_entity: bool = False
    page_size_argument: str | None = None
    reviews: list[str] = field(default_factory=list)

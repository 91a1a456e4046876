"""What a stage of composition found: errors and hints, collected, told at the end, sorted.

A stage never stops at the first mistake. Each problem carries its places in the subgraphs' SDL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graphql import GraphQLError, GraphQLSchema, Node, validate_schema

from schema.errors import CompositionError, CompositionHint, Location


@dataclass(frozen=True, slots=True)
class Place:
    """A definition or directive in one subgraph's SDL; ``node`` is ``None`` where the text has no such place."""

    subgraph: str
    node: Node | None = None

    def location(self) -> Location | None:
        place = self.node.loc if self.node else None
        if place is None:
            return None
        # The token knows; graphql's get_location would count the lines of the whole text for every place.
        return Location(self.subgraph, place.start_token.line, place.start_token.column)


class Problems:
    """Collects errors and hints. Telling the same thing twice counts once."""

    def __init__(self) -> None:
        self._errors: set[CompositionError] = set()
        self._hints: set[CompositionHint] = set()

    def error(self, code: str, message: str, *places: Place) -> None:
        self._errors.add(CompositionError(code, message, _subgraphs(places), _locations(places)))

    def hint(self, code: str, message: str, *places: Place) -> None:
        self._hints.add(CompositionHint(code, message, _subgraphs(places), _locations(places)))

    def extend(self, errors: Iterable[CompositionError]) -> None:
        self._errors.update(errors)

    @property
    def errors(self) -> tuple[CompositionError, ...]:
        return tuple(sorted(self._errors))

    @property
    def hints(self) -> tuple[CompositionHint, ...]:
        return tuple(sorted(self._hints))

    def __bool__(self) -> bool:
        return bool(self._errors)


def schema_errors(schema: GraphQLSchema) -> list[GraphQLError]:
    """What GraphQL's rules for schemas refuse, but for one that is newer than what composers check: an
    implementation may be deprecated before its interface is."""
    return [each for each in validate_schema(schema) if not each.message.endswith("must not be deprecated.")]


def name_list(names: Iterable[str]) -> str:
    """``"a", "b" and "c"``: how messages list subgraphs, sorted."""
    quoted = [f'"{name}"' for name in sorted(set(names))]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}" if quoted else "none"


def in_subgraphs(names: Iterable[str]) -> str:
    """``subgraph "a"`` or ``subgraphs "a" and "b"``."""
    unique = sorted(set(names))
    return f"{'subgraph' if len(unique) == 1 else 'subgraphs'} {name_list(unique)}"


def _subgraphs(places: Iterable[Place]) -> tuple[str, ...]:
    return tuple(sorted({place.subgraph for place in places}))


def _locations(places: Iterable[Place]) -> tuple[Location, ...]:
    return tuple(sorted({at for place in places if (at := place.location())}))

"""A visit to a subgraph while its site is arranged, and how a field is known at a site."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from schema.planning.selection import ALWAYS, Conditions, ItemKey, Selected, Selection
from schema.planning.site import Entered, GatherParts


class Unreachable(Exception):
    """A field cannot be had at this site with the subgraphs allowed."""


@dataclass(slots=True)
class OpenVisit:
    """A visit while its site is arranged."""

    service: str
    after: set[int] = field(default_factory=set)
    entered: dict[str, Entered] = field(default_factory=dict)
    needs: dict[str, set[ItemKey]] = field(default_factory=dict)
    placed: dict[ItemKey, None] = field(default_factory=dict)
    gather: GatherParts | None = None
    wanted_when: Conditions = ALWAYS

    def copy(self) -> OpenVisit:
        needs = {type_name: set(keys) for type_name, keys in self.needs.items()}
        return replace(
            self, after=set(self.after), entered=dict(self.entered), needs=needs, placed=dict(self.placed)
        )


def with_below(wanted: Selected, below: Selection | None) -> Selected:
    """The same field with another selection below it."""
    return Selected(
        wanted.response_name,
        wanted.name,
        wanted.arguments,
        wanted.variables,
        wanted.conditions,
        below,
        wanted.purpose,
        wanted.service,
        wanted.filled,
    )

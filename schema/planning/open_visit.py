"""A visit to a subgraph while its site is arranged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from schema.planning.selection import ALWAYS, Conditions
from schema.planning.site import Entered, GatherParts, ItemKey


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

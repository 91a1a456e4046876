"""A visit to a subgraph while its site is arranged, and how a field is known at a site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from schema.planning.selection import ALWAYS, Conditions, ItemKey, Selected, Selection, either
from schema.planning.site import Entered, GatherParts


class Unreachable(Exception):
    """A field cannot be had at this site with the subgraphs allowed."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenVisit:
    """A visit while its site is arranged. ``placed`` are the fields it answers, in order, ``named`` the same by
    response name; both are written through the arrangement's journal. The rest changes by replacing the visit.
    """

    service: str
    after: frozenset[int] = frozenset()
    entered: Mapping[str, Entered] = field(default_factory=dict)
    needs: Mapping[str, frozenset[ItemKey]] = field(default_factory=dict)
    placed: dict[ItemKey, None] = field(default_factory=dict)
    named: dict[str, tuple[ItemKey, ...]] = field(default_factory=dict)
    gather: GatherParts | None = None
    wanted_when: Conditions = ALWAYS

    def joined(
        self, type_name: str, entered: Entered, after: frozenset[int], needs: frozenset[ItemKey], when: Conditions
    ) -> OpenVisit:
        """The visit with one more reason to be made; itself where that changes nothing."""
        known = self.needs.get(type_name, frozenset())
        is_same_door = self.entered.get(type_name) == entered
        if is_same_door and after <= self.after and needs <= known and when == self.wanted_when:
            return self
        return replace(
            self,
            after=self.after | after,
            entered={**self.entered, type_name: entered},
            needs={**self.needs, type_name: known | needs},
            wanted_when=either(self.wanted_when, when),
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

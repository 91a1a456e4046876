"""The catalogue: organisations, places, items in all their versions, and how departments are told.

Versions and standings are only ever added, so a moment in the past reads as it did then.
Source: domain.md, "What other administrations' systems taught" (9.3); art. 3, 4, 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from schema.domain.case import Channel
from schema.domain.case_timing import Timing
from schema.domain.form_schema import schema_problems
from schema.domain.joint import plan_problems
from schema.domain.licence import LicenceType, type_problems
from schema.domain.organisation import Organisation, Place
from schema.domain.service_item import CommandText, ServiceItem, Step


class StandingState(StrEnum):
    """Whether an item may be applied for now."""

    ADMITTED = "ADMITTED"
    SUSPENDED = "SUSPENDED"
    MERGED = "MERGED"
    """Another item, the successor, takes its place."""
    EXITED = "EXITED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """From a moment on an item stands so. ``successor`` is the code of the item that it was merged into."""

    item: str
    version: int
    state: StandingState
    since: datetime
    reason: str
    successor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeEvent:
    """A turn in life or business for which people look: a birth, a marriage, opening a shop."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Catalogue:
    """Everything offered. ``items`` holds all versions in order of code and version; ``timing`` is the working
    calendar in force, and the terms of what time brings."""

    organisations: Mapping[str, Organisation]
    items: tuple[ServiceItem, ...]
    commands: Mapping[tuple[str, str], CommandText]
    places: Mapping[str, Place] = field(default_factory=dict)
    life_events: Mapping[str, LifeEvent] = field(default_factory=dict)
    licence_types: Mapping[str, LicenceType] = field(default_factory=dict)
    standings: tuple[Standing, ...] = ()
    timing: Timing = field(default_factory=Timing)

    @cached_property
    def versions(self) -> Mapping[str, tuple[ServiceItem, ...]]:
        """All versions of each item, the oldest first, in order of code."""
        found: dict[str, list[ServiceItem]] = {}
        for item in self.items:
            found.setdefault(item.code, []).append(item)
        return {code: tuple(found[code]) for code in sorted(found)}

    def in_force(self, now: datetime) -> tuple[ServiceItem, ...]:
        """The newest version in force of each item that may be applied for, in order of code."""
        found = (self.item(code, now) for code in self.versions)
        return tuple(item for item in found if item is not None)

    def item(self, code: str, now: datetime) -> ServiceItem | None:
        """The version in force, if the item may be applied for now."""
        is_admitted = self.standing(code, now).state is StandingState.ADMITTED
        return self.newest(code, now) if is_admitted else None

    def newest(self, code: str, now: datetime) -> ServiceItem | None:
        """The version that came into force last, also of an item that was suspended or left.

        Versions take effect on their days, whichever was admitted first.
        """
        begun = (item for item in self.versions.get(code, ()) if item.in_force_since <= now)
        return max(begun, key=lambda item: (item.in_force_since, item.version), default=None)

    def item_version(self, code: str, version: int) -> ServiceItem:
        """The version under which a case was filed. Raises ``KeyError``: versions are never deleted."""
        for item in self.versions.get(code, ()):
            if item.version == version:
                return item
        raise KeyError(f"{code} version {version}")

    def standing(self, code: str, now: datetime) -> Standing:
        """How the item stands now. One of which nothing was said is admitted since its first version."""
        said = self._standings.get(code, ())
        begun = next((standing for standing in reversed(said) if standing.since <= now), None)
        if begun is not None:
            return begun
        versions = self.versions.get(code, ())
        since = versions[0].in_force_since if versions else now
        return Standing(item=code, version=0, state=StandingState.ADMITTED, since=since, reason="")

    def why_not_offered(self, code: str, now: datetime) -> str:
        """In words, of an item that :meth:`item` does not give: what became of it, and what to do instead."""
        if self.newest(code, now) is None:
            return f'There is no service item "{code}".'
        standing = self.standing(code, now)
        match standing.state:
            case StandingState.SUSPENDED:
                return f'{code} is suspended ("{standing.reason}"). File when it is offered again.'
            case StandingState.MERGED:
                return f'{code} was merged into {standing.successor} ("{standing.reason}"). File that one.'
            case _:
                return f'{code} is offered no more ("{standing.reason}").'

    def places_of(self, item: ServiceItem) -> tuple[Place, ...]:
        """Where it is offered: the places that it names, else those of its owner, in order of code."""
        named = sorted({window.place for window in item.windows})
        if named:
            return tuple(self.places[code] for code in named if code in self.places)
        owned = (place for place in self.places.values() if place.organisation == item.organisation)
        return tuple(sorted(owned, key=lambda place: place.code))

    def places_where(self, item: str | None, now: datetime) -> tuple[Place, ...]:
        """All places in order of code; with an item's code those where it is offered, none if it is not."""
        if item is None:
            return tuple(self.places[code] for code in sorted(self.places))
        offered = self.item(item, now)
        return self.places_of(offered) if offered else ()

    def children(self, organisation: str) -> tuple[Organisation, ...]:
        """The organisations right below one, in order of code."""
        found = (each for each in self.organisations.values() if each.parent == organisation)
        return tuple(sorted(found, key=lambda each: each.code))

    def department_of(self, item: ServiceItem) -> str | None:
        return self.organisations[item.organisation].department

    def department(self, organisation: str) -> str | None:
        """The name by which an organisation's systems are connected."""
        found = self.organisations.get(organisation)
        return found.department if found else None

    def command(self, department: str | None, step: str) -> CommandText | None:
        return self.commands.get((department, step)) if department else None

    def missing_commands(self, item: ServiceItem) -> Iterator[tuple[str | None, str]]:
        """Department and name of each command without which the item cannot be filed online."""
        lead = self.department_of(item)
        plan = item.joint
        needed: list[tuple[str | None, str]] = []
        if not item.is_decided_by_officers:
            needed.append((lead, plan.decision_command if plan else Step.RECEIVE_CASE))
            needed += [(lead, Step.ISSUE_LICENCE)] if item.result_kind else []
        if plan is not None:
            needed += [(self.department(organisation), name) for organisation, name in plan.commands]
        yield from (each for each in dict.fromkeys(needed) if self.command(*each) is None)

    def text_of(self, item: ServiceItem) -> str:
        """All words by which an item is found, case folded."""
        owner = self.organisations[item.organisation]
        parts = (item.code, item.name, item.name_en, item.description, item.description_en, item.category)
        events = (self.life_events[code] for code in item.life_events if code in self.life_events)
        named = (name for event in events for name in (event.name, event.name_en))
        return " ".join((*parts, owner.name, owner.name_en, *item.synonyms, *named)).casefold()

    @cached_property
    def _standings(self) -> Mapping[str, tuple[Standing, ...]]:
        found: dict[str, tuple[Standing, ...]] = {}
        for standing in sorted(self.standings, key=lambda each: (each.item, each.since, each.version)):
            found[standing.item] = (*found.get(standing.item, ()), standing)
        return found


def catalogue_problems(catalogue: Catalogue) -> Iterator[str]:
    """What must not go live: every line names the thing and the mend."""
    yield from _structure_problems(catalogue)
    for licence_type in catalogue.licence_types.values():
        yield from type_problems(licence_type)
    for item in catalogue.items:
        if item.organisation not in catalogue.organisations:
            yield f'{item.code}: organisation "{item.organisation}" is not in the catalogue. Add it.'
            continue
        if item.promised_limit_days > item.statutory_limit_days:
            yield f"{item.code}: the promised limit is longer than the statutory one. Shorten it."
        if item.fee_fen and not (item.fee_name and item.fee_name_en):
            yield f"{item.code}: a fee needs a name in both languages."
        yield from (f"{item.code}: {problem}" for problem in schema_problems(item.form))
        yield from joint_problems(catalogue, item)
        yield from _command_problems(catalogue, item)


def _structure_problems(catalogue: Catalogue) -> Iterator[str]:
    for organisation in catalogue.organisations.values():
        above, seen = organisation.parent, {organisation.code}
        while above is not None and above in catalogue.organisations and above not in seen:
            seen.add(above)
            above = catalogue.organisations[above].parent
        if above is not None:
            what = "is not in the catalogue" if above not in seen else "is below itself"
            yield f'{organisation.code}: organisation "{above}" above it {what}. Mend `parent`.'
    for place in catalogue.places.values():
        if place.organisation not in catalogue.organisations:
            yield f'{place.code}: organisation "{place.organisation}" is not in the catalogue. Add it.'


def _command_problems(catalogue: Catalogue, item: ServiceItem) -> Iterator[str]:
    if set(item.channels) <= {Channel.WINDOW, Channel.KIOSK}:
        return
    for department, name in catalogue.missing_commands(item):
        yield f'{item.code}: is filed online, but "{department}" has no command "{name}". Add it.'


def joint_problems(catalogue: Catalogue, item: ServiceItem) -> Iterator[str]:
    """What is wrong with how departments handle it together."""
    if item.joint is None:
        return
    for step in item.joint.steps:
        if step.organisation not in catalogue.organisations:
            yield f'{item.code}: step "{step.code}" is of "{step.organisation}", which is no organisation. Add it.'
    asked = (*item.form.get("properties", {}), *(material.code for material in item.materials))
    yield from (f"{item.code}: {problem}" for problem in plan_problems(item.joint, asked))

"""The catalogue: organisations, items in all their versions, and how departments are told; with its lint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from schema.domain.case import Channel
from schema.domain.form import unknown_keywords
from schema.domain.organisation import Organisation
from schema.domain.service_item import CommandText, ServiceItem, Step


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything offered. ``items`` holds all versions in order of code and version."""

    organisations: Mapping[str, Organisation]
    items: tuple[ServiceItem, ...]
    commands: Mapping[tuple[str, Step], CommandText]

    def in_force(self, now: datetime) -> tuple[ServiceItem, ...]:
        """The newest version of each item that is in force, in order of code."""
        newest = {item.code: item for item in self.items if item.in_force_since <= now}
        return tuple(newest[code] for code in sorted(newest))

    def item(self, code: str, now: datetime) -> ServiceItem | None:
        return next((item for item in self.in_force(now) if item.code == code), None)

    def item_version(self, code: str, version: int) -> ServiceItem:
        """The version under which a case was filed. Raises ``KeyError``: versions are never deleted."""
        for item in self.items:
            if (item.code, item.version) == (code, version):
                return item
        raise KeyError(f"{code} version {version}")

    def search(self, words: str | None, now: datetime) -> tuple[ServiceItem, ...]:
        """Items in force in which every word occurs: name, description, category, organisation, code."""
        wanted = (words or "").casefold().split()
        return tuple(item for item in self.in_force(now) if all(word in self._text(item) for word in wanted))

    def department_of(self, item: ServiceItem) -> str | None:
        return self.organisations[item.organisation].department

    def command(self, department: str | None, step: Step) -> CommandText | None:
        return self.commands.get((department, step)) if department else None

    def _text(self, item: ServiceItem) -> str:
        owner = self.organisations[item.organisation]
        parts = (item.code, item.name, item.name_en, item.description, item.description_en, item.category)
        return " ".join((*parts, owner.name, owner.name_en)).casefold()


def catalogue_problems(catalogue: Catalogue) -> Iterator[str]:
    """What must not go live: every line names the item and the mend."""
    for item in catalogue.items:
        if item.organisation not in catalogue.organisations:
            yield f'{item.code}: organisation "{item.organisation}" is not in the catalogue. Add it.'
            continue
        if item.promised_limit_days > item.statutory_limit_days:
            yield f"{item.code}: the promised limit is longer than the statutory one. Shorten it."
        if item.fee_fen and not (item.fee_name and item.fee_name_en):
            yield f"{item.code}: a fee needs `fee_name` and `fee_name_en`."
        for keyword in unknown_keywords(item.form):
            yield f'{item.code}: the form uses "{keyword}", which is not checked. Use another keyword.'
        yield from _command_problems(catalogue, item)


def _command_problems(catalogue: Catalogue, item: ServiceItem) -> Iterator[str]:
    if set(item.channels) <= {Channel.WINDOW, Channel.KIOSK}:
        return
    department = catalogue.department_of(item)
    needed = {Step.RECEIVE_CASE} | ({Step.ISSUE_LICENCE} if item.result_kind else set())
    for step in sorted(needed):
        if catalogue.command(department, step) is None:
            yield f'{item.code}: is filed online, but "{department}" has no command "{step}". Add it.'

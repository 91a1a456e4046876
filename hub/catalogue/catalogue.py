"""The catalogue as rows: seeded from the package, read often, changed by data alone.

``CatalogueStore.current`` keeps a value for a few seconds, so that a new item is live without a restart
and a look-up costs nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

import structlog
from sqlmodel import col, select

from connectors.clock import Clock
from hub.catalogue.catalogue_data import (
    BadContent,
    read_item,
    read_licence_type,
    read_life_event,
    read_organisation,
    read_place,
    read_standing,
)
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.storage.kept_value import KeptValue
from hub.supervision.working_calendars import WorkingCalendars
from hub.tables.catalogue import CatalogueEntryRow
from schema.domain.case_timing import TimeRules, Timing
from schema.domain.catalogue import Catalogue, catalogue_problems
from schema.domain.service_item import CommandText

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(seconds=3)
SEED_IN_FORCE_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_KEY = (col(CatalogueEntryRow.kind), col(CatalogueEntryRow.code), col(CatalogueEntryRow.version))


class BadCatalogue(Exception):
    """The catalogue's data breaks its own rules; the text lists every line to mend."""


@dataclass(frozen=True, slots=True)
class _Entries:
    """What the rows with these keys amount to."""

    keys: frozenset[Any]
    catalogue: Catalogue


class CatalogueStore:
    """The one reader of the catalogue in a process."""

    def __init__(self, database: Database, clock: Clock, rules: TimeRules | None = None) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules or TimeRules()
        self.calendars = WorkingCalendars(database, clock)
        self._entries: KeptValue[_Entries] = KeptValue(self._look, KEPT_FOR, clock)
        self._read_from: _Entries | None = None
        self._timed: Catalogue | None = None
        """The entries that were read last, with the calendar that was in force last."""

    async def seed(self) -> None:
        """Add the entries of the package that are missing. Running it again changes nothing."""
        rows = tuple(seed_entries())
        read_catalogue(rows)
        async with self._database.transaction() as session:
            for row in rows:
                await insert_if_absent(session, CatalogueEntryRow, row.model_dump())
        await self.calendars.seed()
        self.forget()

    async def current(self) -> Catalogue:
        """What is in force: catalogue and working calendar. Every process sees a change within seconds."""
        entries, calendar = await self._entries.get(), await self.calendars.current()
        if self._timed is None or self._read_from is not entries or self._timed.timing.calendar is not calendar:
            timing = Timing(calendar, self._rules)
            self._read_from, self._timed = entries, replace(entries.catalogue, timing=timing)
        return self._timed

    async def _look(self, known: _Entries | None) -> _Entries:
        """Rows never change, so only their keys are asked for again.

        A catalogue that breaks its rules after it was changed by hand is logged, and the last good one serves.
        """
        async with self._database.apart.reading() as session:
            keys = frozenset(await session.exec(select(*_KEY)))
            if known is not None and keys == known.keys:
                return known
            rows = (await session.exec(select(CatalogueEntryRow))).all()
        try:
            return _Entries(keys, read_catalogue(rows))
        except BadCatalogue as problem:
            if known is None:
                raise
            log.exception("the catalogue in the database is wrong; the last good one serves", why=str(problem))
            return _Entries(keys, known.catalogue)

    def forget(self) -> None:
        """Look again at the next question: this process has just changed it."""
        self._entries.forget()


def seed_entries() -> Iterator[CatalogueEntryRow]:
    """The package's own catalogue as rows."""
    for file in sorted(resources.files("hub.catalogue_seed").iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".toml"):
            continue
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        for kind in ("organisation", "place", "life-event", "licence-type", "item"):
            for entry in content.get(kind.replace("-", "_"), ()):
                yield _entry(kind, entry["code"], entry)
        for command in content.get("command", ()):
            yield _entry("command", f"{command['department']}/{command['step']}", command)


def read_catalogue(rows: Iterable[CatalogueEntryRow]) -> Catalogue:
    """Rows as a catalogue that holds its own rules. Raises :class:`BadCatalogue`."""
    ordered = sorted(rows, key=lambda row: (row.kind, row.code, row.version))
    newest = {(row.kind, row.code): row.content for row in ordered}

    def newest_of(kind: str) -> dict[str, Mapping[str, Any]]:
        return {code: content for (each, code), content in newest.items() if each == kind}

    try:
        catalogue = Catalogue(
            organisations={code: read_organisation(each) for code, each in newest_of("organisation").items()},
            items=tuple(
                read_item(row.content, row.version, row.in_force_since) for row in ordered if row.kind == "item"
            ),
            commands={
                (each["department"], each["step"]): _command(each) for each in newest_of("command").values()
            },
            places={code: read_place(each) for code, each in newest_of("place").items()},
            life_events={code: read_life_event(each) for code, each in newest_of("life-event").items()},
            licence_types={code: read_licence_type(each) for code, each in newest_of("licence-type").items()},
            standings=tuple(
                read_standing(row.content, row.version, row.in_force_since)
                for row in ordered
                if row.kind == "standing"
            ),
        )
    except BadContent as problem:
        raise BadCatalogue(str(problem)) from None
    problems = tuple(catalogue_problems(catalogue))
    if problems:
        raise BadCatalogue("\n".join(problems))
    return catalogue


def _entry(kind: str, code: str, content: Mapping[str, Any]) -> CatalogueEntryRow:
    """The version stands in the data where it is not the first."""
    written = {key: value for key, value in content.items() if key != "version"}
    version = content.get("version", 1)
    return CatalogueEntryRow(
        kind=kind, code=code, version=version, content=written, in_force_since=SEED_IN_FORCE_SINCE
    )


def _command(content: Mapping[str, Any]) -> CommandText:
    return CommandText(content["operation"], content["operation_name"])

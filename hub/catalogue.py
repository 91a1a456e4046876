"""The catalogue as rows: seeded from the package, read often, changed by data alone.

``CatalogueStore.current`` keeps a value for a few seconds, so that a new item is live without a restart
and a look-up costs nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

from sqlmodel import select

from connectors.clock import Clock
from hub.database import Database
from hub.insertion import insert_if_absent
from hub.tables.catalogue import CatalogueEntryRow
from schema.domain.case import Channel
from schema.domain.catalogue import Catalogue, catalogue_problems
from schema.domain.organisation import Organisation
from schema.domain.service_item import CommandText, ServiceItem, Step

KEPT_FOR = timedelta(seconds=3)
SEED_IN_FORCE_SINCE = datetime(2026, 1, 1, tzinfo=UTC)


class BadCatalogue(Exception):
    """The catalogue's data breaks its own rules; the text lists every line to mend."""


class CatalogueStore:
    """The one reader of the catalogue in a process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._kept: tuple[datetime, Catalogue] | None = None

    async def seed(self) -> None:
        """Add the entries of the package that are missing. Running it again changes nothing."""
        rows = tuple(seed_entries())
        read_catalogue(rows)
        async with self._database.transaction() as session:
            for row in rows:
                await insert_if_absent(session, CatalogueEntryRow, row.model_dump())
        self._kept = None

    async def current(self) -> Catalogue:
        now = self._clock.now()
        if self._kept is not None and abs(now - self._kept[0]) < KEPT_FOR:
            return self._kept[1]
        async with self._database.reading() as session:
            rows = (await session.exec(select(CatalogueEntryRow))).all()
        catalogue = read_catalogue(rows)
        self._kept = (now, catalogue)
        return catalogue


def seed_entries() -> Iterator[CatalogueEntryRow]:
    """The package's own catalogue as rows."""
    for file in sorted(resources.files("hub.catalogue_seed").iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".toml"):
            continue
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        for organisation in content.get("organisation", ()):
            yield _entry("organisation", organisation["code"], organisation)
        for item in content.get("item", ()):
            yield _entry("item", item["code"], item)
        for command in content.get("command", ()):
            yield _entry("command", f"{command['department']}/{command['step']}", command)


def read_catalogue(rows: Iterable[CatalogueEntryRow]) -> Catalogue:
    """Rows as a catalogue that holds its own rules. Raises :class:`BadCatalogue`."""
    ordered = sorted(rows, key=lambda row: (row.kind, row.code, row.version))
    newest = {(row.kind, row.code): row.content for row in ordered}
    catalogue = Catalogue(
        organisations={
            code: _organisation(content) for (kind, code), content in newest.items() if kind == "organisation"
        },
        items=tuple(_item(row) for row in ordered if row.kind == "item"),
        commands={
            (content["department"], Step(content["step"])): _command(content)
            for (kind, _), content in newest.items()
            if kind == "command"
        },
    )
    problems = tuple(catalogue_problems(catalogue))
    if problems:
        raise BadCatalogue("\n".join(problems))
    return catalogue


def _entry(kind: str, code: str, content: Mapping[str, Any]) -> CatalogueEntryRow:
    return CatalogueEntryRow(kind=kind, code=code, version=1, content=content, in_force_since=SEED_IN_FORCE_SINCE)


def _organisation(content: Mapping[str, Any]) -> Organisation:
    return Organisation(content["code"], content["name"], content["name_en"], content.get("department"))


def _command(content: Mapping[str, Any]) -> CommandText:
    return CommandText(content["operation"], content["operation_name"])


def _item(row: CatalogueEntryRow) -> ServiceItem:
    content = row.content
    return ServiceItem(
        code=row.code,
        version=row.version,
        name=content["name"],
        name_en=content["name_en"],
        description=content["description"],
        description_en=content["description_en"],
        category=content["category"],
        organisation=content["organisation"],
        statutory_limit_days=content["statutory_limit_days"],
        promised_limit_days=content["promised_limit_days"],
        fee_fen=content.get("fee_fen", 0),
        fee_name=content.get("fee_name", ""),
        fee_name_en=content.get("fee_name_en", ""),
        result_kind=content.get("result_kind"),
        channels=tuple(Channel(channel) for channel in content["channels"]),
        form=content["form"],
        in_force_since=row.in_force_since,
    )

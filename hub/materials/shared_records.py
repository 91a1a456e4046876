"""Fetch instead of asking: a licence or register entry in place of a material, with the person's recorded consent.

The hub asks the graph on the person's own behalf, as their app would; the consent says for which item and
material, and when. Taken back, what no case uses yet is forgotten.
Source: docs/materials.md (art. 5, 14); domain.md, 9.5, 9.12.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from hub.catalogue.catalogue import CatalogueStore
from hub.people.who import may_read_content
from hub.storage.database import Database
from hub.tables.case import CaseRow
from hub.tables.stored_file import SharedRecordRow
from schema.domain.material import Material
from schema.domain.page import check_first
from schema.domain.shared_record import Replacement, register_fields, replacing_licence
from schema.errors import DomainError, RuntimeCode

LICENCES = "query SharedLicences { me { licences { number kind name state validUntil issuer { code } } } }"


@dataclass(frozen=True, slots=True)
class OwnData:
    """What the graph told of the person. ``broken`` are fields with an error: a part of them may be missing."""

    me: Mapping[str, Any]
    broken: frozenset[str] = frozenset()

    def has_all(self, field: str) -> bool:
        """Whether everybody who has a part of it has answered."""
        return self.me.get(field) is not None and field not in self.broken


AskGraph = Callable[[Actor, str], Awaitable[OwnData]]
"""A query that the hub asks for this person."""
Selection = Callable[[str], str | None]
"""What to select of a field of ``Citizen``: its scalars; ``None`` where the graph has no such field."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which material is to be replaced, and by which licence where there are several."""

    item_code: str
    material: str
    licence_number: str | None = None
    idempotency_key: str | None = None


class SharedRecords:
    """Every method is told who asks."""

    def __init__(
        self, database: Database, catalogue: CatalogueStore, clock: Clock, ask: AskGraph, selection: Selection
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._ask = ask
        self._selection = selection

    async def share(self, actor: Actor, wanted: Wanted, *, consents: bool) -> SharedRecordRow:
        """Raises ``DomainError``: FORBIDDEN without consent, NOT_FOUND where nothing of theirs replaces it."""
        if not consents:
            message = "Nothing is fetched without your consent. Agree to it, or hand the material in yourself."
            raise DomainError(RuntimeCode.FORBIDDEN, message)
        material = await self._material(wanted)
        async with self._database.reading() as session:
            if (repeated := await _repeated(session, actor, wanted)) is not None:
                return repeated
        found = await self._fetch(actor, material, wanted.licence_number)
        row = SharedRecordRow(
            id=str(uuid4()),
            owner=actor.subject,
            item_code=wanted.item_code,
            material=wanted.material,
            source=found.source,
            issuer=found.issuer,
            content=dict(found.content),
            consented_at=self._clock.now(),
            idempotency_key=wanted.idempotency_key,
        )
        async with self._database.transaction() as session:
            session.add(row)
        return row

    async def withdraw(self, actor: Actor, id: str) -> SharedRecordRow:
        """Take the consent back: nothing is filed with it any more, and what no case uses is forgotten."""
        async with self._database.transaction() as session:
            row = await session.get(SharedRecordRow, id, with_for_update=True)
            if row is None or row.owner != actor.subject:
                raise _nothing_shared()
            if row.withdrawn_at is None:
                row.withdrawn_at = self._clock.now()
                row.content = row.content if row.case_id is not None else {}
            return row

    async def of(self, actor: Actor, first: int = 50) -> Sequence[SharedRecordRow]:
        """One's own consents, the newest first."""
        check_first(first)
        statement = select(SharedRecordRow).where(col(SharedRecordRow.owner) == actor.subject)
        ordered = statement.order_by(col(SharedRecordRow.consented_at).desc(), col(SharedRecordRow.id)).limit(
            first
        )
        async with self._database.reading() as session:
            return (await session.exec(ordered)).all()

    async def get(self, actor: Actor, id: str) -> SharedRecordRow | None:
        """One's own, or one in a case whose content the actor may read."""
        async with self._database.reading() as session:
            row = await session.get(SharedRecordRow, id)
            if row is None or row.owner == actor.subject:
                return row
            case = await session.get(CaseRow, row.case_id) if row.case_id is not None else None
        may = case is not None and may_read_content(actor, case.applicant, case.department, case.item_code)
        return row if may else None

    async def _material(self, wanted: Wanted) -> Material:
        item = (await self._catalogue.current()).item(wanted.item_code, self._clock.now())
        material = item.material(wanted.material) if item is not None else None
        if material is None:
            message = f'"{wanted.item_code}" has no material "{wanted.material}".'
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
        if not material.satisfied_by:
            message = f'Nothing replaces material "{wanted.material}". Hand it in.'
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
        return material

    async def _fetch(self, actor: Actor, material: Material, number: str | None) -> Replacement:
        is_answered = True
        if material.replacing_licences:
            own = await self._ask(actor, LICENCES)
            is_answered = own.has_all("licences")
            if (found := replacing_licence(material, own.me.get("licences") or (), number)) is not None:
                return found
        for field in register_fields(material):
            selection = self._selection(field)
            if selection is None:
                continue
            own = await self._ask(actor, f"query SharedEntry {{ me {{ {field} {selection} }} }}")
            is_answered = is_answered and own.has_all(field)
            if told := own.me.get(field):
                entries = told if isinstance(told, list) else [told]
                return Replacement(f"Citizen.{field}", None, {"entries": entries})
        if not is_answered:
            message = "The department that holds it does not answer now. Try again, or hand the material in."
            raise DomainError(RuntimeCode.SERVICE_UNAVAILABLE, message)
        raise DomainError(RuntimeCode.NOT_FOUND, f'You have nothing that replaces "{material.code}". Hand it in.')


async def _repeated(session: AsyncSession, actor: Actor, wanted: Wanted) -> SharedRecordRow | None:
    if wanted.idempotency_key is None:
        return None
    own = (
        col(SharedRecordRow.owner) == actor.subject,
        col(SharedRecordRow.idempotency_key) == wanted.idempotency_key,
    )
    row = (await session.exec(select(SharedRecordRow).where(*own))).first()
    if row is not None and (row.item_code, row.material) != (wanted.item_code, wanted.material):
        message = "The idempotency key was used for another material. Use a new one."
        raise DomainError(RuntimeCode.CONFLICT, message)
    return row


def _nothing_shared() -> DomainError:
    return DomainError(RuntimeCode.NOT_FOUND, "You have shared nothing under this id.")

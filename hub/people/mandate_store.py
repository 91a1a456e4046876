"""Mandates and acting enterprises as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from cachetools import LRUCache
from sqlmodel import col, select

from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.tables.mandate import EnterpriseRow, MandateRow
from schema.domain.mandate import Mandate, Power, Scope
from schema.domain.party import ApplicantKind

REMEMBERED_PARTIES = 10_000


class MandateStore:
    """Reads for those who need them at each request; granting and ending is ``hub.people.mandates``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._codes: LRUCache[str, str | None] = LRUCache(maxsize=REMEMBERED_PARTIES)

    async def mandate(self, id: str) -> Mandate | None:
        """Whether it is in force or not."""
        async with self._database.reading() as session:
            row = await session.get(MandateRow, id)
        return mandate_of(row) if row is not None else None

    async def in_force(self, id: str, at: datetime) -> Mandate | None:
        mandate = await self.mandate(id)
        return mandate if mandate is not None and mandate.is_in_force(at) else None

    async def given_by(self, party: str) -> tuple[Mandate, ...]:
        """Those of one party, the newest first."""
        return await self._read(col(MandateRow.party) == party, col(MandateRow.represents).is_(False))

    async def held_by(self, agent: str) -> tuple[Mandate, ...]:
        """Those under which one person acts, the newest first."""
        return await self._read(col(MandateRow.agent) == agent)

    async def enterprise(self, id: str) -> EnterpriseRow | None:
        async with self._database.reading() as session:
            return await session.get(EnterpriseRow, id)

    async def credit_code(self, party: str) -> str | None:
        """``None`` for whoever is no enterprise. It never changes, so it is remembered, also that there is none:
        ids of persons are not given to enterprises."""
        if party not in self._codes:
            enterprise = await self.enterprise(party)
            self._codes[party] = enterprise.credit_code if enterprise is not None else None
        return self._codes[party]

    async def enterprise_of_code(self, credit_code: str) -> EnterpriseRow | None:
        statement = select(EnterpriseRow).where(col(EnterpriseRow.credit_code) == credit_code)
        async with self._database.reading() as session:
            return (await session.exec(statement)).first()

    async def remember_enterprise(self, credit_code: str, name: str) -> EnterpriseRow:
        """The same id for the same code always; the name as the register has it now."""
        async with self._database.transaction() as session:
            statement = select(EnterpriseRow).where(col(EnterpriseRow.credit_code) == credit_code)
            row = (await session.exec(statement)).first()
            if row is None:
                values = {"id": str(uuid4()), "credit_code": credit_code, "name": name}
                await insert_if_absent(session, EnterpriseRow, values)
                row = (await session.exec(statement)).one()
            row.name = name
        return row

    async def _read(self, *which: object) -> tuple[Mandate, ...]:
        newest = (col(MandateRow.granted_at).desc(), col(MandateRow.id))
        statement = select(MandateRow).where(*which).order_by(*newest).limit(200)  # type: ignore[arg-type]
        async with self._database.reading() as session:
            rows: Sequence[MandateRow] = (await session.exec(statement)).all()
        return tuple(mandate_of(row) for row in rows)


def mandate_of(row: MandateRow) -> Mandate:
    return Mandate(
        id=row.id,
        party=row.party,
        party_kind=ApplicantKind(row.party_kind),
        party_name=row.party_name,
        agent=row.agent,
        agent_name=row.agent_name,
        scope=Scope(frozenset(map(Power, row.powers)), frozenset(row.items)),
        granted_by=row.granted_by,
        granted_at=row.granted_at,
        since=row.since,
        until=row.until,
        ended_at=row.ended_at,
        represents=row.represents,
    )

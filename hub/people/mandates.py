"""Grant, end and read mandates; act for an enterprise that one represents.

Only a party itself grants: a person in their own name, an enterprise by its legal representative. An agent hands
nothing on. Either side ends a mandate at any time; what was done under it stands. Source: docs/mandates.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlmodel import col, func, select

from auth.actor import Actor
from auth.attempts import Attempts, Limit, TooManyAttempts
from auth.roles import CITIZEN, REPRESENTATIVE
from connectors.clock import Clock
from hub.catalogue.catalogue import CatalogueStore
from hub.notices.notices import citizen, put_notice
from hub.people.mandate_store import MandateStore, mandate_of
from hub.people.people import People
from hub.people.represented_enterprises import RepresentedEnterprises
from hub.storage.database import Database
from hub.tables.mandate import EnterpriseRow, MandateRow
from schema.domain import mandate_words
from schema.domain.case import Case
from schema.domain.mandate import EVERYTHING, REPRESENTS_FOR, Mandate, Power, problems
from schema.domain.notice import NoticeKind
from schema.domain.party import ApplicantKind
from schema.errors import DomainError, RuntimeCode

GRANTS = Limit("mandates by party", 20, timedelta(hours=1))
"""Who names agents by trial would learn which numbers and names belong together."""
MOST_MANDATES = 100
"""In force at a time, for one party."""
Name = Callable[[str], Awaitable[str | None]]
"""The name of a person, as the identity department told it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a party asks for. The agent is named by number and name, which must belong together."""

    agent_id_number: str
    agent_name: str
    powers: frozenset[Power]
    items: tuple[str, ...]
    until: datetime
    since: datetime | None = None


class Mandates:
    """Every method is told who asks."""

    def __init__(
        self,
        database: Database,
        store: MandateStore,
        people: People,
        name: Name,
        catalogue: CatalogueStore,
        enterprises: RepresentedEnterprises,
        attempts: Attempts,
        clock: Clock,
    ) -> None:
        self._database = database
        self._store = store
        self._people = people
        self._name = name
        self._catalogue = catalogue
        self._enterprises = enterprises
        self._attempts = attempts
        self._clock = clock

    async def grant(self, actor: Actor, wanted: Grant) -> Mandate:
        """Raises :class:`DomainError` with all that is wrong; NOT_FOUND where number and name are no person's."""
        kind, now = _party_kind(actor), self._clock.now()
        since, items = wanted.since or now, tuple(sorted(set(wanted.items)))
        wrong = list(problems(wanted.powers, items, since, wanted.until, now))
        catalogue = await self._catalogue.current()
        wrong += [f'There is no service item "{each}".' for each in items if catalogue.item(each, now) is None]
        if wrong:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, " ".join(wrong))
        agent, agent_name = await self._agent(actor, wanted)
        row = MandateRow(
            id=str(uuid4()),
            party=actor.subject,
            party_kind=kind,
            party_name=await self._party_name(actor, kind),
            agent=agent,
            agent_name=agent_name,
            powers=sorted(wanted.powers),
            items=list(items),
            granted_by=actor.person,
            granted_at=now,
            since=since,
            until=wanted.until,
        )
        async with self._database.transaction() as session:
            held = select(func.count()).where(
                col(MandateRow.party) == actor.subject,
                col(MandateRow.until) > now,
                col(MandateRow.ended_at).is_(None),
            )
            if (await session.exec(held)).one() >= MOST_MANDATES:
                message = f"{MOST_MANDATES} mandates of yours are in force. End one first."
                raise DomainError(RuntimeCode.CONFLICT, message)
            session.add(row)
            mandate = mandate_of(row)
            text = mandate_words.granted(mandate)
            put_notice(session, citizen(agent), NoticeKind.MANDATE, f"mandate/{row.id}", text, now)
        return mandate

    async def end(self, actor: Actor, id: str) -> Mandate:
        """At once, by the party or by the agent in their own name. Ended twice it is ended once."""
        now = self._clock.now()
        async with self._database.transaction() as session:
            row = await session.get(MandateRow, id, with_for_update=True)
            if row is None or not _may_end(actor, row):
                raise DomainError(RuntimeCode.NOT_FOUND, "You have no such mandate.")
            if row.ended_at is None and row.until > now:
                row.ended_at, row.ended_by = now, actor.person
                by_agent = actor.agency is None and actor.subject == row.agent
                mandate = mandate_of(row)
                text = mandate_words.ended_by_agent if by_agent else mandate_words.ended_by_party
                told = row.party if by_agent else row.agent
                if not row.represents:
                    key = f"mandate/{row.id}/ended"
                    put_notice(session, citizen(told), NoticeKind.MANDATE, key, text(mandate), now)
            return mandate_of(row)

    async def given(self, actor: Actor) -> Sequence[Mandate]:
        """Those of the party itself, the newest first."""
        _party_kind(actor)
        return await self._store.given_by(actor.subject)

    async def held(self, actor: Actor) -> Sequence[Mandate]:
        """Those under which the person acts for others, the newest first."""
        return await self._store.held_by(actor.person)

    async def of_case(self, case: Case) -> Mandate | None:
        """Under which it was filed, whether it still holds or not; for whoever may read the case."""
        if case.mandate is None:
            return None
        return await self._store.mandate(case.mandate)

    async def credit_code(self, party: str) -> str | None:
        """The unified social credit code of a party that is an enterprise."""
        return await self._store.credit_code(party)

    async def represent(self, actor: Actor, credit_code: str) -> Mandate:
        """Act for an open enterprise whose legal representative the person is, for half a day.

        The register is asked each time. Raises :class:`DomainError` FORBIDDEN for whoever represents it not.
        """
        if actor.agency is not None:
            raise DomainError(RuntimeCode.FORBIDDEN, "Ask in your own name, not in another's.")
        represented = await self._enterprises.of(actor)
        found = next((each for each in represented if each.credit_code == credit_code.strip().upper()), None)
        if found is None:
            message = "You do not represent an open enterprise of this credit code by the enterprise register."
            raise DomainError(RuntimeCode.FORBIDDEN, message)
        enterprise = await self._store.remember_enterprise(found.credit_code, found.name)
        return await self._represents(actor, enterprise)

    async def _represents(self, actor: Actor, enterprise: EnterpriseRow) -> Mandate:
        now = self._clock.now()
        row = MandateRow(
            id=str(uuid4()),
            party=enterprise.id,
            party_kind=ApplicantKind.ENTERPRISE,
            party_name=enterprise.name,
            agent=actor.subject,
            agent_name=await self._name(actor.subject) or "",
            powers=sorted(EVERYTHING.powers),
            items=[],
            granted_by=actor.subject,
            granted_at=now,
            since=now,
            until=now + REPRESENTS_FOR,
            represents=True,
        )
        async with self._database.transaction() as session:
            earlier = select(MandateRow).where(
                col(MandateRow.party) == enterprise.id,
                col(MandateRow.agent) == actor.subject,
                col(MandateRow.represents).is_(True),
                col(MandateRow.until) > now,
                col(MandateRow.ended_at).is_(None),
            )
            known = (await session.exec(earlier.with_for_update())).first()
            if known is not None:
                known.until, known.party_name = row.until, row.party_name
                return mandate_of(known)
            session.add(row)
            return mandate_of(row)

    async def _agent(self, actor: Actor, wanted: Grant) -> tuple[str, str]:
        """Subject and name. Wrong numbers, wrong names and strangers are told alike, and counted."""
        try:
            await self._attempts.count(GRANTS, actor.person)
        except TooManyAttempts as error:
            raise DomainError(RuntimeCode.RATE_LIMITED, str(error)) from error
        agent = await self._people.introduced(wanted.agent_id_number)
        name = await self._name(agent) if agent is not None else None
        if agent is None or name is None or name != wanted.agent_name.strip():
            message = "The identity department knows nobody of this number and name. Check both."
            raise DomainError(RuntimeCode.NOT_FOUND, message)
        if agent in (actor.subject, actor.person):
            raise DomainError(RuntimeCode.BAD_USER_INPUT, "Name somebody else: you act for yourself already.")
        return agent, name

    async def _party_name(self, actor: Actor, kind: ApplicantKind) -> str:
        if kind is ApplicantKind.CITIZEN:
            return await self._name(actor.subject) or ""
        enterprise = await self._store.enterprise(actor.subject)
        return enterprise.name if enterprise is not None else ""


def _party_kind(actor: Actor) -> ApplicantKind:
    """Of a party that is there itself. Raises :class:`DomainError` FORBIDDEN for agents."""
    agency = actor.agency
    if agency is None and actor.has_role(CITIZEN):
        return ApplicantKind.CITIZEN
    if agency is not None and agency.represents and actor.has_role(REPRESENTATIVE):
        return agency.kind
    raise DomainError(RuntimeCode.FORBIDDEN, "Mandates are given by the party itself; an agent hands none on.")


def _may_end(actor: Actor, row: MandateRow) -> bool:
    if actor.agency is None:
        return actor.subject in (row.agent, row.party)
    return actor.agency.represents and actor.subject == row.party

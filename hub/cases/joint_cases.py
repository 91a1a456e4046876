"""Joint cases for persons: a case's sub-cases, a department's own work, its decisions, and driving again.

Whoever holds a case may see its sub-cases. An officer sees and decides those of the own department, with no
more of the case than the step needs; who asks for another's is told that there is none. Source: art. 17.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from auth.roles import CHIEF_REPRESENTATIVE, HANDLER
from connectors.clock import Clock
from hub.cases import case_store, joint_store
from hub.cases.case_steps import take_due_steps
from hub.cases.delegations import delegation_for
from hub.catalogue.catalogue import CatalogueStore
from hub.people.people import People, identity_number
from hub.people.who import may_handle, operator
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.case import CaseRow
from hub.tables.sub_case import SubCaseRow
from schema.domain import joint_flow
from schema.domain.case import Case, CaseActor, ImpossibleTransition
from schema.domain.case_flow import Progress
from schema.domain.joint import OPEN, DepartmentStep, JointPlan, SubCase, SubCases
from schema.domain.service_item import ServiceItem
from schema.errors import DomainError, RuntimeCode

MOST_LISTED = 100


class SubCaseWord(StrEnum):
    """What an officer can say on a sub-case."""

    ACCEPT = "ACCEPT"
    NOT_ACCEPT = "NOT_ACCEPT"
    REQUEST_SUPPLEMENT = "REQUEST_SUPPLEMENT"
    APPROVE = "APPROVE"
    DENY = "DENY"


_EVENTS = {
    SubCaseWord.ACCEPT: ("jiyi.sub-case.accepted", {}),
    SubCaseWord.NOT_ACCEPT: ("jiyi.sub-case.not-accepted", {}),
    SubCaseWord.REQUEST_SUPPLEMENT: ("jiyi.sub-case.supplement-requested", {}),
    SubCaseWord.APPROVE: ("jiyi.sub-case.decided", {"decision": "approved"}),
    SubCaseWord.DENY: ("jiyi.sub-case.decided", {"decision": "denied"}),
}


_DECISIONS = frozenset({SubCaseWord.NOT_ACCEPT, SubCaseWord.APPROVE, SubCaseWord.DENY})


@dataclass(frozen=True, slots=True)
class Before:
    """What a decision sees: the case and its sub-cases as they stand, and whose step it is."""

    session: AsyncSession
    department: str | None
    case: Case
    sub_cases: SubCases


@dataclass(frozen=True, slots=True)
class SubCaseView:
    """One sub-case beside its step; ``waits_for`` are the steps without which it cannot begin."""

    step: DepartmentStep
    sub_case: SubCase
    waits_for: tuple[str, ...]
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class SubCaseWork:
    """A sub-case as its department's officer sees it: with the answers and results that its step needs."""

    view: SubCaseView
    receipt_number: str
    item: ServiceItem
    form: dict[str, Any]
    results: tuple[SubCaseView, ...]


CaseKey = tuple[str, str, int]
"""Id of a case, code and version of its item."""


class JointCases:
    """Every method but ``of_cases`` is told who asks, and checks it."""

    def __init__(
        self, database: Database, catalogue: CatalogueStore, people: People, clock: Clock, wakeups: Wakeups
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._people = people
        self._clock = clock
        self._wakeups = wakeups

    async def of_cases(self, cases: Iterable[CaseKey]) -> dict[str, tuple[SubCaseView, ...]]:
        """The sub-cases of cases that the caller was allowed to read; none for an item of one department."""
        catalogue, wanted = await self._catalogue.current(), tuple(cases)
        plans = {case_id: catalogue.item_version(code, version).joint for case_id, code, version in wanted}
        joint = {case_id: plan for case_id, plan in plans.items() if plan is not None}
        views = await self._views(joint) if joint else {}
        return {case_id: views.get(case_id, ()) for case_id, _, _ in wanted}

    async def work(self, actor: Actor, first: int = 50) -> tuple[SubCaseWork, ...]:
        """What waits for the actor's department, the oldest first."""
        if actor.department is None or not may_handle(actor, actor.department):
            raise DomainError(RuntimeCode.FORBIDDEN, "Only a department's handlers have its work.")
        statement = (
            select(SubCaseRow, CaseRow)
            .join(CaseRow, col(CaseRow.id) == col(SubCaseRow.case_id))
            .where(col(SubCaseRow.department) == actor.department, col(SubCaseRow.state).in_(sorted(OPEN)))
            .order_by(col(SubCaseRow.started_at), col(SubCaseRow.case_id), col(SubCaseRow.code))
            .limit(min(max(first, 1), MOST_LISTED))
        )
        async with self._database.reading() as session:
            found = (await session.exec(statement)).all()
        return await self._as_work(found)

    async def failed(self, actor: Actor, first: int = 50) -> tuple[SubCaseWork, ...]:
        """Sub-cases whose last command failed for good, for the operator who drives them again."""
        operator(actor)
        statement = (
            select(SubCaseRow, CaseRow)
            .join(CaseRow, col(CaseRow.id) == col(SubCaseRow.case_id))
            .where(col(SubCaseRow.failed).is_not(None))
            .order_by(col(SubCaseRow.case_id), col(SubCaseRow.code))
            .limit(min(max(first, 1), MOST_LISTED))
        )
        async with self._database.reading() as session:
            found = (await session.exec(statement)).all()
        return await self._as_work(found)

    async def say(self, actor: Actor, case: str, code: str, word: SubCaseWord, said: dict[str, Any]) -> Case:
        """An officer's word on the own department's sub-case."""
        event, decision = _EVENTS[word]
        data = {"subCase": code, **said, **decision}

        async def decide(found: Before, at: datetime) -> Progress:
            if not may_handle(actor, found.department):
                raise _no_such_sub_case()
            delegation = await _delegation(actor, found, at) if word in _DECISIONS else None
            return joint_flow.sub_case_said(
                found.case,
                found.sub_cases,
                event,
                data,
                at,
                actor=CaseActor.OFFICER,
                officer=actor.subject,
                delegation=delegation,
            )

        return await self._move(case, code, decide, CaseActor.OFFICER)

    async def redrive(self, actor: Actor, case: str, code: str, reason: str) -> Case:
        """Send the command again that failed for good, as a new one."""
        operator(actor)

        async def decide(found: Before, at: datetime) -> Progress:
            return joint_flow.redrive(found.case, found.sub_cases, code, reason, actor.subject, at)

        return await self._move(case, code, decide, CaseActor.OPERATOR)

    async def _move(self, case: str, code: str, decide: _Decide, who: CaseActor) -> Case:
        catalogue = await self._catalogue.current()
        refused: ImpossibleTransition | None = None
        async with self._database.transaction() as session:
            row = await case_store.find(session, case, lock=True)
            item = catalogue.item_version(row.item_code, row.item_version) if row else None
            step = item.joint.step(code) if item and item.joint else None
            if row is None or item is None or item.joint is None or step is None:
                raise _no_such_sub_case()
            at, number = self._clock.now(), await identity_number(self._people, row.applicant)
            setting = case_store.Setting(catalogue, item, number, row.form)
            # A limit that has passed counts before what comes after it, be the worker late.
            await take_due_steps(session, row, setting, at)
            moved = case_store.case_of(row)
            before = await joint_store.sub_cases(session, row.id, item.joint)
            try:
                department = catalogue.department(step.organisation)
                progress = await decide(Before(session, department, moved, before), at)
            except ValueError as error:
                raise DomainError(RuntimeCode.BAD_USER_INPUT, str(error)) from error
            except ImpossibleTransition as impossible:
                refused = impossible
                case_store.refuse(session, impossible, who, at)
            else:
                moved = await case_store.record(session, row, progress, setting)
        if refused is not None:
            raise DomainError(RuntimeCode.INVALID_TRANSITION, str(refused))
        self._wakeups.outbox.set()
        return moved

    async def _views(self, plans: dict[str, JointPlan]) -> dict[str, tuple[SubCaseView, ...]]:
        statement = select(SubCaseRow).where(col(SubCaseRow.case_id).in_(sorted(plans)))
        async with self._database.reading() as session:
            rows = (await session.exec(statement)).all()
        found = {case_id: SubCases.beginning(plan) for case_id, plan in plans.items()}
        due: dict[tuple[str, str], datetime | None] = {}
        for row in rows:
            found[row.case_id] = found[row.case_id].with_sub_case(joint_store.sub_case_of(row))
            due[row.case_id, row.code] = row.due_at
        return {
            case_id: tuple(
                SubCaseView(step, sub_case, each.waits_for(step.code), due.get((case_id, step.code)))
                for step, sub_case in each
            )
            for case_id, each in found.items()
        }

    async def _as_work(self, found: Iterable[tuple[SubCaseRow, CaseRow]]) -> tuple[SubCaseWork, ...]:
        catalogue, pairs = await self._catalogue.current(), tuple(found)
        items = {case.id: catalogue.item_version(case.item_code, case.item_version) for _, case in pairs}
        plans = {case_id: item.joint for case_id, item in items.items() if item.joint is not None}
        views = await self._views(plans) if plans else {}
        return tuple(
            _work(next(view for view in views[case.id] if view.step.code == row.code), case, items[case.id], views)
            for row, case in pairs
            if case.id in views
        )


class _Decide(Protocol):
    async def __call__(self, found: Before, at: datetime, /) -> Progress: ...


async def _delegation(actor: Actor, found: Before, at: datetime) -> str | None:
    """Under which delegation a chief representative decides (首席代表制, art. 17); a handler needs none."""
    if not actor.has_role(CHIEF_REPRESENTATIVE) or found.department is None:
        return None
    item = found.case.item_code
    granted = await delegation_for(found.session, actor.subject, found.department, item, at)
    if granted is None and not actor.has_role(HANDLER):
        wrong = f'No delegation of "{found.department}" covers {item} now. Ask the department for one.'
        raise DomainError(RuntimeCode.FORBIDDEN, wrong)
    return granted.id if granted else None


def _no_such_sub_case() -> DomainError:
    return DomainError(RuntimeCode.NOT_FOUND, "Your department has no such sub-case.")


def _work(
    view: SubCaseView, case: CaseRow, item: ServiceItem, views: dict[str, tuple[SubCaseView, ...]]
) -> SubCaseWork:
    answers = case.form if isinstance(case.form, dict) else {}
    form = {name: answers[name] for name in view.step.needs if name in answers}
    results = tuple(each for each in views[case.id] if set(each.step.results) & set(view.step.needs))
    return SubCaseWork(view, case.receipt_number, item, form, results)

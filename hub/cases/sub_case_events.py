"""What departments say of their own sub-cases of a joint case, turned into effects.

A department speaks for its own sub-case only. A word that crossed the end (the case is over, or its sub-case was
stopped or is being undone) is noted and done: both sides were right when they spoke.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.broker import Message
from connectors.clock import Clock
from hub.cases import case_store, joint_store
from hub.cases.case_refusals import with_trace
from hub.cases.case_steps import take_due_steps
from hub.messages.inbox import Unacceptable
from hub.people.people import People, identity_number
from hub.tables.case import CaseRow
from hub.tables.sub_case import SubCaseRow
from schema.domain import joint_flow
from schema.domain.case import Case, ImpossibleTransition
from schema.domain.case_flow import Progress
from schema.domain.catalogue import Catalogue
from schema.domain.joint import JointPlan, SubCaseCommand, SubCaseState
from schema.domain.service_item import ServiceItem
from schema.errors import DomainError


class SubCaseEvents:
    """``effect`` is what a message does of one of the types of ``joint_flow.SUB_CASE_EVENT_TYPES``."""

    def __init__(self, people: People, clock: Clock) -> None:
        self._people = people
        self._clock = clock

    async def effect(
        self, session: AsyncSession, message: Message, row: CaseRow | None, catalogue: Catalogue
    ) -> None:
        """``row`` is the locked case that it is about. Raises :class:`Unacceptable` with the reason."""
        row, plan, setting = await self._setting(message, row, catalogue)
        data = message.data if isinstance(message.data, dict) else {}
        at = self._clock.now()
        # A limit that has passed counts before what comes after it, be the worker late.
        await take_due_steps(session, row, setting, at)
        case = case_store.case_of(row)
        before = await joint_store.sub_cases(session, row.id, plan)
        try:
            progress = joint_flow.sub_case_said(case, before, message.type, data, at)
        except ImpossibleTransition as refused:
            if joint_flow.is_crossed(case, before, str(data.get("subCase"))):
                case_store.refuse(session, refused, message.source, at, message.id)
                return
            raise with_trace(refused, message, at) from refused
        except ValueError as error:
            raise Unacceptable(str(error)) from error
        await case_store.record(session, row, progress, setting)

    async def _setting(
        self, message: Message, row: CaseRow | None, catalogue: Catalogue
    ) -> tuple[CaseRow, JointPlan, case_store.Setting]:
        """The joint case that the message is about, checked to have such a sub-case of the sender."""
        if row is None:
            raise Unacceptable(f'There is no case "{message.subject}".')
        item = catalogue.item_version(row.item_code, row.item_version)
        code = message.data.get("subCase") if isinstance(message.data, dict) else None
        step = item.joint.step(str(code)) if item.joint else None
        if item.joint is None or step is None:
            raise Unacceptable(f'{row.receipt_number} has no sub-case "{code}". Name it in `subCase`.')
        if catalogue.department(step.organisation) != message.source:
            raise Unacceptable(f'"{message.source}" may not speak for sub-case "{code}" of {item.code}.')
        try:
            id_number = await identity_number(self._people, row.applicant)
        except DomainError as error:
            raise Unacceptable(f"The applicant of {row.receipt_number} is not in the register.") from error
        return row, item.joint, case_store.Setting(catalogue, item, id_number, row.form)


async def commands_of_sub_cases(session: AsyncSession, commands: Collection[str]) -> frozenset[str]:
    """Those of the commands that a sub-case's department was sent last."""
    if not commands:
        return frozenset()
    statement = select(SubCaseRow.command_id).where(col(SubCaseRow.command_id).in_(sorted(commands)))
    return frozenset(each for each in await session.exec(statement) if each)


async def sub_case_of_command(session: AsyncSession, command: str) -> str | None:
    """The sub-case whose department was sent this command last; ``None`` for other commands and earlier tries."""
    statement = select(SubCaseRow.code).where(col(SubCaseRow.command_id) == command)
    return (await session.exec(statement)).first()


async def undone(
    session: AsyncSession, case: Case, item: ServiceItem, code: str | None, at: datetime
) -> Progress | None:
    """A department took a command of its sub-case: where that was to undo it, it is undone."""
    if item.joint is None or code is None:
        return None
    before = await joint_store.sub_cases(session, case.id, item.joint)
    sub_case = before.of(code)
    is_undoing = sub_case.state is SubCaseState.COMPENSATING and sub_case.command is SubCaseCommand.COMPENSATE
    return joint_flow.compensated(case, before, code, at) if is_undoing else None

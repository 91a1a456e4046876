"""What departments say: events of their cases and outcomes of commands, turned into effects.

A department may speak of cases of its own items only. What cannot happen to a case is refused with a
trace; a word that crossed a withdrawal or an officer's deed on its way is noted, nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.broker import Message
from connectors.clock import Clock
from connectors.queue_messages import OUTCOME
from hub.cases import case_store
from hub.cases.case_events import events_of
from hub.cases.case_refusals import with_trace
from hub.cases.case_steps import take_due_steps
from hub.cases.sub_case_events import SubCaseEvents, commands_of_sub_cases, sub_case_of_command, undone
from hub.catalogue.catalogue import CatalogueStore
from hub.durable.rows import close, fields_of
from hub.messages import outbox
from hub.messages.inbox import Effect, Unacceptable
from hub.people.people import People, identity_number
from hub.tables.case import CaseRow
from hub.tables.outbox import OutboxRow
from schema.domain import case_flow
from schema.domain.case import Case, CaseState, ImpossibleTransition
from schema.domain.case_flow import Progress
from schema.domain.case_timing import was_deemed_accepted
from schema.domain.catalogue import Catalogue
from schema.domain.joint_flow import SUB_CASE_EVENT_TYPES
from schema.domain.receipt_number import canonical
from schema.domain.ticket import outcome_of
from schema.errors import DomainError, RuntimeCode


@dataclass(frozen=True, slots=True)
class _Known:
    """What the messages of one transaction are about, read in one go and locked until it ends."""

    catalogue: Catalogue
    cases: Mapping[str, CaseRow]
    """By receipt number and by id."""
    closed: Mapping[str, str]
    """Commands whose first outcome is among the messages, and which message that is."""
    of_sub_cases: frozenset[str]
    """Those of them that were sent for a sub-case, as it stood before the messages."""
    tickets: Mapping[str, str]
    """Those that are of a durable request, and the mutation that it is of."""
    commands: Mapping[str, OutboxRow]
    """All that are named, but for those closed that are of no sub-case and did not fail, and those of tickets."""

    def case(self, subject: str | None) -> CaseRow | None:
        return self.cases.get(canonical(subject or "") or subject or "")


class DepartmentEvents:
    """``effects`` is what the inbox asks."""

    def __init__(self, catalogue: CatalogueStore, people: People, clock: Clock) -> None:
        self._catalogue = catalogue
        self._people = people
        self._clock = clock
        self._sub_cases = SubCaseEvents(people, clock)

    async def effects(self, session: AsyncSession, messages: Sequence[Message]) -> Effect:
        """What each of the messages does. The effect raises :class:`Unacceptable` with the reason."""
        catalogue = await self._catalogue.current()
        outcomes = [each for each in messages if each.type == OUTCOME]
        tickets = await fields_of(session, [_command(each) for each in outcomes])
        closed = await _close(session, outcomes, tickets, self._clock.now())
        of_sub_cases = await commands_of_sub_cases(session, closed)
        failed = {_command(each) for each in outcomes if failure_code(_data(each)) is not None}
        plain = closed.keys() - of_sub_cases - (failed - tickets.keys())
        commands = await _commands(session, [_command(each) for each in outcomes if _command(each) not in plain])
        subjects = [each.subject for each in messages if each.type != OUTCOME]
        answered = [str(row.message.get("subject")) for row in commands.values() if row.id in closed]
        cases = await case_store.locked(session, [*subjects, *answered])
        known = _Known(catalogue, cases, closed, of_sub_cases, tickets, commands)

        async def effect(message: Message) -> None:
            if message.type == OUTCOME:
                await self._outcome(session, message, known)
            elif message.type in case_flow.DEPARTMENT_EVENT_TYPES:
                await self._case_event(session, message, known)
            elif message.type in SUB_CASE_EVENT_TYPES:
                await self._sub_cases.effect(session, message, known.case(message.subject), catalogue)
            else:
                raise Unacceptable(f'Type "{message.type}" is not known. Send one of the case events.')

        return effect

    async def _case_event(self, session: AsyncSession, message: Message, known: _Known) -> None:
        row, setting = await self._setting(message, known)
        at = self._clock.now()
        # What time has brought comes first, be the worker late: after days of silence the case is accepted.
        await take_due_steps(session, row, setting, at)
        case = case_store.case_of(row)
        try:
            progress = case_flow.department_said(case, setting.item, message.type, _data(message), at)
        except ImpossibleTransition as refused:
            if _has_crossed(case) or await _was_accepted_by_silence(session, message, case):
                case_store.refuse(session, refused, message.source, at, message.id)
                return
            raise with_trace(refused, message, at) from refused
        except ValueError as error:
            raise Unacceptable(str(error)) from error
        await case_store.record(session, row, progress, setting)

    async def _setting(self, message: Message, known: _Known) -> tuple[CaseRow, case_store.Setting]:
        """The case that the message is about, checked to be of an item of the sender."""
        row, catalogue = known.case(message.subject), known.catalogue
        if row is None:
            raise Unacceptable(f'There is no case "{message.subject}".')
        item = catalogue.item_version(row.item_code, row.item_version)
        if catalogue.department_of(item) != message.source:
            raise Unacceptable(f'"{message.source}" may not speak of cases of {item.code}.')
        try:
            id_number = await identity_number(self._people, row.applicant)
        except DomainError as error:
            raise Unacceptable(f"The applicant of {row.receipt_number} is not in the register.") from error
        return row, case_store.Setting(catalogue, item, id_number, row.form)

    async def _outcome(self, session: AsyncSession, message: Message, known: _Known) -> None:
        command_id, failure = _command(message), failure_code(_data(message))
        command = known.commands.get(command_id)
        if command_id not in known.closed:
            if command is None:
                raise Unacceptable(f'There is no command "{command_id}".')
            if not command.address.startswith(outbox.commands_of(message.source)):
                raise Unacceptable(f'Command "{command_id}" was not sent to "{message.source}".')
            return
        if known.closed[command_id] != message.id:
            return
        if (field := known.tickets.get(command_id)) is not None:
            await close(session, command_id, outcome_of(_data(message), field), self._clock.now())
            return
        row = known.case(str(command.message.get("subject"))) if command is not None else None
        if command is None or row is None:
            return
        sub_case = await sub_case_of_command(session, command_id) if command_id in known.of_sub_cases else None
        case, at = case_store.case_of(row), self._clock.now()
        item = known.catalogue.item_version(row.item_code, row.item_version)
        progress: Progress | None
        if failure is not None:
            step = str(command.message["data"]["operationName"])
            progress = case_flow.command_failed(case, command_id, step, failure, at, sub_case)
        else:
            progress = await undone(session, case, item, sub_case, at)
        if progress is not None:
            await case_store.record(session, row, progress, case_store.Setting(known.catalogue, item))


async def _close(
    session: AsyncSession, outcomes: Sequence[Message], tickets: Mapping[str, str], at: datetime
) -> dict[str, str]:
    """Commands whose first outcome this is, each with the message that told it; only the first counts.

    A department can close what was sent to it, nothing else.
    """
    first: dict[tuple[str, str], Message] = {}
    for each in outcomes:
        first.setdefault((each.source, _command(each)), each)
    alike: dict[tuple[str, str], list[str]] = {}
    for (department, command), each in first.items():
        alike.setdefault((department, _ending(_data(each), tickets.get(command))), []).append(command)
    closed: dict[str, str] = {}
    if alike:
        await outbox.lock_commands(session, sorted({command for _, command in first}))
    for (department, outcome), commands in sorted(alike.items()):
        for command in await outbox.close_commands(session, department, commands, outcome, at):
            closed[command] = first[department, command].id
    return closed


def _ending(outcome: dict[str, Any], ticket: str | None) -> str:
    """What the outbox keeps of an outcome; ``ticket`` is the mutation that a durable request is of."""
    if ticket is None:
        return failure_code(outcome) or "done"
    error = outcome_of(outcome, ticket).error
    return error.code if error else "done"


async def _commands(session: AsyncSession, ids: Sequence[str]) -> dict[str, OutboxRow]:
    if not ids:
        return {}
    found = await session.exec(select(OutboxRow).where(col(OutboxRow.id).in_(ids)))
    return {row.id: row for row in found}


def _command(outcome: Message) -> str:
    return str(_data(outcome).get("command"))


def _data(message: Message) -> dict[str, Any]:
    return message.data if isinstance(message.data, dict) else {}


def _has_crossed(case: Case) -> bool:
    """Whether the word may have crossed another's on its way: a withdrawal, or what an officer did."""
    return case.state is CaseState.WITHDRAWN or case.handler is not None


async def _was_accepted_by_silence(session: AsyncSession, message: Message, case: Case) -> bool:
    """Whether the department accepts what its silence has accepted: its word came late and changes nothing."""
    if message.type != "jiyi.case.accepted" or case.state is CaseState.SUBMITTED:
        return False
    return was_deemed_accepted((await events_of(session, (case.id,)))[case.id])


def failure_code(outcome: dict[str, Any]) -> str | None:
    """The code under which a command failed; ``None`` when the department took it."""
    if "failure" in outcome:
        return _known((outcome["failure"] or {}).get("code"))
    response = outcome.get("response") or {}
    errors = response.get("errors") or ()
    if errors:
        return _known((errors[0].get("extensions") or {}).get("code"))
    receipts = [value for value in (response.get("data") or {}).values() if isinstance(value, dict)]
    took = bool(receipts) and all(receipt.get("accepted", True) for receipt in receipts)
    return None if took else RuntimeCode.DEPARTMENT_ERROR.value


def _known(code: Any) -> str:
    """Only codes of ours stand in a case: what a department invents could be anything."""
    return code if code in set(RuntimeCode) else RuntimeCode.DEPARTMENT_ERROR.value

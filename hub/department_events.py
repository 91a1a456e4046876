"""What departments say: events of their cases and outcomes of commands, turned into effects.

A department may speak of cases of its own items only. What cannot happen to a case is refused with a
trace; a word about a withdrawn case crossed the withdrawal on its way and is noted, nothing more.
"""

from __future__ import annotations

from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.broker import Message
from connectors.clock import Clock
from connectors.queue_messages import OUTCOME
from connectors.topology import HUB_EXCHANGE
from hub import case_store, outbox
from hub.catalogue import CatalogueStore
from hub.database import Database
from hub.inbox import Effect, Unacceptable
from hub.people import People, identity_number
from hub.tables.case import CaseRow
from hub.tables.outbox import OutboxRow
from schema.domain import case_flow
from schema.domain.case import CaseState, ImpossibleTransition
from schema.domain.case_flow import Progress
from schema.errors import DomainError, RuntimeCode


class DepartmentEvents:
    """``effect_of`` is what the inbox asks."""

    def __init__(self, database: Database, catalogue: CatalogueStore, people: People, clock: Clock) -> None:
        self._database = database
        self._catalogue = catalogue
        self._people = people
        self._clock = clock

    async def effect_of(self, message: Message) -> Effect:
        """What the message does. Raises :class:`Unacceptable` with the reason."""
        if message.type == OUTCOME:
            return await self._outcome(message)
        if message.type in case_flow.DEPARTMENT_EVENT_TYPES:
            return await self._case_event(message)
        raise Unacceptable(f'Type "{message.type}" is not known. Send one of the case events.')

    async def _case_event(self, message: Message) -> Effect:
        case_id, setting = await self._setting(message)
        data = message.data if isinstance(message.data, dict) else {}

        async def effect(session: AsyncSession) -> None:
            row, at = await _locked(session, case_id), self._clock.now()
            case = case_store.case_of(row)
            try:
                progress = case_flow.department_said(case, setting.item, message.type, data, at)
            except ImpossibleTransition as refused:
                if case.state is CaseState.WITHDRAWN:
                    case_store.refuse(session, refused, message.source, at, message.id)
                    return
                trace = refused
                raise Unacceptable(
                    str(refused),
                    lambda session: case_store.refuse(session, trace, message.source, at, message.id),
                ) from refused
            except ValueError as error:
                raise Unacceptable(str(error)) from error
            await case_store.record(session, row, progress, setting)

        return effect

    async def _setting(self, message: Message) -> tuple[str, case_store.Setting]:
        """The case that the message is about, checked to be of an item of the sender."""
        catalogue = await self._catalogue.current()
        async with self._database.reading() as session:
            row = await case_store.find(session, message.subject or "")
        if row is None:
            raise Unacceptable(f'There is no case "{message.subject}".')
        item = catalogue.item_version(row.item_code, row.item_version)
        if catalogue.department_of(item) != message.source:
            raise Unacceptable(f'"{message.source}" may not speak of cases of {item.code}.')
        try:
            id_number = await identity_number(self._people, row.applicant)
        except DomainError as error:
            raise Unacceptable(f"The applicant of {row.receipt_number} is not in the register.") from error
        return row.id, case_store.Setting(catalogue, item, id_number, row.form)

    async def _outcome(self, message: Message) -> Effect:
        data = message.data if isinstance(message.data, dict) else {}
        command_id = str(data.get("command"))
        catalogue = await self._catalogue.current()
        async with self._database.reading() as session:
            found = await session.exec(select(OutboxRow).where(col(OutboxRow.id) == command_id))
            command = found.first()
        if command is None:
            raise Unacceptable(f'There is no command "{command_id}".')
        if not command.address.startswith(f"{HUB_EXCHANGE}/{message.source}.commands."):
            raise Unacceptable(f'Command "{command_id}" was not sent to "{message.source}".')
        subject, step = str(command.message.get("subject")), str(command.message["data"]["operationName"])
        failure = failure_code(data)

        async def effect(session: AsyncSession) -> None:
            at = self._clock.now()
            is_first = await outbox.close_command(session, command_id, failure or "done", at)
            if not is_first or failure is None:
                return
            row = await case_store.find(session, subject, lock=True)
            if row is None:
                return
            progress: Progress = case_flow.command_failed(case_store.case_of(row), command_id, step, failure, at)
            item = catalogue.item_version(row.item_code, row.item_version)
            await case_store.record(session, row, progress, case_store.Setting(catalogue, item))

        return effect


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


async def _locked(session: AsyncSession, case_id: str) -> CaseRow:
    return await session.get_one(CaseRow, case_id, with_for_update=True)

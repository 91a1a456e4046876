"""Commands of a case to departments: one decision is one command, however often it is sent or received."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlmodel.ext.asyncio.session import AsyncSession

from connectors import topology
from connectors.broker import Message
from connectors.connector import FetchRequest, RequestContext
from connectors.queue_messages import COMMAND, request_data
from hub.messages import outbox
from schema.domain.case import Case
from schema.domain.service_item import CommandText

HUB_SOURCE = "hub"


def command_id(case_id: str, step: str) -> str:
    """The id of the command by which a case takes this step; the same decision has always the same."""
    return str(uuid5(NAMESPACE_URL, f"https://jiyi.dev/command/{case_id}/{step}"))


def put_command(
    session: AsyncSession,
    case: Case,
    step: str,
    command: CommandText,
    department: str,
    input: dict[str, Any],
    at: datetime,
) -> None:
    """Decide to send it; its outcome is waited for."""
    named = command_id(case.id, step)
    request = FetchRequest(
        query=command.operation,
        variables={"input": input},
        kind="mutation",
        operation_name=command.operation_name,
        context=RequestContext(actor=case.applicant, purpose="case", case=case.receipt_number),
        idempotency_key=named,
    )
    number = case.receipt_number
    message = Message(named, COMMAND, HUB_SOURCE, at, request_data(request), subject=number, partition_key=number)
    outbox.put(session, topology.command_address(department, number), message, at, awaits_outcome=True)

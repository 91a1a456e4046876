"""Cases as rows: read one, read many, write one decision with all its effects.

``record`` is the only writer of cases. It runs in the caller's transaction: events, projection, change,
fee orders and outbox rows become true together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors import topology
from connectors.broker import Message
from connectors.connector import FetchRequest, RequestContext
from connectors.queue_messages import COMMAND, request_data
from hub import outbox
from hub.tables.case import CaseEventRow, CaseRefusalRow, CaseRow
from hub.tables.change import CaseChangeRow
from hub.tables.fee import FeeOrderRow
from schema.domain.case import Case, CaseActor, CaseEvent, CaseEventType, CaseState, Channel, ImpossibleTransition
from schema.domain.case_flow import OrderFee, Progress, SendCommand
from schema.domain.catalogue import Catalogue
from schema.domain.fee import CURRENCY, FEE_DUE, FeeState
from schema.domain.receipt_number import canonical
from schema.domain.service_item import CommandText, ServiceItem, Step

HUB_SOURCE = "hub"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a decision needs to know to have its effects: the item, and who the applicant is."""

    catalogue: Catalogue
    item: ServiceItem
    applicant_id_number: str = ""
    form: Any = None


async def find(session: AsyncSession, id_or_receipt: str, *, lock: bool = False) -> CaseRow | None:
    """A case by id or by receipt number as a person types it. ``lock`` makes other writers wait."""
    receipt = canonical(id_or_receipt)
    wanted = col(CaseRow.receipt_number) == receipt if receipt else col(CaseRow.id) == id_or_receipt
    statement = select(CaseRow).where(wanted)
    return (await session.exec(statement.with_for_update() if lock else statement)).first()


def new_row(case: Case, form: Any, form_digest: str, idempotency_key: str | None) -> CaseRow:
    """The row of a case that was just submitted."""
    if case.submitted_at is None or case.updated_at is None:
        raise ValueError(f"{case} is not submitted yet.")
    return CaseRow(
        id=case.id,
        receipt_number=case.receipt_number,
        item_code=case.item_code,
        item_version=case.item_version,
        applicant=case.applicant,
        state=case.state,
        version=case.version,
        channel=case.channel,
        form=form,
        form_digest=form_digest,
        idempotency_key=idempotency_key,
        submitted_at=case.submitted_at,
        updated_at=case.updated_at,
    )


async def events(session: AsyncSession, case_ids: Iterable[str]) -> dict[str, tuple[CaseEvent, ...]]:
    """The events of some cases, in order."""
    wanted = sorted(set(case_ids))
    statement = (
        select(CaseEventRow)
        .where(col(CaseEventRow.case_id).in_(wanted))
        .order_by(col(CaseEventRow.case_id), col(CaseEventRow.version))
    )
    found: dict[str, list[CaseEvent]] = {case_id: [] for case_id in wanted}
    for row in (await session.exec(statement)).all():
        found[row.case_id].append(_event_of(row))
    return {case_id: tuple(each) for case_id, each in found.items()}


async def record(session: AsyncSession, row: CaseRow, progress: Progress, setting: Setting) -> None:
    """Write one decision and its effects. ``row`` is new, or was read with ``lock``."""
    if not progress.events:
        return
    case, at = progress.case, progress.events[-1].at
    _project(row, case)
    session.add(row)
    await session.flush()
    session.add_all(_event_row(case.id, event) for event in progress.events)
    session.add(CaseChangeRow(case_id=case.id, version=case.version, applicant=case.applicant, at=at))
    for effect in progress.effects:
        if isinstance(effect, OrderFee):
            session.add(_fee_order(case, effect, setting.item, at))
        else:
            _send(session, case, effect, setting, at)


def send_settlement(
    session: AsyncSession, command: CommandText, department: str, order: FeeOrderRow, case: Case, payment: str
) -> None:
    """Tell finance that an order is paid."""
    paid_at = order.paid_at or order.created_at
    settlement = {
        "number": order.number,
        "amountFen": order.amount_fen,
        "paidAt": paid_at.isoformat(),
        "paymentNumber": payment,
    }
    _put_command(session, case, f"{Step.SETTLE_FEE}/{order.number}", command, department, settlement, paid_at)


def refuse(
    session: AsyncSession, refused: ImpossibleTransition, actor: str, at: datetime, message_id: str | None = None
) -> None:
    """Keep the trace of an attempt that the rules forbid."""
    session.add(
        CaseRefusalRow(
            case_id=refused.case.id,
            attempted=refused.type,
            actor=actor,
            message_id=message_id,
            at=at,
            why=str(refused),
        )
    )


def case_of(row: CaseRow) -> Case:
    return Case(
        id=row.id,
        receipt_number=row.receipt_number,
        item_code=row.item_code,
        item_version=row.item_version,
        applicant=row.applicant,
        state=CaseState(row.state),
        version=row.version,
        channel=Channel(row.channel),
        submitted_at=row.submitted_at,
        updated_at=row.updated_at,
        reason=row.reason,
        remedy=row.remedy,
        licence_number=row.licence_number,
        licence_issuer=row.licence_issuer,
    )


def beginning(case: Case) -> Case:
    """The case before its first event, from which its events fold."""
    return Case(case.id, case.receipt_number, case.item_code, case.item_version, case.applicant)


def _project(row: CaseRow, case: Case) -> None:
    row.state, row.version, row.channel = case.state, case.version, case.channel
    row.submitted_at = case.submitted_at or row.submitted_at
    row.updated_at = case.updated_at or row.updated_at
    row.reason, row.remedy = case.reason, case.remedy
    row.licence_number, row.licence_issuer = case.licence_number, case.licence_issuer


def _send(session: AsyncSession, case: Case, effect: SendCommand, setting: Setting, at: datetime) -> None:
    department = setting.catalogue.department_of(setting.item)
    command = setting.catalogue.command(department, effect.step)
    if command is None or department is None:
        raise LookupError(f'{setting.item.code}: "{department}" has no command "{effect.step}".')
    step = f"{effect.step}/{case.version}"
    _put_command(session, case, step, command, department, _input(case, effect.step, setting), at)


def _input(case: Case, step: Step, setting: Setting) -> dict[str, Any]:
    if step is Step.RECEIVE_CASE:
        return {
            "receiptNumber": case.receipt_number,
            "itemCode": case.item_code,
            "applicantIdNumber": setting.applicant_id_number,
            "form": setting.form,
            "submittedAt": case.submitted_at.isoformat() if case.submitted_at else "",
        }
    return {
        "receiptNumber": case.receipt_number,
        "kind": setting.item.result_kind,
        "holderIdNumber": setting.applicant_id_number,
    }


def _put_command(
    session: AsyncSession,
    case: Case,
    step: str,
    command: CommandText,
    department: str,
    input: dict[str, Any],
    at: datetime,
) -> None:
    # One decision is one command, however often it is written, sent or received.
    command_id = str(uuid5(NAMESPACE_URL, f"https://jiyi.dev/command/{case.id}/{step}"))
    request = FetchRequest(
        query=command.operation,
        variables={"input": input},
        kind="mutation",
        operation_name=command.operation_name,
        context=RequestContext(actor=case.applicant, purpose="case", case=case.receipt_number),
        idempotency_key=command_id,
    )
    number = case.receipt_number
    message = Message(
        command_id, COMMAND, HUB_SOURCE, at, request_data(request), subject=number, partition_key=number
    )
    outbox.put(session, topology.command_address(department, number), message, at, awaits_outcome=True)


def _fee_order(case: Case, effect: OrderFee, item: ServiceItem, at: datetime) -> FeeOrderRow:
    return FeeOrderRow(
        number=effect.number,
        case_id=case.id,
        applicant=case.applicant,
        name=item.fee_name,
        name_en=item.fee_name_en,
        amount_fen=item.fee_fen,
        currency=CURRENCY,
        payee=item.organisation,
        state=FeeState.DUE,
        created_at=at,
        due_at=at + FEE_DUE,
    )


def _event_row(case_id: str, event: CaseEvent) -> CaseEventRow:
    return CaseEventRow(
        case_id=case_id,
        version=event.version,
        type=event.type,
        state=event.state,
        actor=event.actor,
        channel=event.channel,
        at=event.at,
        reason=event.reason,
        data=dict(event.data),
    )


def _event_of(row: CaseEventRow) -> CaseEvent:
    return CaseEvent(
        version=row.version,
        type=CaseEventType(row.type),
        state=CaseState(row.state),
        actor=CaseActor(row.actor),
        at=row.at,
        channel=Channel(row.channel) if row.channel else None,
        reason=row.reason,
        data=row.data,
    )

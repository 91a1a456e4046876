"""Cases as rows: read one, read many, write one decision with all its effects.

``begin`` and ``record`` are the only writers of cases. They run in the caller's transaction: events, projection,
change, fee orders and outbox rows become true together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.cases import case_clock, joint_store
from hub.cases.case_commands import put_command
from hub.cases.case_events import events_of
from hub.cases.case_facts import facts_of, fields_of
from hub.fees import fee_store
from hub.licences.licence_store import issue_for_case
from hub.materials.material_references import keep_references
from hub.notices.notices import About, citizen, put_notice
from hub.storage.change_feed import ChangeKind, record_change
from hub.storage.pending_rows import insert_later
from hub.supervision import card_store
from hub.tables.case import CaseEventRow, CaseRefusalRow, CaseRow
from hub.tables.fee import FeeOrderRow
from schema.domain import notice as texts
from schema.domain.case import Case, CaseEvent, CaseEventType, CaseState, Channel, ImpossibleTransition
from schema.domain.case_flow import Progress, SendCommand
from schema.domain.catalogue import Catalogue
from schema.domain.destruction import DESTROYED
from schema.domain.receipt_number import canonical
from schema.domain.service_item import CommandText, ServiceItem, Step

events = events_of
_UNSET: Mapping[str, Any] = dict.fromkeys(CaseRow.model_fields)
_PROJECTED = (
    "state",
    "version",
    "channel",
    "submitted_at",
    "updated_at",
    "reason",
    "remedy",
    "licence_number",
    "licence_issuer",
    "awaits_opinions",
    "handler",
    "first_inquiry",
)
"""What of a case stands in columns of the same name."""
_TOLD: Mapping[CaseEventType, tuple[texts.NoticeKind, Callable[[str], texts.NoticeText]]] = {
    CaseEventType.SUPPLEMENT_REQUESTED: (texts.NoticeKind.SUPPLEMENT_REQUESTED, texts.supplement_requested),
    CaseEventType.NOT_ACCEPTED: (texts.NoticeKind.DECIDED, texts.decided),
    CaseEventType.APPROVED: (texts.NoticeKind.DECIDED, texts.decided),
    CaseEventType.DENIED: (texts.NoticeKind.DECIDED, texts.decided),
    CaseEventType.TERMINATED: (texts.NoticeKind.DECIDED, texts.ended_undecided),
    CaseEventType.LAPSED: (texts.NoticeKind.DECIDED, texts.ended_undecided),
    CaseEventType.EXTENDED: (texts.NoticeKind.DUE_DATE_MOVED, texts.extended),
    CaseEventType.SUSPENDED: (texts.NoticeKind.DUE_DATE_MOVED, texts.suspended),
    CaseEventType.RESUMED: (texts.NoticeKind.DUE_DATE_MOVED, texts.resumed),
    CaseEventType.REOPENED: (texts.NoticeKind.DUE_DATE_MOVED, texts.reopened),
}


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
    row = (await session.exec(statement.with_for_update() if lock else statement)).first()
    # What was destroyed is no case any more, whatever its number.
    return None if row is not None and row.applicant.startswith(DESTROYED) else row


async def locked(session: AsyncSession, subjects: Iterable[str | None]) -> dict[str, CaseRow]:
    """Cases by receipt number or id, under both; other writers wait. In one order, against deadlocks."""
    named = {subject for subject in subjects if subject}
    receipts = {receipt for subject in named if (receipt := canonical(subject))}
    ids = sorted(subject for subject in named if not canonical(subject))
    if not named:
        return {}
    of_receipts = col(CaseRow.receipt_number).in_(sorted(receipts))
    wanted = of_receipts if not ids else of_receipts | col(CaseRow.id).in_(ids)
    rows = (await session.exec(select(CaseRow).where(wanted).order_by(col(CaseRow.id)).with_for_update())).all()
    return {name: row for row in rows for name in (row.receipt_number, row.id)}


async def begin(
    session: AsyncSession, progress: Progress, setting: Setting, form_digest: str, idempotency_key: str | None
) -> Case:
    """Write a new case with its first decision and that one's effects; the case after it."""
    case = progress.case
    values: dict[str, Any] = {
        "id": case.id,
        "receipt_number": case.receipt_number,
        "item_code": case.item_code,
        "item_version": case.item_version,
        "applicant": case.applicant,
        "form": setting.form,
        "form_digest": form_digest,
        "idempotency_key": idempotency_key,
    }
    if setting.item.joint is not None or setting.form is None:
        # Rows of its sub-cases refer to it, so it is there before them; and JSON's null is the session's to write.
        row = CaseRow(**values)
        _project(row, case)
        session.add(row)
        return await record(session, row, progress, setting)
    # No session holds this one, so nothing of it is tracked: it is nothing but its columns.
    row = cast("CaseRow", SimpleNamespace(**{**_UNSET, **values}))
    case = await record(session, row, progress, setting)
    insert_later(session, CaseRow, vars(row))
    return case


async def record(session: AsyncSession, row: CaseRow, progress: Progress, setting: Setting) -> Case:
    """Write one decision and its effects; the case after it. ``row`` was read with ``lock``.

    In a joint case all that follows from the decision is part of it. Events, changes and messages are inserted as
    the transaction ends (:mod:`hub.storage.pending_rows`).
    """
    if not progress.events:
        return progress.case
    joint = await joint_store.followed(session, progress, setting.item.joint) if setting.item.joint else None
    progress = joint.progress if joint else progress
    progress = await fee_store.followed(
        session, progress, setting.item, row.form, joint.sub_cases if joint else None
    )
    case, at = progress.case, progress.events[-1].at
    opinions = await case_clock.wind(session, row, progress, setting.catalogue, setting.item)
    _project(row, case)
    await keep_references(session, case.id, progress.events)
    if row.department is None:
        row.department = setting.catalogue.department_of(setting.item)
    for event in progress.events:
        insert_later(session, CaseEventRow, _event_values(case.id, event))
        record_change(session, ChangeKind.CASE, case.id, owner=case.applicant, at=event.at, version=event.version)
        if event.type is CaseEventType.LICENCE_ISSUED:
            await issue_for_case(session, row, event, setting.item, setting.catalogue)
        await _tell(session, case, event)
    for effect in progress.effects:
        if isinstance(effect, SendCommand):
            _send(session, case, effect, setting, at)
        else:
            await fee_store.apply(session, case, effect, at)
    if joint is not None:
        await joint_store.project(session, case, joint.sub_cases, setting.catalogue, opinions)
        told = joint_store.Told(setting.catalogue, setting.item, row.form, setting.applicant_id_number)
        joint_store.send(session, joint, told)
    return case


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
    put_command(session, case, f"{Step.SETTLE_FEE}/{order.number}", command, department, settlement, paid_at)


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
    card_store.note_attempt(session, refused, at)


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
        awaits_opinions=row.awaits_opinions,
        handler=row.handler,
        first_inquiry=row.first_inquiry,
        **fields_of(row.facts),
    )


def beginning(case: Case) -> Case:
    """The case before its first event, from which its events fold."""
    return Case(case.id, case.receipt_number, case.item_code, case.item_version, case.applicant)


async def _tell(session: AsyncSession, case: Case, event: CaseEvent) -> None:
    """What sets the applicant a time, ends the case or moves its due date is told to them (section 4)."""
    told = _TOLD.get(event.type)
    if told is not None:
        kind, text = told
        key, about = f"case/{case.id}/{event.version}", About(case.id, case.receipt_number)
        put_notice(session, citizen(case.applicant), kind, key, text(case.receipt_number), event.at, about)


def _project(row: CaseRow, case: Case) -> None:
    """Only what changed is set: a session notes each column that is."""
    for name in _PROJECTED:
        if getattr(row, name) != (value := getattr(case, name)):
            setattr(row, name, value)
    if row.facts != (facts := facts_of(case)):
        row.facts = facts


def _send(session: AsyncSession, case: Case, effect: SendCommand, setting: Setting, at: datetime) -> None:
    department = setting.catalogue.department_of(setting.item)
    command = setting.catalogue.command(department, effect.step)
    if command is None and effect.step is Step.SUPPLEMENT_CASE:
        # The receipt number is the department's key: it finds the case that it has.
        command = setting.catalogue.command(department, Step.RECEIVE_CASE)
    if command is None or department is None:
        raise LookupError(f'{setting.item.code}: "{department}" has no command "{effect.step}".')
    step = f"{effect.step}/{case.version}"
    put_command(session, case, step, command, department, _input(case, effect.step, setting), at)


def _input(case: Case, step: Step, setting: Setting) -> dict[str, Any]:
    if step in (Step.RECEIVE_CASE, Step.SUPPLEMENT_CASE):
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


def _event_values(case_id: str, event: CaseEvent) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "version": event.version,
        "type": event.type,
        "state": event.state,
        "actor": event.actor,
        "channel": event.channel,
        "at": event.at,
        "reason": event.reason,
        "data": dict(event.data),
    }

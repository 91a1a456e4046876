"""What somebody should know before they file: it is under way already, or they have what it leads to.

Licences are known from the hub's register, from departments' registers through the graph, and from own cases; a
department that is silent keeps nobody from filing.
Source: docs/domain.md, "Before filing"; domain.md, 9.5.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import col, select

from auth.actor import Actor
from connectors.clock import Clock
from hub.cases import case_store
from hub.cases.case_drafts import CaseDraft, CaseDrafts
from hub.catalogue.catalogue import CatalogueStore
from hub.licences.gathered_licences import Gather, ToldLicence
from hub.storage.database import Database
from hub.tables.case import CaseEventRow, CaseRow
from hub.tables.licence import LicenceRow
from schema.domain.case import UNDECIDED, Case, CaseEventType, CaseState
from schema.domain.licence import LicenceState, LicenceType
from schema.errors import DomainError

log = structlog.get_logger(__name__)

ASKS_FOR = timedelta(seconds=2)
"""How long departments are waited for: whoever wants to file does."""
BEIJING = ZoneInfo("Asia/Shanghai")


class AdviceKind(StrEnum):
    OPEN_CASE = "OPEN_CASE"
    VALID_LICENCE = "VALID_LICENCE"
    DRAFT = "DRAFT"


@dataclass(frozen=True, slots=True)
class FilingAdvice:
    """One thing to know, in both languages, and what it is about."""

    kind: AdviceKind
    text: str
    text_en: str
    case: Case | None = None
    draft: CaseDraft | None = None
    licence_number: str | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A licence that somebody has; ``until`` is its last day."""

    number: str
    until: date | None
    case: Case | None = None


class FilingAdvisor:
    """Looks at the actor's own things alone."""

    def __init__(
        self,
        database: Database,
        catalogue: CatalogueStore,
        drafts: CaseDrafts,
        clock: Clock,
        gather: Gather,
        asks_for: timedelta = ASKS_FOR,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._drafts = drafts
        self._clock = clock
        self._gather = gather
        self._asks_for = asks_for

    async def advice(self, actor: Actor, item_code: str) -> tuple[FilingAdvice, ...]:
        """Open cases first, then licences that are valid, then drafts; empty where nothing stands against it."""
        now = self._clock.now()
        catalogue = await self._catalogue.current()
        item = catalogue.item(item_code, now)
        kind = item.result_kind if item is not None else None
        async with self._database.reading() as session:
            mine = (col(CaseRow.applicant) == actor.subject, col(CaseRow.item_code) == item_code)
            found = select(CaseRow).where(*mine).order_by(col(CaseRow.submitted_at).desc())
            cases = [case_store.case_of(row) for row in (await session.exec(found)).all()]
            issued = select(CaseEventRow).where(
                col(CaseEventRow.case_id).in_([each.id for each in cases if each.licence_number]),
                col(CaseEventRow.type) == CaseEventType.LICENCE_ISSUED,
            )
            ends = {row.case_id: row.data.get("validUntil") for row in (await session.exec(issued)).all()}
            own = (col(LicenceRow.holder) == actor.subject, col(LicenceRow.kind) == (kind or "-"))
            register = (await session.exec(select(LicenceRow).where(*own))).all()
        told = await self._told(actor, kind) if kind is not None else ()
        renewed = catalogue.licence_types.get(kind or "")
        # What a register says of a licence now is truer than the case that led to it.
        known = {row.number for row in register} | {each.number for each in told}
        held = (
            *_led_to(cases, ends, known),
            *(Held(row.number, row.valid_until) for row in register if row.state == LicenceState.VALID),
            *(Held(each.number, each.valid_until) for each in told if each.state is LicenceState.VALID),
        )
        drafts = [each for each in await self._drafts.drafts_of(actor) if each.item_code == item_code]
        return (
            *(_open(case) for case in cases if case.state in UNDECIDED | {CaseState.APPROVED}),
            *_valid(held, renewed if renewed and renewed.renewal_item == item_code else None, now),
            *(_draft(draft) for draft in drafts),
        )

    async def _told(self, actor: Actor, kind: str) -> tuple[ToldLicence, ...]:
        try:
            found = await asyncio.wait_for(self._gather(actor), self._asks_for.total_seconds())
        except (DomainError, TimeoutError):
            log.info("departments do not tell of licences before filing", kind=kind)
            return ()
        return tuple(each for each in found.licences if each.kind == kind and each.enterprise is None)


def _open(case: Case) -> FilingAdvice:
    return FilingAdvice(
        AdviceKind.OPEN_CASE,
        f"您已有一件同样的申请在办：{case.receipt_number}。",
        f"You already have an open case for this: {case.receipt_number}.",
        case=case,
    )


def _led_to(cases: list[Case], ends: dict[str, str | None], known: set[str]) -> Iterator[Held]:
    """Licences that cases of this item led to, of which no register tells."""
    for case in cases:
        if case.licence_number is not None and case.licence_number not in known:
            end = ends.get(case.id)
            yield Held(case.licence_number, date.fromisoformat(end) if end else None, case)


def _valid(held: Iterable[Held], type: LicenceType | None, now: datetime) -> Iterator[FilingAdvice]:
    """Those that have not run out, each number once; in the days before its end a licence is renewed by filing."""
    today, numbers = now.astimezone(BEIJING).date(), set[str]()
    renewal = timedelta(days=type.renewal_days if type is not None else 0)
    for each in held:
        until = each.until
        if each.number in numbers or (until is not None and until < today + renewal):
            continue
        numbers.add(each.number)
        zh, en = (f"，有效期至{until}", f", valid until {until}") if until else ("", "")
        text = f"您已持有本事项的有效证照：{each.number}{zh}。"
        text_en = f"You already hold a valid licence of this kind: {each.number}{en}."
        yield FilingAdvice(AdviceKind.VALID_LICENCE, text, text_en, each.case, None, each.number, until)


def _draft(draft: CaseDraft) -> FilingAdvice:
    until = draft.kept_until.astimezone(BEIJING).date()
    return FilingAdvice(
        AdviceKind.DRAFT,
        f"您有一份未提交的草稿，保留至{until}。",
        f"You have a draft of this that was not sent; it is kept until {until}.",
        draft=draft,
    )

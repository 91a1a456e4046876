"""What askers do: ask, suggest, complain, remind, withdraw, reopen, rate, and read what is theirs.

A complaint knows at once whom it is about: the officers of the case, the named one, or the department; none of
them is ever told. Source: docs/enquiries.md (art. 2, 7, 14, 17).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from hub.cases import case_store
from hub.cases.case_officers import officers_of
from hub.enquiries import enquiry_store
from hub.enquiries.enquiry_access import may_know, no_such_enquiry
from hub.enquiries.enquiry_moves import Before, EnquiryMoves
from hub.people.people import People
from hub.printed_numbers import printed_number
from hub.ratings.follow_up_store import Rated, open_follow_up
from hub.ratings.rating_flags import Given, note_rating
from hub.storage.database import Database
from hub.tables.case import CaseRow
from hub.tables.enquiry import EnquiryRow
from schema.domain.case import Channel
from schema.domain.catalogue import Catalogue
from schema.domain.enquiry import (
    CALLER,
    OPEN,
    Enquiry,
    EnquiryActor,
    EnquiryEvent,
    EnquiryEventType,
    EnquiryKind,
    EnquiryStep,
    beginning_state,
    begun,
)
from schema.domain.follow_up import Occasion
from schema.domain.page import check_first
from schema.domain.rating_flag import GivenRating
from schema.domain.telephone import TELEPHONE_FORM, is_telephone
from schema.errors import DomainError, RuntimeCode

MOST_OPEN = 20
"""Enquiries without an answer that one person has at once."""
LONGEST_SUBJECT = 100
LONGEST_TEXT = 4000
_T = EnquiryEventType


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks, suggests or complains of. ``case`` is an own one; ``officer`` is complained of by name,
    ``department`` is asked, or complained of as a whole where neither case nor officer is named."""

    kind: EnquiryKind
    subject: str
    text: str
    item_code: str | None = None
    case: str | None = None
    department: str | None = None
    officer: str | None = None
    channel: Channel = Channel.WEB
    idempotency_key: str | None = None

    def digest(self) -> str:
        """Tells a repeated key from a reused one."""
        return sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


class Enquiries:
    """Every method is told who asks."""

    def __init__(self, moves: EnquiryMoves, people: People) -> None:
        self._moves = moves
        self._people = people

    @property
    def _database(self) -> Database:
        return self._moves.database

    async def ask(self, actor: Actor, question: Question) -> EnquiryRow:
        """Ask for oneself. Raises ``DomainError`` BAD_USER_INPUT, NOT_FOUND for a case, CONFLICT for too many."""
        return await self._once(actor.subject, question, None)

    async def record(
        self, officer: Actor, asker_id_number: str | None, callback: str | None, question: Question
    ) -> EnquiryRow:
        """An officer writes down what a caller or walk-in asks, and has its first inquiry (首问负责制).

        Whose identity document was seen is known by it, also one who never signed in; who only calls is known by
        the number to call back. Raises ``DomainError`` BAD_USER_INPUT without either, NOT_FOUND for nobody's
        document.
        """
        if asker_id_number is None and callback is None:
            message = "Give the `askerIdNumber` or `askerDocument` that was seen, or the `callback` of a caller."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
        if callback is not None and not is_telephone(callback):
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`callback` is a telephone number: {TELEPHONE_FORM}.")
        if asker_id_number is not None:
            subject = await self._people.introduced(asker_id_number)
        else:
            subject = _caller(officer, question)
        if subject is None:
            raise DomainError(RuntimeCode.NOT_FOUND, "The identity department knows nobody with this number.")
        if subject == officer.subject or question.kind is EnquiryKind.COMPLAINT:
            message = "Officers write down questions of others; a complaint is made by the person."
            raise DomainError(RuntimeCode.FORBIDDEN, message)
        return await self._once(subject, question, officer.subject, callback)

    async def remind(self, actor: Actor, enquiry: str) -> EnquiryRow:
        """The asker reminds of it (催办, art. 4)."""
        return await self._own(actor, enquiry, _T.REMINDED)

    async def withdraw(self, actor: Actor, enquiry: str) -> EnquiryRow:
        return await self._own(actor, enquiry, _T.WITHDRAWN)

    async def reopen(self, actor: Actor, enquiry: str, reason: str) -> EnquiryRow:
        """A complaint, once: another investigator looks at it."""
        return await self._own(actor, enquiry, _T.REOPENED, reason)

    async def rate(self, actor: Actor, enquiry: str, stars: int, comment: str | None) -> EnquiryRow:
        """The answer, with one to five stars, once; one or two open a follow-up."""
        if stars not in range(1, 6) or len(comment or "") > LONGEST_TEXT:
            message = f"`stars` are 1 to 5, a comment has at most {LONGEST_TEXT} characters."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)

        async def decide(it: Before) -> EnquiryStep:
            if actor.subject != it.enquiry.asker:
                raise no_such_enquiry()
            if it.enquiry.stars is None:
                # Where the step is refused, what it would have opened is rolled back with it.
                await open_follow_up(it.session, _rated(it, stars, comment), it.catalogue.timing.calendar, it.at)
                await note_rating(it.session, _given(it, stars))
            said = {"stars": stars, "comment": comment}
            return EnquiryStep(_T.RATED, EnquiryActor.ASKER, it.at, data=said)

        return await self._moves.move(actor, enquiry, decide)

    async def get(self, actor: Actor, enquiry: str) -> EnquiryRow | None:
        """One that the actor may know of, else ``None``."""
        async with self._database.reading() as session:
            row = await enquiry_store.find(session, enquiry)
        return row if row is not None and may_know(actor, enquiry_store.enquiry_of(row)) else None

    async def of(self, actor: Actor, first: int = 20) -> Sequence[EnquiryRow]:
        """One's own, the newest first."""
        check_first(first)
        statement = select(EnquiryRow).where(col(EnquiryRow.asker) == actor.subject)
        ordered = statement.order_by(col(EnquiryRow.asked_at).desc(), col(EnquiryRow.id)).limit(first)
        async with self._database.reading() as session:
            return (await session.exec(ordered)).all()

    async def events(self, row: EnquiryRow) -> tuple[EnquiryEvent, ...]:
        """Of one that the caller was allowed to read."""
        async with self._database.reading() as session:
            return await enquiry_store.events_of(session, row.id)

    async def _own(
        self,
        actor: Actor,
        enquiry: str,
        type: EnquiryEventType,
        reason: str | None = None,
        data: dict[str, Any] | None = None,
    ) -> EnquiryRow:
        async def decide(it: Before) -> EnquiryStep:
            if actor.subject != it.enquiry.asker:
                raise no_such_enquiry()
            return EnquiryStep(type, EnquiryActor.ASKER, it.at, reason=reason, data=data or {})

        return await self._moves.move(actor, enquiry, decide)

    async def _once(
        self, asker: str, question: Question, officer: str | None, callback: str | None = None
    ) -> EnquiryRow:
        catalogue = await self._moves.catalogue.current()
        _check(catalogue, question, self._moves.clock.now())
        try:
            async with self._database.transaction() as session:
                row = await self._ask(session, catalogue, asker, question, officer, callback)
        except IntegrityError:
            # The same key at the same moment: the other request has it.
            async with self._database.transaction() as session:
                row = await self._ask(session, catalogue, asker, question, officer, callback)
        self._moves.wakeups.outbox.set()
        return row

    async def _ask(
        self,
        session: AsyncSession,
        catalogue: Catalogue,
        asker: str,
        question: Question,
        officer: str | None,
        callback: str | None,
    ) -> EnquiryRow:
        digest = question.digest()
        if (repeated := await _repeated(session, asker, question)) is not None:
            if repeated.digest != digest:
                message = "This `idempotencyKey` was used for another question. Use a new key."
                raise DomainError(RuntimeCode.IDEMPOTENCY_KEY_REUSED, message)
            return repeated
        await _check_number(session, asker)
        now, case = self._moves.clock.now(), await _case_of(session, asker, question)
        item = case.item_code if case is not None else question.item_code
        enquiry = Enquiry(
            id=str(uuid4()),
            number=printed_number("EQ", now),
            kind=question.kind,
            asker=asker,
            state=beginning_state(question.kind),
            department=_asked_department(catalogue, question, item, case),
            **await _complained_of(session, question, case),
        )
        data = {"officer": officer} if officer else {}
        actor = EnquiryActor.OFFICER if officer else EnquiryActor.ASKER
        after, event = begun(enquiry, EnquiryStep(_T.ASKED, actor, now, question.channel, data=data))
        row = EnquiryRow(
            id=enquiry.id,
            number=enquiry.number,
            kind=question.kind,
            asker=asker,
            state=after.state,
            version=0,
            channel=question.channel,
            subject=question.subject.strip(),
            text=question.text.strip(),
            item_code=item,
            case_id=case.id if case is not None else None,
            asked_at=now,
            updated_at=now,
            idempotency_key=question.idempotency_key,
            digest=digest,
            callback=callback,
        )
        await enquiry_store.record(session, row, after, event, catalogue.timing)
        return row


def _given(it: Before, stars: int) -> Given:
    row = it.row
    given = GivenRating(
        Occasion.ENQUIRY,
        row.id,
        row.asker,
        row.owner,
        stars,
        it.at,
        row.answered_at or it.at,
        at_counter=row.channel == Channel.WINDOW,
    )
    return Given(given, row.department or "", row.item_code)


def _rated(it: Before, stars: int, comment: str | None) -> Rated:
    """An answer as what was rated. Whom a complaint is about had a part in it, as who answered before had."""
    known = it.enquiry
    handled_by = known.complained_of | known.answerers | ({known.owner} if known.owner else frozenset())
    return Rated(
        Occasion.ENQUIRY,
        known.id,
        known.number,
        "" if known.kind is EnquiryKind.COMPLAINT else known.department or "",
        it.row.item_code,
        known.asker,
        handled_by,
        stars,
        comment,
    )


def _caller(officer: Actor, question: Question) -> str:
    """A name for a caller who is nobody here; the same key of the same officer gives the same one."""
    key = question.idempotency_key
    return f"{CALLER}{uuid5(NAMESPACE_URL, f'jiyi:caller/{officer.subject}/{key}') if key else uuid4()}"


async def _repeated(session: AsyncSession, asker: str, question: Question) -> EnquiryRow | None:
    if question.idempotency_key is None:
        return None
    wanted = (col(EnquiryRow.asker) == asker, col(EnquiryRow.idempotency_key) == question.idempotency_key)
    return (await session.exec(select(EnquiryRow).where(*wanted))).first()


async def _check_number(session: AsyncSession, asker: str) -> None:
    mine = (col(EnquiryRow.asker) == asker, col(EnquiryRow.state).in_(OPEN))
    if (await session.exec(select(func.count()).select_from(EnquiryRow).where(*mine))).one() >= MOST_OPEN:
        message = f"{MOST_OPEN} of your enquiries wait for an answer. Withdraw one, or remind of it."
        raise DomainError(RuntimeCode.CONFLICT, message)


async def _case_of(session: AsyncSession, asker: str, question: Question) -> CaseRow | None:
    if question.case is None:
        return None
    row = await case_store.find(session, question.case)
    if row is None or row.applicant != asker:
        raise DomainError(RuntimeCode.NOT_FOUND, "You have no such case.")
    return row


async def _complained_of(session: AsyncSession, question: Question, case: CaseRow | None) -> dict[str, Any]:
    """Whom a complaint is about: by name, by their part in the case, else the department as a whole."""
    if question.kind is not EnquiryKind.COMPLAINT:
        return {}
    officers = {question.officer} if question.officer else set()
    if case is not None:
        officers |= await officers_of(session, case)
    whole = None if officers else question.department or (case.department if case is not None else None)
    return {"complained_of": frozenset(officers), "complained_department": whole}


def _asked_department(
    catalogue: Catalogue, question: Question, item: str | None, case: CaseRow | None
) -> str | None:
    """Who answers a question; a complaint has no department before it is assigned."""
    if question.kind is EnquiryKind.COMPLAINT:
        return None
    if case is not None:
        return case.department
    if item is not None:
        found = next((each for each in catalogue.items if each.code == item), None)
        return catalogue.department_of(found) if found is not None else None
    return question.department


def _check(catalogue: Catalogue, question: Question, now: Any) -> None:
    wrong = []
    if not 1 <= len(question.subject.strip()) <= LONGEST_SUBJECT:
        wrong.append(f"`subject` has 1 to {LONGEST_SUBJECT} characters.")
    if not 1 <= len(question.text.strip()) <= LONGEST_TEXT:
        wrong.append(f"`text` has 1 to {LONGEST_TEXT} characters.")
    if question.item_code is not None and catalogue.item(question.item_code, now) is None:
        wrong.append(f'There is no service item "{question.item_code}".')
    known = {each.department for each in catalogue.organisations.values() if each.department}
    if question.department is not None and question.department not in known:
        wrong.append(f'There is no department "{question.department}".')
    is_complaint = question.kind is EnquiryKind.COMPLAINT
    if is_complaint and not (question.case or question.officer or question.department):
        wrong.append("A complaint names a case, an officer or a department.")
    if question.officer is not None and not is_complaint:
        wrong.append("Only a complaint names an officer.")
    if question.idempotency_key is not None and len(question.idempotency_key) > LONGEST_SUBJECT:
        wrong.append(f"`idempotencyKey` has at most {LONGEST_SUBJECT} characters.")
    if wrong:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, " ".join(wrong))

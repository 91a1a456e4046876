"""The public knowledge base: answers are published rewritten, found by everybody, taken back with a reason.

Source: docs/enquiries.md, "Knowledge base" (art. 2, 7, 14).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlmodel import col, func, select

from auth.actor import Actor
from hub.catalogue.pinyin import syllables
from hub.enquiries.enquiries import LONGEST_TEXT
from hub.enquiries.enquiry_access import may_answer
from hub.enquiries.enquiry_moves import Before, EnquiryMoves
from hub.tables.auth import PersonRow
from hub.tables.enquiry import EnquiryRow, KnowledgeRow
from schema.domain.catalogue import Catalogue
from schema.domain.enquiry import EnquiryActor, EnquiryEventType, EnquiryStep
from schema.domain.knowledge import KnowledgeEntry, find_entries, similar_entries
from schema.domain.page import MAXIMUM_PAGE
from schema.domain.personal_numbers import publishing_problem
from schema.errors import DomainError, RuntimeCode

MOST_ENTRIES = 20_000
"""Live entries that are searched, the newest."""
MOST_KEYWORDS = 10
LONGEST_QUESTION = 300
MOST_SIMILAR = 5


@dataclass(frozen=True, slots=True)
class Publication:
    """Question and answer as everybody may read them; the asker's own words stay where they are."""

    question: str
    answer: str
    keywords: tuple[str, ...] = ()


class KnowledgeBase:
    """Searched in memory; read anew only where something was published or taken back."""

    def __init__(self, moves: EnquiryMoves) -> None:
        self._moves = moves
        self._known: tuple[tuple[object, ...], Catalogue, tuple[KnowledgeEntry, ...]] | None = None

    async def publish(self, actor: Actor, enquiry: str, publication: Publication) -> KnowledgeEntry:
        """Raises ``DomainError`` BAD_USER_INPUT where a text names somebody."""
        made: list[KnowledgeRow] = []

        async def decide(it: Before) -> EnquiryStep:
            if not may_answer(actor, it.enquiry):
                raise DomainError(RuntimeCode.FORBIDDEN, "Only who answers such questions publishes answers.")
            person = await it.session.get(PersonRow, it.enquiry.asker)
            _check(publication, [person.name] if person is not None and person.name else [])
            row = _row(it, publication, actor.subject)
            made.append(row)
            # The step may still be refused, which ends the transaction with the row in it.
            it.session.add(row)
            return EnquiryStep(
                EnquiryEventType.PUBLISHED,
                EnquiryActor.OFFICER,
                it.at,
                data={"officer": actor.subject, "entry": row.id},
            )

        await self._moves.move(actor, enquiry, decide)
        return _entry(made[0], await self._moves.catalogue.current())

    async def withdraw(self, actor: Actor, enquiry: str, reason: str) -> EnquiryRow:
        """Take a published answer back; it is found no more."""

        async def decide(it: Before) -> EnquiryStep:
            if not may_answer(actor, it.enquiry):
                raise DomainError(RuntimeCode.FORBIDDEN, "Only who answers such questions takes answers back.")
            live = (col(KnowledgeRow.enquiry_id) == it.row.id, col(KnowledgeRow.withdrawn_at).is_(None))
            for row in (await it.session.exec(select(KnowledgeRow).where(*live).with_for_update())).all():
                row.withdrawn_at, row.withdrawn_reason = it.at, reason
            said = {"officer": actor.subject}
            kind = EnquiryEventType.PUBLICATION_WITHDRAWN
            return EnquiryStep(kind, EnquiryActor.OFFICER, it.at, reason=reason, data=said)

        return await self._moves.move(actor, enquiry, decide)

    async def search(self, words: str, item_code: str | None, first: int = 20) -> Sequence[KnowledgeEntry]:
        """By word, synonym of the item, pinyin and its initials; the newest first."""
        if not 1 <= first <= MAXIMUM_PAGE or len(words) > LONGEST_QUESTION:
            message = (
                f"`first` is between 1 and {MAXIMUM_PAGE}, `words` have at most {LONGEST_QUESTION} characters."
            )
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
        return find_entries(await self._entries(), words, item_code, syllables)[:first]

    async def similar(self, question: str) -> Sequence[KnowledgeEntry]:
        """What is like a question that somebody is about to ask."""
        return similar_entries(await self._entries(), question[:LONGEST_TEXT], MOST_SIMILAR)

    async def entry(self, id: str) -> KnowledgeEntry | None:
        """One that is published now."""
        return next((each for each in await self._entries() if each.id == id), None)

    async def _entries(self) -> tuple[KnowledgeEntry, ...]:
        catalogue = await self._moves.catalogue.current()
        live = col(KnowledgeRow.withdrawn_at).is_(None)
        marks = select(func.count(), func.max(KnowledgeRow.published_at), func.max(KnowledgeRow.withdrawn_at))
        async with self._moves.database.reading() as session:
            mark = tuple((await session.exec(marks)).one())
            if self._known is not None and self._known[0] == mark and self._known[1] is catalogue:
                return self._known[2]
            ordered = select(KnowledgeRow).where(live).order_by(col(KnowledgeRow.published_at).desc())
            rows = (await session.exec(ordered.limit(MOST_ENTRIES))).all()
        entries = tuple(_entry(row, catalogue) for row in rows)
        self._known = (mark, catalogue, entries)
        return entries


def _check(publication: Publication, names: Sequence[str]) -> None:
    texts = (publication.question, publication.answer, *publication.keywords)
    wrong = []
    if not 1 <= len(publication.question.strip()) <= LONGEST_QUESTION:
        wrong.append(f"`question` has 1 to {LONGEST_QUESTION} characters.")
    if not 1 <= len(publication.answer.strip()) <= LONGEST_TEXT:
        wrong.append(f"`answer` has 1 to {LONGEST_TEXT} characters.")
    if len(publication.keywords) > MOST_KEYWORDS or any(not 1 <= len(each) <= 30 for each in publication.keywords):
        wrong.append(f"There are at most {MOST_KEYWORDS} `keywords` of 1 to 30 characters.")
    if problem := publishing_problem(texts, names):
        wrong.append(problem)
    if wrong:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, " ".join(wrong))


def _row(it: Before, publication: Publication, by: str) -> KnowledgeRow:
    enquiry = it.row
    return KnowledgeRow(
        id=str(uuid4()),
        enquiry_id=enquiry.id,
        item_code=enquiry.item_code,
        department=enquiry.department,
        question=publication.question.strip(),
        answer=publication.answer.strip(),
        keywords=list(publication.keywords),
        published_at=it.at,
        published_by=by,
    )


def _entry(row: KnowledgeRow, catalogue: Catalogue) -> KnowledgeEntry:
    item = next((each for each in catalogue.items if each.code == row.item_code), None)
    names = (item.name, item.name_en, *item.synonyms) if item is not None else ()
    return KnowledgeEntry(
        row.id,
        row.question,
        row.answer,
        row.published_at,
        row.item_code,
        row.department,
        tuple(row.keywords),
        names,
    )

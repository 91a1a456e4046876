"""What can be asked about enquiries, and the knowledge base."""

from __future__ import annotations

import strawberry

from hub.own_subgraph.enquiry_types import Enquiry, KnowledgeEntry
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from schema.domain.enquiry import EnquiryKind, EnquiryState


@strawberry.type
class EnquiryQuery:
    @resolved("Your own enquiries, the newest first.")
    async def my_enquiries(self, info: Info, first: int = 20) -> list[Enquiry]:
        return [Enquiry.of(row) for row in await services(info).enquiries.own.of(signed_in(actor(info)), first)]

    @resolved("One enquiry by id or number; null unless you may know of it.")
    async def enquiry(self, info: Info, id: strawberry.ID) -> Enquiry | None:
        found = await services(info).enquiries.own.get(signed_in(actor(info)), id)
        return Enquiry.of(found) if found else None

    @resolved("Enquiries that wait for your office, the first to fall due first.")
    async def enquiry_work(
        self,
        info: Info,
        kind: EnquiryKind | None = None,
        state: list[EnquiryState] | None = None,
        mine: bool = False,
        first: int = 50,
    ) -> list[Enquiry]:
        who = signed_in(actor(info))
        found = await services(info).enquiries.handling.work(who, kind, state, mine=mine, first=first)
        return [Enquiry.of(row) for row in found]

    @resolved("Published answers in which every word is found: as written, by sound, by initials, by synonym.")
    async def knowledge_base(
        self, info: Info, words: str = "", item_code: strawberry.ID | None = None, first: int = 20
    ) -> list[KnowledgeEntry]:
        found = await services(info).enquiries.knowledge.search(words, item_code, first)
        return [KnowledgeEntry.of(each) for each in found]

    @resolved("Published answers like a question that you are about to ask, the likest first.")
    async def similar_answers(self, info: Info, question: str) -> list[KnowledgeEntry]:
        return [KnowledgeEntry.of(each) for each in await services(info).enquiries.knowledge.similar(question)]

    @resolved("One published answer.")
    async def knowledge_entry(self, info: Info, id: strawberry.ID) -> KnowledgeEntry | None:
        found = await services(info).enquiries.knowledge.entry(id)
        return KnowledgeEntry.of(found) if found else None

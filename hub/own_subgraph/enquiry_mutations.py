"""What can be done with enquiries."""

from __future__ import annotations

from datetime import datetime

import strawberry

from hub.enquiries.knowledge_base import Publication
from hub.own_subgraph.enquiry_types import ComplaintInput, Enquiry, KnowledgeEntry, QuestionInput
from hub.own_subgraph.fields import mutation
from hub.own_subgraph.identity_document_types import IdentityDocumentInput, key_of_one
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in


@strawberry.type
class EnquiryMutation:
    @mutation("Ask or suggest something. Look for a published answer first: `similarAnswers`.")
    async def ask_question(self, info: Info, input: QuestionInput) -> Enquiry:
        return Enquiry.of(await services(info).enquiries.own.ask(signed_in(actor(info)), input.question()))

    @mutation("Complain about a case, an officer or a department.")
    async def file_complaint(self, info: Info, input: ComplaintInput) -> Enquiry:
        return Enquiry.of(await services(info).enquiries.own.ask(signed_in(actor(info)), input.question()))

    @mutation("Write down what a caller or walk-in asks; you answer for it until it is handed over (首问负责制).")
    async def record_question(
        self,
        info: Info,
        input: QuestionInput,
        asker_id_number: str | None = None,
        callback: str | None = None,
        asker_document: IdentityDocumentInput | None = None,
    ) -> Enquiry:
        who, own = signed_in(actor(info)), services(info).enquiries.own
        key = key_of_one(asker_id_number, asker_document)
        return Enquiry.of(await own.record(who, key, callback, input.question()))

    @mutation("Remind of an own enquiry that waits for its answer.")
    async def remind_enquiry(self, info: Info, id: strawberry.ID) -> Enquiry:
        return Enquiry.of(await services(info).enquiries.own.remind(signed_in(actor(info)), id))

    @mutation("Take an own enquiry back before it is answered.")
    async def withdraw_enquiry(self, info: Info, id: strawberry.ID) -> Enquiry:
        return Enquiry.of(await services(info).enquiries.own.withdraw(signed_in(actor(info)), id))

    @mutation("Reopen an own complaint, once, within 60 days of its answer; somebody else investigates.")
    async def reopen_complaint(self, info: Info, id: strawberry.ID, reason: str) -> Enquiry:
        return Enquiry.of(await services(info).enquiries.own.reopen(signed_in(actor(info)), id, reason))

    @mutation("Rate the answer to an own enquiry with 1 to 5 stars, once, within 90 days.")
    async def rate_answer(self, info: Info, id: strawberry.ID, stars: int, comment: str | None = None) -> Enquiry:
        return Enquiry.of(await services(info).enquiries.own.rate(signed_in(actor(info)), id, stars, comment))

    @mutation("Take a question: you answer for it until it is answered or handed over (首问负责制).")
    async def take_enquiry(self, info: Info, id: strawberry.ID) -> Enquiry:
        return Enquiry.of(await services(info).enquiries.handling.take(signed_in(actor(info)), id))

    @mutation("Hand a question over to a colleague, with the reason.")
    async def hand_over_enquiry(self, info: Info, id: strawberry.ID, to: strawberry.ID, reason: str) -> Enquiry:
        who = signed_in(actor(info))
        return Enquiry.of(await services(info).enquiries.handling.hand_over(who, id, to, reason))

    @mutation("Refer a question to the department in charge; you answer for it until somebody there takes it.")
    async def refer_enquiry(self, info: Info, id: strawberry.ID, department: str, reason: str) -> Enquiry:
        who = signed_in(actor(info))
        return Enquiry.of(await services(info).enquiries.handling.refer(who, id, department, reason))

    @mutation("Give a complaint to an investigator of a department, never to whom it is about.")
    async def assign_complaint(
        self, info: Info, id: strawberry.ID, investigator: strawberry.ID, department: str
    ) -> Enquiry:
        who = signed_in(actor(info))
        return Enquiry.of(await services(info).enquiries.handling.assign(who, id, investigator, department))

    @mutation("Begin the investigation of a complaint that you were given.")
    async def begin_investigation(self, info: Info, id: strawberry.ID) -> Enquiry:
        return Enquiry.of(await services(info).enquiries.handling.begin_investigation(signed_in(actor(info)), id))

    @mutation("Answer what you answer for.")
    async def answer_enquiry(self, info: Info, id: strawberry.ID, answer: str) -> Enquiry:
        return Enquiry.of(await services(info).enquiries.handling.answer(signed_in(actor(info)), id, answer))

    @mutation("Order an answer by a day (督办).")
    async def urge_enquiry(self, info: Info, id: strawberry.ID, reason: str, answer_by: datetime) -> Enquiry:
        who = signed_in(actor(info))
        return Enquiry.of(await services(info).enquiries.handling.urge(who, id, reason, answer_by))

    @mutation("Close an answered complaint.")
    async def close_complaint(self, info: Info, id: strawberry.ID) -> Enquiry:
        return Enquiry.of(await services(info).enquiries.handling.close(signed_in(actor(info)), id))

    @mutation("Publish an answer, rewritten so that question, answer and keywords name nobody.")
    async def publish_answer(
        self, info: Info, id: strawberry.ID, question: str, answer: str, keywords: list[str] | None = None
    ) -> KnowledgeEntry:
        publication = Publication(question, answer, tuple(keywords or ()))
        found = await services(info).enquiries.knowledge.publish(signed_in(actor(info)), id, publication)
        return KnowledgeEntry.of(found)

    @mutation("Take a published answer back, with the reason.")
    async def withdraw_published_answer(self, info: Info, id: strawberry.ID, reason: str) -> Enquiry:
        who = signed_in(actor(info))
        return Enquiry.of(await services(info).enquiries.knowledge.withdraw(who, id, reason))

"""What officers, chief representatives and supervisors do with cases."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import strawberry

from hub.cases.case_handling import BulkDecision, Outcome
from hub.own_subgraph.case_mutations import SubmitCaseInput
from hub.own_subgraph.case_types import Case, fresh
from hub.own_subgraph.fields import mutation
from hub.own_subgraph.identity_document_types import IdentityDocumentInput, key_of_one
from hub.own_subgraph.services import Info, OwnServices, actor, services
from hub.people.who import signed_in
from schema.domain.case import FIRST_INQUIRY
from schema.domain.case_handling import ResultWay, SpecialProcedure
from schema.domain.case_material import MaterialState
from schema.errors import DomainError, RuntimeCode

strawberry.enum(SpecialProcedure, description="For what the count of days stands still.")
strawberry.enum(BulkDecision, description="What can be decided on many cases at once.")


@strawberry.enum(description="What is handed over.")
class Duty(StrEnum):
    HANDLING = "HANDLING"
    FIRST_INQUIRY = "FIRST_INQUIRY"


@strawberry.input(description="What a notice says of one material or of one field of the form.")
class NoticeLineInput:
    name: str = strawberry.field(description="Code of the material, or name of the field.")
    remark: str = strawberry.field(description="What is missing or wrong with it.")


@strawberry.type(description="How the decision on one of many cases ended.")
class DecisionOutcome:
    id: strawberry.ID = strawberry.field(description="The case as it was named.")
    case: Case | None = strawberry.field(description="The case after it; null where it was refused.")
    code: str | None = strawberry.field(description="Code of the error where it was refused.")
    message: str | None = strawberry.field(description="Why it was refused.")

    @classmethod
    def of(cls, outcome: Outcome, known: OwnServices) -> DecisionOutcome:
        error = outcome.error
        return cls(
            id=strawberry.ID(outcome.case),
            case=fresh(outcome.after, known) if outcome.after else None,
            code=error.code.value if error else None,
            message=str(error) if error else None,
        )


def _lines(lines: list[NoticeLineInput] | None) -> list[tuple[str, str]]:
    return [(each.name, each.remark) for each in lines or ()]


@strawberry.type
class HandlingMutation:
    @mutation(
        "File for somebody at the window or on the phone, known by resident number or another document; they own "
        "the case, you answer for it first."
    )
    async def file_for_applicant(
        self,
        info: Info,
        input: SubmitCaseInput,
        applicant_id_number: str | None = None,
        applicant_document: IdentityDocumentInput | None = None,
    ) -> Case:
        officer = signed_in(actor(info))
        key = key_of_one(applicant_id_number, applicant_document)
        if key is None:
            missing = "Give the `applicantIdNumber`, or the `applicantDocument` that was seen."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, missing)
        case = await services(info).cases.submit_for(officer, key, input.submission())
        return fresh(case, services(info))

    @mutation("Accept a case (受理): its time limit begins.")
    async def accept_case(self, info: Info, case: strawberry.ID) -> Case:
        return fresh(await services(info).handling.accept(signed_in(actor(info)), case), services(info))

    @mutation("Refuse acceptance (不予受理), with reason and remedy.")
    async def refuse_acceptance(self, info: Info, case: strawberry.ID, reason: str, remedy: str) -> Case:
        who = signed_in(actor(info))
        return fresh(await services(info).handling.refuse_acceptance(who, case, reason, remedy), services(info))

    @mutation("Pre-review one material (资料预审): in order, or sent back with a remark; the applicant reads it.")
    async def review_material(
        self,
        info: Info,
        case: strawberry.ID,
        code: str,
        state: MaterialState,
        remark: str | None = None,
        saw_original: bool = False,
    ) -> Case:
        known, who = services(info), signed_in(actor(info))
        moved = known.handling.review_material(who, case, code, state, remark, saw_original=saw_original)
        return fresh(await moved, known)

    @mutation("Ask once for everything that is missing (一次性告知), with a remark for each.")
    async def request_supplement(
        self,
        info: Info,
        case: strawberry.ID,
        reason: str,
        answer_by: datetime,
        materials: list[NoticeLineInput] | None = None,
        fields: list[NoticeLineInput] | None = None,
    ) -> Case:
        known, who = services(info), signed_in(actor(info))
        asked = known.handling.request_supplement(who, case, reason, _lines(materials), _lines(fields), answer_by)
        return fresh(await asked, known)

    @mutation("Begin the review of an accepted case.")
    async def start_review(self, info: Info, case: strawberry.ID) -> Case:
        return fresh(await services(info).handling.start_review(signed_in(actor(info)), case), services(info))

    @mutation("Stop the count of days for a special procedure.")
    async def suspend_case(
        self, info: Info, case: strawberry.ID, ground: SpecialProcedure, expected_end: date, reason: str
    ) -> Case:
        known, who = services(info), signed_in(actor(info))
        return fresh(await known.handling.suspend(who, case, ground, expected_end, reason), known)

    @mutation("The special procedure has its result; the count goes on.")
    async def resume_case(self, info: Info, case: strawberry.ID, outcome: str | None = None) -> Case:
        return fresh(await services(info).handling.resume(signed_in(actor(info)), case, outcome), services(info))

    @mutation("Extend the time limit, once, by at most 10 working days (15 for a joint case).")
    async def extend_case(
        self, info: Info, case: strawberry.ID, working_days: int, approver: strawberry.ID, reason: str
    ) -> Case:
        known, who = services(info), signed_in(actor(info))
        return fresh(await known.handling.extend(who, case, working_days, approver, reason), known)

    @mutation("Approve a case. Its fee is ordered, or its result.")
    async def approve_case(self, info: Info, case: strawberry.ID, reason: str | None = None) -> Case:
        return fresh(await services(info).handling.approve(signed_in(actor(info)), case, reason), services(info))

    @mutation("Deny a case, with the reason and the right of appeal.")
    async def deny_case(self, info: Info, case: strawberry.ID, reason: str, remedy: str) -> Case:
        known, who = services(info), signed_in(actor(info))
        return fresh(await known.handling.deny(who, case, reason, remedy), known)

    @mutation("End a case before its decision, with the reason.")
    async def terminate_case(self, info: Info, case: strawberry.ID, reason: str) -> Case:
        return fresh(await services(info).handling.terminate(signed_in(actor(info)), case, reason), services(info))

    @mutation("The same decision on up to 100 cases; each has its own outcome.")
    async def decide_cases(
        self,
        info: Info,
        cases: list[strawberry.ID],
        decision: BulkDecision,
        reason: str = "",
        remedy: str = "",
    ) -> list[DecisionOutcome]:
        known, who = services(info), signed_in(actor(info))
        outcomes = await known.handling.decide_many(who, cases, decision, reason, remedy)
        return [DecisionOutcome.of(each, known) for each in outcomes]

    @mutation("Hand a case over to another officer; the applicant sees that it was.")
    async def hand_over_case(
        self, info: Info, case: strawberry.ID, to: strawberry.ID, reason: str, duty: Duty = Duty.HANDLING
    ) -> Case:
        known, who = services(info), signed_in(actor(info))
        what = FIRST_INQUIRY if duty is Duty.FIRST_INQUIRY else "handling"
        return fresh(await known.handling.hand_over(who, case, to, what, reason), known)

    @mutation("Issue the licence, or put in the number of a result made by hand; the case is completed.")
    async def issue_result(
        self, info: Info, case: strawberry.ID, number: str | None = None, valid_until: date | None = None
    ) -> Case:
        known, who = services(info), signed_in(actor(info))
        return fresh(await known.handling.issue_result(who, case, number, valid_until), known)

    @mutation("The result is on its way by post, in a locker, or ready at the window.")
    async def send_result(
        self, info: Info, case: strawberry.ID, way: ResultWay, tracking: str | None = None
    ) -> Case:
        known, who = services(info), signed_in(actor(info))
        return fresh(await known.handling.send_result(who, case, way, tracking), known)

    @mutation("The applicant has collected the result.")
    async def record_collection(self, info: Info, case: strawberry.ID) -> Case:
        known = services(info)
        return fresh(await known.handling.record_collection(signed_in(actor(info)), case), known)

    @mutation("Order an answer by a time (督办): for supervisors.")
    async def urge_case(self, info: Info, case: strawberry.ID, reason: str, answer_by: datetime) -> Case:
        known, who = services(info), signed_in(actor(info))
        return fresh(await known.handling.urge(who, case, reason, answer_by), known)

    @mutation("Put a case into the green channel (绿色通道), with its ground and a shorter limit.")
    async def expedite_case(
        self, info: Info, case: strawberry.ID, reason: str, limit_days: int | None = None
    ) -> Case:
        known, who = services(info), signed_in(actor(info))
        return fresh(await known.handling.expedite(who, case, limit_days, reason), known)

    @mutation("Take a completed or archived case up again, with the reason: for supervisors and operators.")
    async def reopen_case(self, info: Info, case: strawberry.ID, reason: str) -> Case:
        return fresh(await services(info).handling.reopen(signed_in(actor(info)), case, reason), services(info))

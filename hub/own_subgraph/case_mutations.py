"""What applicants do: save drafts, file, and move their own cases."""

from __future__ import annotations

import strawberry

from hub.cases.case_drafts import DraftContent
from hub.cases.case_filing import Submission
from hub.own_subgraph.case_types import Case, fresh
from hub.own_subgraph.draft_types import CaseDraft, MaterialInput
from hub.own_subgraph.fields import mutation
from hub.own_subgraph.scalars import JSON
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from schema.domain.case import Channel
from schema.errors import DomainError, RuntimeCode


@strawberry.input(description="A case to file.")
class SubmitCaseInput:
    item_code: strawberry.ID = strawberry.field(description="Code of the service item.")
    form: JSON = strawberry.field(description="The filled form; it must fit the item's form.")
    channel: Channel | None = strawberry.field(default=Channel.WEB, description="Where it is filed.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="The same key gives the same case, however often it is sent."
    )
    materials: list[MaterialInput] | None = strawberry.field(default=None, description="What is handed in.")

    def submission(self) -> Submission:
        materials = tuple(each.given() for each in self.materials or ())
        channel = self.channel or Channel.WEB
        return Submission(self.item_code, self.form, channel, self.idempotency_key, materials)


@strawberry.input(description="What is to be kept of a beginning; it need not be complete.")
class DraftInput:
    item_code: strawberry.ID = strawberry.field(description="Code of the service item.")
    form: JSON = strawberry.field(description="The form as far as it is filled.")
    materials: list[MaterialInput] | None = strawberry.field(default=None, description="What is there already.")
    channel: Channel | None = strawberry.field(default=Channel.WEB, description="Where it is saved.")
    id: strawberry.ID | None = strawberry.field(default=None, description="The draft to go on with.")


@strawberry.input(description="The answer to a notice.")
class SupplementInput:
    case: strawberry.ID = strawberry.field(description="The own case.")
    form: JSON | None = strawberry.field(default=None, description="The parts of the form that are written anew.")
    materials: list[MaterialInput] | None = strawberry.field(default=None, description="What is handed in.")
    channel: Channel | None = strawberry.field(default=Channel.WEB, description="Where.")


@strawberry.type
class CaseMutation:
    @mutation("File a case. The receipt number is there at once; the decision comes later.")
    async def submit_case(self, info: Info, input: SubmitCaseInput) -> Case:
        case = await services(info).cases.submit_case(signed_in(actor(info)), input.submission())
        return fresh(case, services(info))

    @mutation("Keep what is filled in so far, for 30 days after the last saving. The last one who saves wins.")
    async def save_draft(self, info: Info, input: DraftInput) -> CaseDraft:
        materials = tuple(each.given() for each in input.materials or ())
        content = DraftContent(input.item_code, input.form, materials, input.channel or Channel.WEB)
        draft = await services(info).drafts.save(signed_in(actor(info)), content, input.id)
        return CaseDraft.of(draft, services(info))

    @mutation("Throw an own draft away.")
    async def discard_draft(self, info: Info, draft: strawberry.ID) -> bool:
        await services(info).drafts.discard(signed_in(actor(info)), draft)
        return True

    @mutation("File an own draft as it stands. Sent twice it is one case.")
    async def submit_draft(self, info: Info, draft: strawberry.ID, channel: Channel | None = None) -> Case:
        case = await services(info).drafts.submit(signed_in(actor(info)), draft, channel)
        return fresh(case, services(info))

    @mutation("Answer the notice of an own case, all of it: changed parts of the form, and materials.")
    async def supplement_case(self, info: Info, input: SupplementInput) -> Case:
        changes: object = input.form if input.form is not None else {}
        if not isinstance(changes, dict):
            raise DomainError(RuntimeCode.BAD_USER_INPUT, "`form` is an object of the parts that change.")
        materials = [each.given() for each in input.materials or ()]
        channel = input.channel or Channel.WEB
        who = signed_in(actor(info))
        case = await services(info).applicant_moves.supplement(who, input.case, changes, materials, channel)
        return fresh(case, services(info))

    @mutation("Remind the department of an own case, at most once a day.")
    async def remind_department(
        self, info: Info, case: strawberry.ID, words: str | None = None, channel: Channel = Channel.WEB
    ) -> Case:
        who = signed_in(actor(info))
        return fresh(await services(info).applicant_moves.remind(who, case, words, channel), services(info))

    @mutation("Take an own case back before it is decided.")
    async def withdraw_case(
        self, info: Info, case: strawberry.ID, reason: str | None = None, channel: Channel | None = None
    ) -> Case:
        who = signed_in(actor(info))
        return fresh(await services(info).applicant_moves.withdraw(who, case, reason, channel), services(info))

    @mutation("Go on with an own case elsewhere: at a window, a kiosk, on the phone, and back.")
    async def continue_case(self, info: Info, case: strawberry.ID, channel: Channel) -> Case:
        who = signed_in(actor(info))
        return fresh(await services(info).applicant_moves.continue_on(who, case, channel), services(info))

    @mutation("Say that the result of an own case has come.")
    async def confirm_result(self, info: Info, case: strawberry.ID, channel: Channel = Channel.WEB) -> Case:
        who = signed_in(actor(info))
        return fresh(await services(info).applicant_moves.confirm_result(who, case, channel), services(info))

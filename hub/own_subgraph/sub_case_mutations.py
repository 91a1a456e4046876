"""What departments' officers decide about their own sub-cases, and what an operator drives again."""

from __future__ import annotations

from typing import Any

import strawberry

from hub.cases.joint_cases import SubCaseWord
from hub.own_subgraph.fields import mutation
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.sub_case_types import SubCase, SubCaseLicenceInput
from hub.people.who import signed_in
from schema.domain.case import Case


@strawberry.input(description="An officer's word on a sub-case of the own department.")
class DecideSubCaseInput:
    case: strawberry.ID = strawberry.field(description="Id or receipt number of the case.")
    sub_case: strawberry.ID = strawberry.field(description="Code of the sub-case.")
    decision: SubCaseWord = strawberry.field(description="What is decided.")
    opinion: str | None = strawberry.field(default=None, description="What was found.")
    reason: str | None = strawberry.field(default=None, description="Why; a refusal and a notice need it.")
    remedy: str | None = strawberry.field(default=None, description="A refusal names the applicant's remedy.")
    licence: SubCaseLicenceInput | None = strawberry.field(
        default=None, description="The licence, where the step issues one."
    )

    def said(self) -> dict[str, Any]:
        licence = {"number": self.licence.number, "issuerCode": self.licence.issuer_code} if self.licence else None
        said = {"opinion": self.opinion, "reason": self.reason, "remedy": self.remedy, "licence": licence}
        return {name: value for name, value in said.items() if value is not None}


@strawberry.type
class SubCaseMutation:
    @mutation("Accept, send back, approve or refuse a sub-case of the department that you handle cases of.")
    async def decide_sub_case(self, info: Info, input: DecideSubCaseInput) -> SubCase:
        who = signed_in(actor(info))
        case = await services(info).joint.say(who, input.case, input.sub_case, input.decision, input.said())
        return await _shown(info, case, input.sub_case)

    @mutation("Send a sub-case's command again that failed for good, as a new one.")
    async def redrive_sub_case(
        self, info: Info, case: strawberry.ID, sub_case: strawberry.ID, reason: str
    ) -> SubCase:
        moved = await services(info).joint.redrive(signed_in(actor(info)), case, sub_case, reason)
        return await _shown(info, moved, sub_case)


async def _shown(info: Info, case: Case, code: str) -> SubCase:
    known = services(info)
    found = await known.joint.of_cases([(case.id, case.item_code, case.item_version)])
    view = next(each for each in found[case.id] if each.step.code == code)
    return SubCase.of(view, await known.catalogue.current())

"""GraphQL types of sub-cases: what each department does for a joint case, and what is waited for."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from hub.cases.joint_cases import SubCaseView, SubCaseWord
from hub.cases.joint_cases import SubCaseWork as Work
from hub.own_subgraph.catalogue_types import ServiceItem
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.place_types import Organisation
from hub.own_subgraph.scalars import JSON
from schema.domain.catalogue import Catalogue
from schema.domain.joint import IssuedLicence, SubCaseState

strawberry.enum(SubCaseState, description="Where a department's step of a joint case stands.")
strawberry.enum(SubCaseWord, description="What an officer says on the own department's sub-case.")


@strawberry.type(description="A licence that a step of a joint case has issued.")
class SubCaseLicence:
    kind: str = strawberry.field(description="Kind of the licence.")
    number: str = strawberry.field(description="Its number.")
    issuer_code: strawberry.ID = strawberry.field(description="Organisation that issued it.")

    @classmethod
    def of(cls, licence: IssuedLicence) -> Self:
        return cls(kind=licence.kind, number=licence.number, issuer_code=strawberry.ID(licence.issuer))


@strawberry.type(description="What one department does for a joint case.")
class SubCase:
    code: strawberry.ID = strawberry.field(description="Code of the step, one of its own within the case.")
    name: str = strawberry.field(description="Name in Chinese.")
    name_en: str = strawberry.field(description="Name in English.")
    department: Organisation = strawberry.field(description="The organisation that handles it.")
    state: SubCaseState = strawberry.field(description="Where it stands.")
    is_required: bool = strawberry.field(description="Whether its refusal refuses the whole; else it is heard.")
    depends_on: list[strawberry.ID] = strawberry.field(description="Steps that come before it.")
    waits_for: list[strawberry.ID] = strawberry.field(description="Those of them that are not done yet.")
    started_at: datetime | None = strawberry.field(description="When its department was told.")
    due_at: datetime | None = strawberry.field(description="When a limit of its own ends, if it has one.")
    decided_at: datetime | None = strawberry.field(description="When its department answered.")
    opinion: str | None = strawberry.field(description="What its department found.")
    reason: str | None = strawberry.field(description="Why it stands where it stands, where a reason was given.")
    remedy: str | None = strawberry.field(description="What the applicant can do against a refusal.")
    licence: SubCaseLicence | None = strawberry.field(description="The licence that it issued.")
    failed: str | None = strawberry.field(description="The code under which its last command failed for good.")

    @classmethod
    def of(cls, view: SubCaseView, catalogue: Catalogue) -> Self:
        step, sub_case = view.step, view.sub_case
        return cls(
            code=strawberry.ID(step.code),
            name=step.name,
            name_en=step.name_en,
            department=Organisation.of(catalogue.organisations[step.organisation]),
            state=sub_case.state,
            is_required=step.is_required,
            depends_on=[strawberry.ID(each) for each in step.depends_on],
            waits_for=[strawberry.ID(each) for each in view.waits_for],
            started_at=sub_case.started_at,
            due_at=view.due_at,
            decided_at=sub_case.decided_at,
            opinion=sub_case.opinion,
            reason=sub_case.reason,
            remedy=sub_case.remedy,
            licence=SubCaseLicence.of(sub_case.licence) if sub_case.licence else None,
            failed=sub_case.failed,
        )


@strawberry.type(description="A sub-case as its department's officer sees it, with no more than its step needs.")
class SubCaseWork:
    receipt_number: str = strawberry.field(description="Receipt number of the joint case.")
    item: ServiceItem = strawberry.field(description="The service item, in the version of the case.")
    sub_case: SubCase = strawberry.field(description="The sub-case itself.")
    form: JSON = strawberry.field(description="Those answers of the form that its step needs.")
    results: list[SubCase] = strawberry.field(description="Those other steps whose results it needs.")

    @classmethod
    def of(cls, work: Work, catalogue: Catalogue, loaders: Loaders) -> Self:
        return cls(
            receipt_number=work.receipt_number,
            item=ServiceItem.of(work.item, catalogue, loaders),
            sub_case=SubCase.of(work.view, catalogue),
            form=JSON(work.form),
            results=[SubCase.of(each, catalogue) for each in work.results],
        )


@strawberry.input(description="A licence that an officer has issued with an approval.")
class SubCaseLicenceInput:
    number: str = strawberry.field(description="Its number.")
    issuer_code: strawberry.ID = strawberry.field(description="Organisation that issued it.")

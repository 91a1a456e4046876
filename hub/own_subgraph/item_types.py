"""GraphQL types of what a service item says of itself: materials, steps, fees, results, and so on.

They have the fields of the domain's values by the same names, so a value is its own answer: nothing is copied.
"""

from __future__ import annotations

from typing import TypeVar, cast

import strawberry

from hub.own_subgraph.scalars import JSON
from schema.domain import material, service_item
from schema.domain.organisation import Level
from schema.domain.party import ApplicantKind

Shown = TypeVar("Shown")

strawberry.enum(Level, description="The three linked levels of administration.")
strawberry.enum(service_item.ItemType, description="What an item is in law.")
strawberry.enum(ApplicantKind, description="Who may apply.")
strawberry.enum(service_item.StepKind, description="What a step of the procedure is.")
strawberry.enum(service_item.FeeDue, description="When a fee is due.")
strawberry.enum(service_item.ExemptionKind, description="Why an item stays out of the one front door.")
strawberry.enum(material.Trust, description="A from the issuer, B verified copy, C uploaded, D declared.")
strawberry.enum(material.MaterialSource, description="Where the applicant has a material from.")
strawberry.enum(material.Necessity, description="Whether a case can be accepted without it.")
strawberry.enum(material.MaterialForm, description="In what form a window takes a material.")


def shown(values: tuple[object, ...], type_: type[Shown]) -> list[Shown]:
    """Values of the domain as the list of the type that has their fields."""
    return cast("list[Shown]", list(values))


@strawberry.type(description="A law, rule or notice on which an item stands.")
class LegalBasis:
    title: str = strawberry.field(description="In Chinese.")
    title_en: str = strawberry.field(description="In English.")
    article: str = strawberry.field(description="Which article; empty where it is the whole.")


@strawberry.type(description="Who may apply, one sentence. What has a rule can be told from shared data.")
class ItemCondition:
    code: strawberry.ID = strawberry.field(description="Code within the item.")
    name: str = strawberry.field(description="In Chinese.")
    name_en: str = strawberry.field(description="In English.")
    minimum_age: int | None = strawberry.field(description="In full years.")
    maximum_age: int | None = strawberry.field(description="In full years.")
    holds: str | None = strawberry.field(description="Kind of a licence that must be valid.")
    lacks: str | None = strawberry.field(description="Kind of a licence that may not be valid.")


@strawberry.type(description="One thing that is wrong with a filled form, and the mend.")
class FormProblem:
    path: str = strawberry.field(description="The field: `form.holder.phone`, `form.children[0].name`.")
    rule: str = strawberry.field(description="The keyword of JSON Schema that it breaks: `required`, `format`, …")
    text: str = strawberry.field(description="What to do, in Chinese.")
    text_en: str = strawberry.field(description="What to do, in English.")


@strawberry.type(description="A material is required only where the form answers so.")
class RequiredWhen:
    field: str = strawberry.field(description="The form's field.")
    values: list[JSON] = strawberry.field(description="Any of these answers.")


@strawberry.type(description="What replaces a material: a valid licence, or an entry of a register.")
class SatisfiedBy:
    licence_type: str | None = strawberry.field(description="Kind of the licence.")
    register_entry: str | None = strawberry.field(description="Field of the graph on the person.")


@strawberry.type(description="One material that an item asks for.")
class Material:
    code: strawberry.ID = strawberry.field(description="Code within the item.")
    name: str = strawberry.field(description="In Chinese.")
    name_en: str = strawberry.field(description="In English.")
    legal_basis: str = strawberry.field(description="The rule that asks for it, in Chinese.")
    legal_basis_en: str = strawberry.field(description="The rule that asks for it, in English.")
    source: material.MaterialSource = strawberry.field(description="Where it comes from.")
    issued_by: str = strawberry.field(description="Who issues it, in Chinese; empty for the applicant.")
    issued_by_en: str = strawberry.field(description="Who issues it, in English; empty for the applicant.")
    necessity: material.Necessity = strawberry.field(description="Whether a case can be accepted without it.")
    trust: material.Trust = strawberry.field(description="How far it can be believed.")
    form: material.MaterialForm = strawberry.field(description="In what form a window takes it.")
    copies: int = strawberry.field(description="How many.")
    is_electronic_accepted: bool = strawberry.field(description="Whether an upload does.")
    required_when: RequiredWhen | None = strawberry.field(description="Only then; null for always.")
    satisfied_by: list[SatisfiedBy] = strawberry.field(description="Any one of these replaces it.")


@strawberry.type(description="One step of the procedure.")
class ProcedureStep:
    code: strawberry.ID = strawberry.field(description="Code within the item.")
    name: str = strawberry.field(description="In Chinese.")
    name_en: str = strawberry.field(description="In English.")
    kind: service_item.StepKind = strawberry.field(description="What it is.")
    days: int = strawberry.field(description="Working days within the promise.")
    organisation: strawberry.ID | None = strawberry.field(description="Code, where it is not the owner.")
    after: list[strawberry.ID] = strawberry.field(description="Steps it waits for; empty for the one before.")


@strawberry.type(description="What is owed for a case.")
class ItemFee:
    code: strawberry.ID = strawberry.field(description="Code within the item.")
    name: str = strawberry.field(description="In Chinese.")
    name_en: str = strawberry.field(description="In English.")
    amount_fen: int = strawberry.field(description="In fen (1/100 CNY).")
    legal_basis: str = strawberry.field(description="The document that sets it, in Chinese.")
    legal_basis_en: str = strawberry.field(description="The document that sets it, in English.")
    due: service_item.FeeDue = strawberry.field(description="When it is due.")


@strawberry.type(description="What an applicant has in hand in the end.")
class ItemResult:
    licence_type: str | None = strawberry.field(description="Kind of the licence, if it is one.")
    name: str = strawberry.field(description="In Chinese.")
    name_en: str = strawberry.field(description="In English.")
    sample: str = strawberry.field(description="What it looks like, in Chinese.")
    sample_en: str = strawberry.field(description="What it looks like, in English.")
    is_electronic: bool = strawberry.field(description="Whether it comes as an electronic licence.")


@strawberry.type(description="On which ground a case is expedited, and the shorter promise.")
class GreenChannel:
    ground: str = strawberry.field(description="In Chinese.")
    ground_en: str = strawberry.field(description="In English.")
    limit_days: int = strawberry.field(description="Working days.")


@strawberry.type(description="Why an item stays out of the one front door; it is listed all the same.")
class Exemption:
    kind: service_item.ExemptionKind = strawberry.field(description="Secret, or rare with approval.")
    ground: str = strawberry.field(description="In Chinese.")
    ground_en: str = strawberry.field(description="In English.")
    approved_by: str = strawberry.field(description="Who agreed.")


@strawberry.type(description="A turn in life or business for which people look.")
class LifeEventName:
    code: strawberry.ID = strawberry.field(description="Stable code.")
    name: str = strawberry.field(description="In Chinese.")
    name_en: str = strawberry.field(description="In English.")

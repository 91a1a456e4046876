"""What an applicant hands in: a filled form and references to materials, checked against the item."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from schema.domain import form
from schema.domain.form_problem import FormProblem
from schema.domain.material import Trust
from schema.domain.service_item import ServiceItem
from schema.errors import DomainError, RuntimeCode

MAXIMUM_FORM_BYTES = 200_000
MAXIMUM_MATERIALS = 50
MAXIMUM_REFERENCE = 500


@dataclass(frozen=True, slots=True)
class GivenMaterial:
    """One material as it is handed in. ``reference`` names a file or a shared record; a pledge needs none."""

    code: str
    reference: str | None = None
    trust: Trust = Trust.C

    def as_data(self) -> dict[str, Any]:
        return {"code": self.code, "reference": self.reference, "trust": self.trust.value}


def wrong_content(wrong: Sequence[str | FormProblem]) -> DomainError:
    """The error that tells all of it; what is wrong with fields once more in ``extensions.problems``."""
    fields = [each.as_data() for each in wrong if isinstance(each, FormProblem)]
    details = {"problems": fields} if fields else None
    return DomainError(RuntimeCode.BAD_USER_INPUT, " ".join(map(str, wrong)), details)


def content_problems(
    item: ServiceItem, filled: Any, materials: Sequence[GivenMaterial]
) -> Iterator[str | FormProblem]:
    """Everything that is wrong, each with the mend."""
    if len(json.dumps(filled)) > MAXIMUM_FORM_BYTES:
        yield f"`form` may have at most {MAXIMUM_FORM_BYTES} bytes."
    yield from form.problems(item.form, filled)
    yield from material_problems(item, materials)


def material_problems(item: ServiceItem, materials: Sequence[GivenMaterial]) -> Iterator[str]:
    """What is wrong with materials of this item. That one is missing is no mistake: it will be asked for."""
    yield from size_problems(materials)
    for each in materials:
        if item.material(each.code) is None:
            known = ", ".join(material.code for material in item.materials) or "none"
            yield f'{item.code} has no material "{each.code}". It has: {known}.'


def handed_in(item: ServiceItem, filled: Any, materials: Sequence[GivenMaterial]) -> list[dict[str, Any]]:
    """The materials as the event keeps them, with those that are required and not there.

    What shared data replaces is fetched, not demanded (domain.md, 9.5).
    """
    codes = {each.code for each in materials}
    answers = filled if isinstance(filled, dict) else {}
    demanded = [each for each in item.materials if not each.satisfied_by and each.is_required(answers)]
    missing = [each for each in demanded if each.code not in codes]
    return [
        *(each.as_data() for each in materials),
        *({"code": each.code, "reference": None, "trust": Trust.C.value} for each in missing),
    ]


def size_problems(materials: Sequence[GivenMaterial]) -> Iterator[str]:
    """What no item's materials may be."""
    if len(materials) > MAXIMUM_MATERIALS:
        yield f"A case has at most {MAXIMUM_MATERIALS} materials."
    codes = [each.code for each in materials]
    for code in sorted({each for each in codes if codes.count(each) > 1}):
        yield f'Material "{code}" is handed in twice. Hand it in once.'
    for each in materials:
        if each.reference is not None and not 0 < len(each.reference) <= MAXIMUM_REFERENCE:
            yield f'The reference of material "{each.code}" has 1 to {MAXIMUM_REFERENCE} characters.'
        if each.reference is None and each.trust is not Trust.D:
            yield f'Material "{each.code}" needs a reference, or the grade D with which you pledge for it.'

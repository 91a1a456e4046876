"""What an applicant has to show for a service item, and what shows it instead.

Asking is the last resort: what an issued licence or a register says is fetched, not demanded.
Source: domain.md, "Service item and case" and 9.4; art. 5, 14.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Trust(StrEnum):
    """How far a material can be believed, best first."""

    A = "A"
    """From the issuer itself."""
    B = "B"
    """A copy that was compared with the original."""
    C = "C"
    """Uploaded by the applicant."""
    D = "D"
    """Declared by the applicant, with a pledge."""


class MaterialSource(StrEnum):
    """Where the applicant has it from."""

    APPLICANT = "APPLICANT"
    DEPARTMENT = "DEPARTMENT"
    THIRD_PARTY = "THIRD_PARTY"


class Necessity(StrEnum):
    """Whether a case can be accepted without it."""

    REQUIRED = "REQUIRED"
    LATER = "LATER"
    """May be handed in after acceptance (容缺后补)."""
    OPTIONAL = "OPTIONAL"


class MaterialForm(StrEnum):
    """In what form a window takes it."""

    ORIGINAL = "ORIGINAL"
    COPY = "COPY"
    ORIGINAL_AND_COPY = "ORIGINAL_AND_COPY"
    DECLARATION = "DECLARATION"


@dataclass(frozen=True, slots=True)
class RequiredWhen:
    """Required only where the form's answer ``field`` is one of ``values``."""

    field: str
    values: tuple[str | int | bool, ...]

    def holds(self, form: Mapping[str, Any]) -> bool:
        given = form.get(self.field)
        return any(type(given) is type(value) and given == value for value in self.values)


@dataclass(frozen=True, slots=True)
class SatisfiedBy:
    """What replaces a material: a valid licence of one kind, or an entry of a register. One of both is set.

    ``register_entry`` names a field of the graph on the person, for example ``Citizen.enterprises``.
    """

    licence_type: str | None = None
    register_entry: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One material of an item. ``legal_basis`` says which rule asks for it; without one nobody may ask."""

    code: str
    name: str
    name_en: str
    legal_basis: str = ""
    legal_basis_en: str = ""
    source: MaterialSource = MaterialSource.APPLICANT
    issued_by: str = ""
    """Who issues it, where it is not the applicant, in Chinese."""
    issued_by_en: str = ""
    necessity: Necessity = Necessity.REQUIRED
    trust: Trust = Trust.C
    form: MaterialForm = MaterialForm.COPY
    copies: int = 1
    is_electronic_accepted: bool = True
    required_when: RequiredWhen | None = None
    satisfied_by: tuple[SatisfiedBy, ...] = ()

    def is_required(self, form: Mapping[str, Any]) -> bool:
        """Whether a case with this filled form is incomplete without it at acceptance."""
        if self.necessity is not Necessity.REQUIRED:
            return False
        return self.required_when is None or self.required_when.holds(form)

    @property
    def replacing_licences(self) -> tuple[str, ...]:
        """Kinds of licences, any valid one of which replaces the material."""
        return tuple(each.licence_type for each in self.satisfied_by if each.licence_type)

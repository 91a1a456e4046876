"""What replaces a material: a valid licence of the right kind, or an entry of a register.

Source: docs/materials.md; domain.md, "Service item and case" (``satisfiedBy``) and 9.5; art. 5, 14.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schema.domain.material import Material

SHARED = "shared:"
"""Begins a material's reference to a shared record."""
VALID = "VALID"


@dataclass(frozen=True, slots=True)
class Replacement:
    """What was found in place of a material. ``source`` is the kind of licence, or the register's field."""

    source: str
    issuer: str | None
    content: Mapping[str, Any]


def replacing_licence(
    material: Material, licences: Iterable[Mapping[str, Any]], number: str | None
) -> Replacement | None:
    """The first valid licence that replaces the material; with ``number`` this one alone."""
    for licence in licences:
        is_wanted = licence["kind"] in material.replacing_licences and licence["state"] == VALID
        if is_wanted and number in (None, licence["number"]):
            return Replacement(licence["kind"], (licence.get("issuer") or {}).get("code"), licence)
    return None


def register_fields(material: Material) -> tuple[str, ...]:
    """Fields of ``Citizen`` whose entries replace the material."""
    entries = (each.register_entry for each in material.satisfied_by if each.register_entry)
    return tuple(entry.partition(".")[2] for entry in entries if entry.startswith("Citizen."))

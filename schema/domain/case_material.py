"""Materials of one case: what was given, what pre-review said of each, what is asked for.

Files are kept elsewhere; a case holds a reference to each. Source: docs/domain.md, "Materials";
art. 5 and 14 (pre-review, sharing instead of asking again).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from schema.domain.material import Trust


class MaterialState(StrEnum):
    GIVEN = "GIVEN"
    """Handed in, and not looked at yet."""
    ACCEPTED = "ACCEPTED"
    RETURNED = "RETURNED"
    """Looked at and sent back: the remark says what is wrong with it."""
    MISSING = "MISSING"
    """Not handed in, and asked for."""


@dataclass(frozen=True, slots=True)
class CaseMaterial:
    """One material of a case. ``reference`` names a file or a shared record, never its content."""

    code: str
    state: MaterialState
    reference: str | None = None
    trust: Trust = Trust.C
    remark: str | None = None

    def as_data(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "state": self.state.value,
            "reference": self.reference,
            "trust": self.trust.value,
            "remark": self.remark,
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> CaseMaterial:
        state = MaterialState(data.get("state") or MaterialState.GIVEN)
        trust = Trust(data.get("trust") or Trust.C)
        return cls(data["code"], state, data.get("reference"), trust, data.get("remark"))


@dataclass(frozen=True, slots=True)
class FieldRemark:
    """What a notice says of one field of the form."""

    field: str
    remark: str

    def as_data(self) -> dict[str, str]:
        return {"field": self.field, "remark": self.remark}


def given(before: tuple[CaseMaterial, ...], handed_in: Iterable[Mapping[str, Any]]) -> tuple[CaseMaterial, ...]:
    """The materials after some were handed in: each takes the place of the one with its code.

    What has no reference and is not pledged for is still missing.
    """
    new = [CaseMaterial.of(each) for each in handed_in]
    return _put(before, [replace(each, state=_state_of(each), remark=None) for each in new])


def asked_for(before: tuple[CaseMaterial, ...], notices: Iterable[Mapping[str, Any]]) -> tuple[CaseMaterial, ...]:
    """The materials after a notice: sent back where there was one, missing where there was none.

    What the notice does not name was found in order.
    """
    known = {each.code: each for each in settled(before)}
    noted = []
    for notice in notices:
        remark, old = notice.get("remark"), known.get(notice["code"])
        if old is None or old.reference is None:
            noted.append(CaseMaterial(notice["code"], MaterialState.MISSING, remark=remark))
        else:
            noted.append(replace(old, state=MaterialState.RETURNED, remark=remark))
    return _put(tuple(known.values()), noted)


def reviewed(before: tuple[CaseMaterial, ...], verdict: Mapping[str, Any]) -> tuple[CaseMaterial, ...]:
    """The materials after an officer looked at one: in order, or sent back with a remark."""
    state, trust = MaterialState(verdict["state"]), verdict.get("trust")
    return tuple(
        replace(each, state=state, remark=verdict.get("remark"), trust=Trust(trust) if trust else each.trust)
        if each.code == verdict["code"]
        else each
        for each in before
    )


def settled(before: tuple[CaseMaterial, ...]) -> tuple[CaseMaterial, ...]:
    """The materials once the case is accepted: whatever lay there unobjected is in order."""
    return tuple(
        replace(each, state=MaterialState.ACCEPTED) if each.state is MaterialState.GIVEN else each
        for each in before
    )


def _state_of(material: CaseMaterial) -> MaterialState:
    is_there = material.reference is not None or material.trust is Trust.D
    return MaterialState.GIVEN if is_there else MaterialState.MISSING


def _put(before: tuple[CaseMaterial, ...], new: Iterable[CaseMaterial]) -> tuple[CaseMaterial, ...]:
    return tuple({each.code: each for each in (*before, *new)}.values())

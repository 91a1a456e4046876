"""What is owed for a case: the item's fees, its form, and nothing that stands in code.

A fee is data of the item: a fixed amount, or an amount for each of a whole number that the form gives; owed only
where an answer says so; waived where an answer gives the ground. Source: docs/fees.md; art. 17, 22.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schema.domain.service_item import FeeDue, ItemFee, ServiceItem


@dataclass(frozen=True, slots=True)
class AssessedFee:
    """One fee of a case. ``payee`` is an organisation's code, ``units`` for how many of what it is owed."""

    fee: ItemFee
    payee: str
    units: int
    amount_fen: int


def assess(item: ServiceItem, form: Any) -> tuple[AssessedFee, ...]:
    """Every fee that is owed for this form, in the item's order; waived ones are left out."""
    answers = form if isinstance(form, Mapping) else {}
    owed = (_assessed(item, fee, answers) for fee in item.fees if _is_owed(fee, answers))
    return tuple(each for each in owed if each.amount_fen > 0)


def assess_due(item: ServiceItem, form: Any, due: FeeDue) -> tuple[AssessedFee, ...]:
    """Those of them that fall due then."""
    return tuple(each for each in assess(item, form) if each.fee.due is due)


def fee_problems(item: ServiceItem) -> Iterator[tuple[str, str]]:
    """What of the item's fees must not go live: the fee's code, and what is wrong with the mend."""
    properties = item.form.get("properties", {})
    for fee in item.fees:
        if fee.per is not None and properties.get(fee.per, {}).get("type") != "integer":
            yield fee.code, f"`per` names `{fee.per}`, which is no whole number of the form. Name one."
        for name in ("owed_when", "waived_when"):
            condition = getattr(fee, name)
            if condition is not None and condition.field not in properties:
                yield fee.code, f"`{name}` asks for `{condition.field}`, which the form has not. Name an answer."
        if fee.waived_when is not None and not (fee.waiver_basis and fee.waiver_basis_en):
            yield fee.code, "A waiver has a ground. State `waiver_basis` in both languages."
        if fee.step is not None and (item.joint is None or item.joint.step(fee.step) is None):
            yield fee.code, f'`step` names "{fee.step}", which is no step of the joint plan. Name one.'


def _is_owed(fee: ItemFee, answers: Mapping[str, Any]) -> bool:
    is_asked = fee.owed_when is None or fee.owed_when.holds(answers)
    return is_asked and not (fee.waived_when is not None and fee.waived_when.holds(answers))


def _assessed(item: ServiceItem, fee: ItemFee, answers: Mapping[str, Any]) -> AssessedFee:
    step = item.joint.step(fee.step) if item.joint and fee.step else None
    payee = fee.payee or (step.organisation if step else item.organisation)
    units = _units(fee, answers)
    return AssessedFee(fee, payee, units, fee.amount_fen * units)


def _units(fee: ItemFee, answers: Mapping[str, Any]) -> int:
    """How many; one where the form does not say, since the fee itself is owed."""
    if fee.per is None:
        return 1
    given = answers.get(fee.per)
    return max(given, 0) if type(given) is int else 1

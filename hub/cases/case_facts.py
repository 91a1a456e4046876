"""What a case's events amount to beside the columns that are searched, as JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schema.domain.case import Case
from schema.domain.case_material import CaseMaterial, FieldRemark

_MOMENTS = ("answer_by", "reminded_at", "decided_at", "ended_at", "archived_at")
_PLAIN = (
    "agent",
    "mandate",
    "supplements_asked",
    "is_extended",
    "is_expedited",
    "fee_orders",
    "fee_is_paid",
    "fee_is_held",
    "result_way",
)


def facts_of(case: Case) -> dict[str, Any]:
    """Only what says something, so that most cases keep little."""
    plain = {name: getattr(case, name) for name in _PLAIN if getattr(case, name)}
    moments = {name: getattr(case, name).isoformat() for name in _MOMENTS if getattr(case, name)}
    materials = [each.as_data() for each in case.materials]
    remarks = [each.as_data() for each in case.form_remarks]
    lists = {"materials": materials, "form_remarks": remarks, "fees_ordered": list(case.fees_ordered)}
    return {**plain, **moments, **{name: each for name, each in lists.items() if each}}


def fields_of(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of :class:`Case` that were kept."""
    plain = {name: facts[name] for name in _PLAIN if name in facts}
    moments = {name: datetime.fromisoformat(facts[name]) for name in _MOMENTS if name in facts}
    materials = tuple(CaseMaterial.of(each) for each in facts.get("materials", ()))
    remarks = tuple(FieldRemark(each["field"], each["remark"]) for each in facts.get("form_remarks", ()))
    codes = tuple(facts.get("fees_ordered", ()))
    return {**plain, **moments, "materials": materials, "form_remarks": remarks, "fees_ordered": codes}

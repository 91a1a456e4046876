"""Every rule of the catalogue's lint, each broken alone on an item that is right. domain.md, 9.4 and 9.5."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.catalogue.catalogue import read_catalogue, seed_entries
from hub.catalogue.catalogue_data import BadContent, read_item
from schema.domain.catalogue_lint import RULES, lint, longest_way
from schema.domain.service_item import ProcedureStep

CATALOGUE = read_catalogue(tuple(seed_entries()))
NOW = datetime(2026, 11, 23, tzinfo=UTC)
RIGHT: dict[str, Any] = {
    "code": "NEW-ITEM",
    "name": "新事项",
    "name_en": "A new item",
    "description": "说明",
    "description_en": "What it is for",
    "category": "public-service",
    "type": "PUBLIC_SERVICE",
    "organisation": "110102-JX",
    "statutory_limit_days": 20,
    "promised_limit_days": 5,
    "channels": ["WEB", "WINDOW"],
    "is_decided_by_officers": True,
    "legal_basis": [{"title": "某条例", "title_en": "Some regulations"}],
    "windows": [{"place": "110102-JX-STATION", "window": "1"}],
    "conditions": [{"code": "age", "name": "成年", "name_en": "Of age", "minimum_age": 18}],
    "materials": [
        {
            "code": "LICENCE",
            "name": "营业执照",
            "name_en": "Business licence",
            "legal_basis": "某条例第二条",
            "legal_basis_en": "Some regulations, article 2",
            "source": "DEPARTMENT",
            "issued_by": "市场监管部门",
            "issued_by_en": "Market regulation",
            "trust": "A",
            "required_when": {"field": "kind", "values": ["a"]},
            "satisfied_by": [{"licence_type": "business-licence"}],
        }
    ],
    "steps": [
        {"code": "accept", "name": "受理", "name_en": "Acceptance", "kind": "ACCEPTANCE", "days": 1},
        {"code": "decide", "name": "决定", "name_en": "Decision", "kind": "DECISION", "days": 3},
        {"code": "pay", "name": "缴费", "name_en": "Payment", "kind": "PAYMENT"},
    ],
    "fees": [
        {
            "code": "FEE",
            "name": "工本费",
            "name_en": "Production fee",
            "amount_fen": 500,
            "legal_basis": "某文件",
            "legal_basis_en": "Some document",
        }
    ],
    "results": [{"name": "证", "name_en": "A slip", "sample": "样张", "sample_en": "A sample"}],
    "enquiry_telephone": "010-5550-0201",
    "complaint_telephone": "12345",
    "visits": 1,
    "visit_reason": "当面核对",
    "visit_reason_en": "Checked in person",
    "green_channel": {"ground": "急难", "ground_en": "Need", "limit_days": 2},
    "life_events": ["hardship"],
    "form": {
        "type": "object",
        "properties": {"kind": {"type": "string", "title": "种类", "title_en": "Kind", "enum": ["a", "b"]}},
    },
}


def codes(**changes: Any) -> list[str]:
    """What the lint says once a value at each path (`__` between its parts) is another."""
    content = deepcopy(RIGHT)
    for path, value in changes.items():
        target: Any = content
        *above, last = path.split("__")
        for part in above:
            target = target[int(part)] if part.isdigit() else target[part]
        target[last] = value
    return [finding.code for finding in lint(CATALOGUE, read_item(content, 1, NOW))]


def test_an_item_that_is_right_has_no_finding() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("rule", "changes", "expected"),
    [
        ("step days sum to no more than the promise", {"steps__1__days": 5}, ["STEP_DAYS"]),
        ("a step waits for one before it", {"steps__0__after": ["decide"]}, ["STEP_ORDER"]),
        ("a step's organisation exists", {"steps__1__organisation": "NOWHERE"}, ["UNKNOWN_ORGANISATION"]),
        ("a visit has a reason", {"visit_reason": "", "visit_reason_en": ""}, ["VISIT_WITHOUT_REASON"]),
        ("fully online means no visit", {"channels": ["WEB"]}, ["ONLINE_WITH_VISIT"]),
        (
            "a result has a sample",
            {"results__0__sample": "", "results__0__sample_en": ""},
            ["RESULT_WITHOUT_SAMPLE"],
        ),
        ("there is a result", {"results": []}, ["NO_RESULT"]),
        ("the telephones differ", {"complaint_telephone": "010-5550-0201"}, ["SAME_TELEPHONE"]),
        ("there are telephones", {"enquiry_telephone": ""}, ["NO_TELEPHONE"]),
        ("no fee means no payment step", {"fees": []}, ["PAYMENT_WITHOUT_FEE"]),
        ("a fee is paid in a step", {"steps__2__kind": "ISSUE"}, ["FEE_WITHOUT_PAYMENT"]),
        ("every window is at a place", {"windows__0__place": "NOWHERE"}, ["NO_WINDOW", "UNKNOWN_PLACE"]),
        (
            "a material names its basis",
            {"materials__0__legal_basis": "", "materials__0__legal_basis_en": ""},
            ["MATERIAL_WITHOUT_BASIS"],
        ),
        (
            "a material names its source",
            {"materials__0__issued_by": "", "materials__0__issued_by_en": ""},
            ["MATERIAL_WITHOUT_SOURCE"],
        ),
        ("a declaration has grade D", {"materials__0__form": "DECLARATION"}, ["TRUST"]),
        ("grade A comes from the issuer", {"materials__0__source": "APPLICANT"}, ["TRUST"]),
        ("what is issued here is not demanded", {"materials__0__satisfied_by": []}, ["DEMANDED_AGAIN"]),
        (
            "a department's paper should be shared",
            {"materials__0__satisfied_by": [], "materials__0__name": "别的证"},
            ["NOT_SHARED"],
        ),
        ("a condition can be met", {"conditions__0__maximum_age": 17}, ["CONDITION"]),
        ("required when: the field exists", {"materials__0__required_when__field": "x"}, ["REQUIRED_WHEN"]),
        ("required when: the answer exists", {"materials__0__required_when__values": ["z"]}, ["REQUIRED_WHEN"]),
        ("the promise is lawful", {"statutory_limit_days": 4}, ["PROMISE"]),
        ("instant is one day", {"is_instant": True}, ["INSTANT"]),
        ("the green channel is shorter", {"green_channel__limit_days": 5}, ["GREEN_CHANNEL"]),
        ("it stands on a law", {"legal_basis": []}, ["NO_LEGAL_BASIS"]),
        ("somebody may apply", {"who_may_apply": []}, ["NOBODY_MAY_APPLY"]),
        (
            "a fee has a basis (art. 22)",
            {"fees__0__legal_basis": "", "fees__0__legal_basis_en": ""},
            ["FEE_WITHOUT_BASIS"],
        ),
        ("both languages speak", {"materials__0__name_en": ""}, ["TRANSLATION"]),
        ("codes are unique", {"steps__1__code": "accept"}, ["DOUBLE_CODE"]),
        ("life events are known", {"life_events": ["x"]}, ["UNKNOWN_LIFE_EVENT"]),
        ("the form's titles are bilingual", {"form__properties__kind__title_en": ""}, ["FORM"]),
        ("the form's keywords are checked", {"form__properties__kind__oneOf": []}, ["FORM"]),
        ("the owner exists", {"organisation": "NOWHERE"}, ["UNKNOWN_ORGANISATION"]),
        ("a system can be told", {"is_decided_by_officers": False}, ["NO_COMMAND"]),
        (
            "an exempt item passes no front door (art. 11)",
            {"exemption": {"kind": "RARE", "ground": "罕见", "ground_en": "Rare", "approved_by": "区政府"}},
            ["EXEMPTION"],
        ),
    ],
)
def test_each_rule_speaks_alone(rule: str, changes: dict[str, Any], expected: list[str]) -> None:
    """One mistake, one finding: whoever proposes reads what to mend."""
    assert codes(**changes) == expected, rule


def test_a_place_without_an_address_is_no_window() -> None:
    """9.4: every window has an address."""
    place = replace(CATALOGUE.places["110102-JX-STATION"], address="", address_en="")
    catalogue = replace(CATALOGUE, places={**CATALOGUE.places, place.code: place})
    findings = lint(catalogue, read_item(RIGHT, 1, NOW))
    assert [finding.code for finding in findings] == ["WINDOW_WITHOUT_ADDRESS"]


def test_what_the_package_offers_passes_the_lint() -> None:
    """Warnings too: the seed is the example for others."""
    found = [f"{item.code} {finding}" for item in CATALOGUE.items for finding in lint(CATALOGUE, item)]
    assert found == []


def test_a_key_that_means_nothing_is_refused_at_any_depth() -> None:
    """A misspelt line of an item is never silently ignored."""
    wrong = deepcopy(RIGHT)
    wrong["materials"][0]["legalbasis"] = "x"
    with pytest.raises(BadContent, match=r"NEW-ITEM: nothing is known by the name of `materials\[0\].legalbasis`"):
        read_item(wrong, 1, NOW)


def test_steps_side_by_side_take_as_long_as_the_longest() -> None:
    """A joint item's departments work at the same time; art. 17."""

    def step(code: str, days: int, *after: str) -> ProcedureStep:
        return ProcedureStep(code=code, name=code, name_en=code, days=days, after=after)

    steps = (step("a", 2), step("b", 5, "a"), step("c", 3, "a"), step("d", 1, "b", "c"))
    assert longest_way(steps) == 8
    assert longest_way((step("a", 2), step("b", 5))) == 7
    assert len(RULES) >= 20


def test_a_joint_plan_that_cannot_be_walked_is_no_proposal() -> None:
    """What would keep a process from reading the catalogue is told before it is published; art. 17."""
    item = next(each for each in CATALOGUE.items if each.joint is not None)
    assert item.joint is not None
    first, *rest = item.joint.steps
    in_a_circle = replace(item.joint, steps=(replace(first, depends_on=(first.code,)), *rest))
    findings = lint(CATALOGUE, replace(item, joint=in_a_circle))
    assert {finding.code for finding in findings} == {"JOINT_PLAN"}

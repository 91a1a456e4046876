"""The star standard: each criterion missing alone, and the stars then; domain.md, section 7.2, art. 15."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from hub.catalogue.catalogue_data import read_item
from schema.domain.star_standard import CRITERIA, StarStandard, Usage, star_standard
from tests.schema.domain.test_catalogue_lint import CATALOGUE, NOW, RIGHT

BEST: dict[str, Any] = {**deepcopy(RIGHT), "channels": ["WEB", "MOBILE", "KIOSK", "WINDOW"], "visits": 0}


NONE = Usage()
VISIT = {"visits": 1, "visit_reason": "核验", "visit_reason_en": "Check"}


def judged(usage: Usage = NONE, **changes: Any) -> StarStandard:
    return star_standard(CATALOGUE, read_item({**BEST, **changes}, 1, NOW), usage)


def missing(standard: StarStandard) -> list[str]:
    return [each.criterion.code for each in standard.criteria if not each.is_met]


PAPER = {**RIGHT["materials"][0], "name": "某证明", "satisfied_by": []}
ELSEWHERE = [{**step, "organisation": "110102-SJ"} for step in RIGHT["steps"]]
RESULT = RIGHT["results"][0]


def test_an_item_that_meets_all_has_five_stars() -> None:
    """Integration: data shared, every channel, no visit."""
    assert (judged().stars, missing(judged())) == (5, [])


@pytest.mark.parametrize(
    ("changes", "usage", "stars", "lacks"),
    [
        ({"legal_basis": []}, NONE, 0, ["GUIDE"]),
        ({"complaint_telephone": ""}, NONE, 0, ["GUIDE"]),
        ({"form": {"type": "object"}, "materials": []}, NONE, 1, ["FORM"]),
        (
            {"visits": 1, "visit_reason": "核验", "visit_reason_en": "Check"},
            NONE,
            1,
            ["APPOINTMENT", "NO_VISIT"],
        ),
        (
            {**VISIT, "service_forms": ["BY_APPOINTMENT"]},
            NONE,
            3,
            ["NO_VISIT"],
        ),
        ({"channels": ["WINDOW", "KIOSK"]}, NONE, 2, ["FILING", "CHANNELS"]),
        ({}, Usage(cases=10, online=4), 2, ["USE"]),
        ({}, Usage(cases=10, online=5), 5, []),
        ({"results": [{**RESULT, "is_electronic": False}]}, NONE, 3, ["DELIVERY"]),
        ({"materials": [PAPER]}, NONE, 4, ["SHARING"]),
        ({"steps": ELSEWHERE}, NONE, 4, ["JOINT"]),
        ({"channels": ["WEB", "MOBILE", "WINDOW"]}, NONE, 4, ["CHANNELS"]),
        ({"results": [{**RESULT, "licence_type": "some-licence"}]}, NONE, 4, ["REMINDER"]),
    ],
)
def test_what_is_missing_costs_its_star_and_those_above(
    changes: dict[str, Any], usage: Usage, stars: int, lacks: list[str]
) -> None:
    """And a department reads what the next star takes."""
    standard = judged(usage, **changes)
    assert (standard.stars, missing(standard)) == (stars, lacks)


def test_each_criterion_speaks_both_languages() -> None:
    """In the order of the stars, each code once."""
    assert [each.star for each in CRITERIA] == sorted(each.star for each in CRITERIA)
    assert len({each.code for each in CRITERIA}) == len(CRITERIA)
    assert all(each.name and each.name_en and each.mend and each.mend_en for each in CRITERIA)

"""Who may apply and which materials are needed, for one person; domain.md, section 3 and 9.5, art. 5."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from hub.catalogue.catalogue_data import read_item
from schema.domain.for_me import Answer, HeldLicence, Need, Said, SharedFacts, for_me
from schema.domain.service_item import ServiceItem
from tests.schema.domain.test_catalogue_lint import RIGHT

TODAY = date(2026, 11, 26)
ISSUER = Said("市场监管局", "Market Regulation")
BORN = "Identity register"
KNOWN = SharedFacts(TODAY, born=date(1990, 1, 1), knows_all_licences=True, enterprises=0)


def licence(kind: str, until: date | None = None, *, is_in_force: bool = True) -> HeldLicence:
    return HeldLicence(kind, "N-1", is_in_force, until, ISSUER)


def item(**changes: Any) -> ServiceItem:
    return read_item({**RIGHT, **changes}, 1, datetime(2026, 1, 1, tzinfo=UTC))


def condition(**rules: Any) -> ServiceItem:
    return item(conditions=[{"code": "c", "name": "条件", "name_en": "Condition", **rules}])


@pytest.mark.parametrize(
    ("rules", "facts", "answer", "source"),
    [
        ({"minimum_age": 18}, KNOWN, Answer.YES, BORN),
        ({"minimum_age": 60}, KNOWN, Answer.NO, BORN),
        ({"maximum_age": 36}, KNOWN, Answer.YES, BORN),
        ({"maximum_age": 35}, KNOWN, Answer.NO, BORN),
        ({"minimum_age": 37}, replace(KNOWN, born=date(1989, 11, 26)), Answer.YES, BORN),
        ({"minimum_age": 37}, replace(KNOWN, born=date(1989, 11, 27)), Answer.NO, BORN),
        ({"minimum_age": 18}, replace(KNOWN, born=None), Answer.UNKNOWN, "No source"),
        ({"holds": "a"}, replace(KNOWN, licences=(licence("a"),)), Answer.YES, "Market Regulation"),
        ({"holds": "a"}, replace(KNOWN, licences=(licence("a", TODAY),)), Answer.YES, "Market Regulation"),
        ({"holds": "a"}, replace(KNOWN, licences=(licence("a", date(2026, 11, 25)),)), Answer.NO, "Licences"),
        ({"holds": "a"}, replace(KNOWN, licences=(licence("a", is_in_force=False),)), Answer.NO, "Licences"),
        ({"holds": "a"}, replace(KNOWN, knows_all_licences=False), Answer.UNKNOWN, "No source"),
        ({"lacks": "a"}, KNOWN, Answer.YES, "Licences"),
        ({"lacks": "a"}, replace(KNOWN, licences=(licence("a"),)), Answer.NO, "Market Regulation"),
        ({"lacks": "a"}, replace(KNOWN, knows_all_licences=False), Answer.UNKNOWN, "No source"),
        (
            {"minimum_age": 60, "holds": "a"},
            replace(KNOWN, knows_all_licences=False),
            Answer.NO,
            "Identity register",
        ),
        ({}, KNOWN, Answer.UNKNOWN, "No source"),
    ],
)
def test_a_condition_is_answered_with_its_source(
    rules: dict[str, Any], facts: SharedFacts, answer: Answer, source: str
) -> None:
    """A department that is silent makes it unknown, never no."""
    told = for_me(condition(**rules), facts)
    assert (told.conditions[1].answer, told.conditions[1].source.en) == (answer, source)
    assert told.may_apply is answer
    assert told.conditions[1].ground.zh
    assert told.conditions[1].ground.en


@pytest.mark.parametrize(("enterprises", "answer"), [(1, Answer.YES), (0, Answer.NO), (None, Answer.UNKNOWN)])
def test_an_item_for_enterprises_asks_for_an_open_one(enterprises: int | None, answer: Answer) -> None:
    """The kind of applicant is a condition like any other."""
    told = for_me(item(who_may_apply=["ENTERPRISE"], conditions=[]), replace(KNOWN, enterprises=enterprises))
    assert (told.conditions[0].code, told.may_apply) == ("applicant", answer)


BASE = RIGHT["materials"][0]


def material(**changes: Any) -> ServiceItem:
    return item(materials=[{**BASE, "required_when": None, **changes}])


HELD = replace(KNOWN, licences=(licence("business-licence"),))
REGISTERED = [{"register_entry": "Citizen.address"}]
ON_KIND = {"field": "kind", "values": ["a"]}


@pytest.mark.parametrize(
    ("changes", "facts", "form", "need"),
    [
        ({}, HELD, None, Need.REPLACED),
        ({"required_when": ON_KIND}, HELD, None, Need.REPLACED),
        ({}, KNOWN, None, Need.NEEDED),
        ({}, replace(KNOWN, knows_all_licences=False), None, Need.UNKNOWN),
        ({"satisfied_by": REGISTERED}, replace(KNOWN, entries={"Citizen.address": True}), None, Need.REPLACED),
        ({"satisfied_by": REGISTERED}, replace(KNOWN, entries={"Citizen.address": False}), None, Need.NEEDED),
        ({"satisfied_by": REGISTERED}, KNOWN, None, Need.UNKNOWN),
        ({"satisfied_by": []}, replace(KNOWN, knows_all_licences=False), None, Need.NEEDED),
        ({"satisfied_by": [], "necessity": "OPTIONAL"}, KNOWN, None, Need.NOT_NEEDED),
        ({"satisfied_by": [], "necessity": "LATER"}, KNOWN, None, Need.NEEDED),
        ({"satisfied_by": [], "required_when": ON_KIND}, KNOWN, None, Need.UNKNOWN),
        ({"satisfied_by": [], "required_when": ON_KIND}, KNOWN, {"kind": "b"}, Need.NOT_NEEDED),
        ({"satisfied_by": [], "required_when": ON_KIND}, KNOWN, {"kind": "a"}, Need.NEEDED),
    ],
)
def test_a_material_is_needed_replaced_or_unknown(
    changes: dict[str, Any], facts: SharedFacts, form: dict[str, Any] | None, need: Need
) -> None:
    """What shared data replaces is not asked for; what depends on an answer waits for it."""
    told = for_me(material(**changes), facts, form).materials[0]
    assert told.need is need
    assert told.ground.zh
    assert told.source.en

"""Forms as data: what a filled form is told, in both languages, and what no form may be.

Rows of domain.md: section 3 (a form described as data), section 2 (identity numbers), 9.3.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

from schema.domain.form import problems
from schema.domain.form_format import FORMATS
from schema.domain.form_schema import advice, conditional_fields, schema_problems
from schema.domain.identity_number import birth_date, is_credit_code, is_resident_number

FORM: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "title": "名称", "title_en": "Name", "minLength": 2, "maxLength": 4},
        "short": {
            "type": "string",
            "maxLength": 4,
            "pattern": "^[a-z]+$",
            "description_en": "Small letters only.",
        },
        "copies": {"type": "integer", "minimum": 1, "maximum": 5},
        "share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "agreed": {"type": "boolean"},
        "pledge": {"type": "boolean", "const": True},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "level": {"type": "integer", "enum": [0, 1]},
        "pages": {"type": "array", "minItems": 1, "maxItems": 2, "uniqueItems": True, "items": {"type": "number"}},
        "born": {"type": "string", "format": "date"},
    },
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"name": "anna"}, []),
        ({"name": "anna", "copies": 1, "agreed": True, "pledge": True, "kind": "a", "pages": [1, 2.5]}, []),
        ([], ["`form` must be of type object."]),
        ({}, ["`form.name` is missing. Fill it in."]),
        ({"name": "a"}, ["`form.name` needs at least 2 characters."]),
        ({"name": "annas"}, ["`form.name` may have at most 4 characters."]),
        ({"name": "an", "short": "AN"}, ["`form.short` does not have the right form. Small letters only."]),
        ({"name": "anna", "x": 1}, ["`form.x` is not part of this form. Leave it out."]),
        ({"name": "anna", "copies": 0}, ["`form.copies` must be at least 1."]),
        ({"name": "anna", "copies": 6}, ["`form.copies` must be at most 5."]),
        ({"name": "anna", "copies": True}, ["`form.copies` must be of type integer."]),
        ({"name": "anna", "copies": 1.5}, ["`form.copies` must be of type integer."]),
        ({"name": "anna", "share": 0}, ["`form.share` must be more than 0."]),
        ({"name": "anna", "share": 1.0}, ["`form.share` must be less than 1."]),
        ({"name": "anna", "agreed": 1}, ["`form.agreed` must be of type boolean."]),
        ({"name": "anna", "pledge": False}, ["`form.pledge` must be confirmed."]),
        ({"name": "anna", "kind": "c"}, ["`form.kind` must be one of: a, b."]),
        ({"name": "anna", "level": 2}, ["`form.level` must be one of: 0, 1."]),
        ({"name": "anna", "pages": []}, ["`form.pages` needs at least 1 entries."]),
        ({"name": "anna", "pages": ["x"]}, ["`form.pages[0]` must be of type number."]),
        ({"name": "anna", "pages": [1, 1]}, ["`form.pages` has an entry twice. Leave one out."]),
        ({"name": "anna", "pages": [1, 2, 3]}, ["`form.pages` may have at most 2 entries."]),
        (
            {"name": "anna", "born": "2026-02-30"},
            ["`form.born` must be a date that exists, written as 2026-11-26."],
        ),
    ],
)
def test_a_form_is_told_all_that_is_to_be_mended(value: Any, expected: list[str]) -> None:
    """Each problem names its place and the mend."""
    assert [str(each) for each in problems(FORM, value)] == expected


def test_a_problem_speaks_both_languages_and_names_the_field_as_the_form_does() -> None:
    """Whoever fills it in knows no paths."""
    told = problems(FORM, {"name": "a"})[0]
    assert told.as_data() == {
        "path": "form.name",
        "rule": "minLength",
        "text": "名称：至少 2 个字。",
        "textEn": "Name: needs at least 2 characters.",
    }
    assert told.field == "name"


VEHICLE: dict[str, Any] = {
    "type": "object",
    "required": ["owner"],
    "properties": {
        "owner": {"type": "string", "title": "车主", "title_en": "Owner", "enum": ["person", "company"]},
        "number": {"type": "string", "title": "身份证号", "title_en": "Number", "format": "cn-resident-id"},
        "code": {"type": "string", "title": "信用代码", "title_en": "Code", "format": "cn-credit-code"},
        "phone": {"type": "string", "title": "电话", "title_en": "Phone", "format": "cn-telephone"},
        "contact": {"type": "string", "title": "联系人", "title_en": "Contact"},
        "children": {
            "type": "array",
            "title": "子女",
            "title_en": "Children",
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "title": "姓名", "title_en": "Name"},
                    "adopted": {"type": "boolean", "title": "收养", "title_en": "Adopted"},
                    "paper": {"type": "string", "title": "收养证号", "title_en": "Adoption paper"},
                },
                "if": {"required": ["adopted"], "properties": {"adopted": {"const": True}}},
                "then": {"required": ["paper"]},
            },
        },
    },
    "if": {"required": ["owner"], "properties": {"owner": {"const": "company"}}},
    "then": {"required": ["code"]},
    "else": {"required": ["number"]},
    "dependentRequired": {"phone": ["contact"]},
    "allOf": [
        {
            "if": {"required": ["children"]},
            "then": {"properties": {"contact": {"minLength": 2}}, "required": ["contact"]},
        }
    ],
}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"owner": "company", "code": "91350100M000100Y43"}, []),
        ({"owner": "company"}, ["form.code required"]),
        ({"owner": "person"}, ["form.number required"]),
        ({"owner": "person", "number": "11010519491231002X", "phone": "13800000000"}, ["form.contact required"]),
        ({"owner": "company", "code": "91350100M000100Y44"}, ["form.code format"]),
        (
            {"owner": "company", "code": "91350100M000100Y43", "contact": "李", "children": [{"adopted": True}]},
            ["form.children[0].name required", "form.children[0].paper required", "form.contact minLength"],
        ),
    ],
)
def test_what_is_asked_depends_on_other_answers(value: dict[str, Any], told: list[str]) -> None:
    """if/then/else, dependentRequired, allOf; at any depth."""
    assert [f"{each.path} {each.rule}" for each in problems(VEHICLE, value)] == told
    assert list(schema_problems(VEHICLE)) == []
    assert list(advice(VEHICLE)) == []


def test_a_conditional_field_is_called_as_the_form_calls_it() -> None:
    """Its title stands where the field is described, not where it is demanded."""
    assert problems(VEHICLE, {"owner": "company"})[0].text == "信用代码：请填写。"
    nested = problems(VEHICLE, {"owner": "company", "children": [{"name": "a", "adopted": True}]})
    assert "Adoption paper: is missing. Fill it in." in [each.text_en for each in nested]
    assert conditional_fields(VEHICLE) == {"code", "number", "contact"}


FULL_WIDTH = "".join(chr(ord(digit) + 0xFEE0) for digit in "13800138000")
UNCHECKED = "which is not checked. Use another keyword."


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("date", ["2026-11-26", "2024-02-29"], ["2026-2-3", "2025-02-29", "20261126", "2026-11-26T00:00:00Z", ""]),
        ("date-time", ["2026-11-26T09:30:00+08:00", "2026-11-26T01:30:00.5Z"], ["2026-11-26 09:30", "2026-11-26"]),
        ("email", ["a@example.com", "li.si+x@mail.gov.cn"], ["a@", "@b.cn", "a@b", "a b@c.cn", "a..b@c.cn"]),
        ("uri", ["https://example.com/x?y=1"], ["javascript:alert(1)", "example.com", "https://", "https://a b"]),
        ("cn-mobile", ["13800138000", "19912345678"], ["12800138000", "1380013800", "+8613800138000", FULL_WIDTH]),
        ("cn-telephone", ["13800138000", "010-66001234", "0571-87654321-12", "400-810-1234"], ["66001234"]),
        ("cn-postal-code", ["100032"], ["10003", "1000321", "10003a"]),
        ("cn-bank-card", ["6222021234567890128", "4111111111111111"], ["4111111111111112", "4111"]),
        ("cn-resident-id", ["11010519491231002X"], ["110105194912310021", "11010519491231002x", "110105491231"]),
        ("cn-credit-code", ["91350100M000100Y43"], ["91350100M000100Y44", "91350100m000100y43"]),
    ],
)
def test_each_format_takes_what_is_right_and_refuses_what_is_not(
    name: str, right: list[str], wrong: list[str]
) -> None:
    """Full-width digits, another check character, an address that runs a script: none is let through."""
    assert [each for each in right if not FORMATS[name].accepts(each)] == []
    assert [each for each in wrong if FORMATS[name].accepts(each)] == []
    assert FORMATS[name].mend
    assert FORMATS[name].mend_en


def test_what_is_printed_in_groups_is_tidied() -> None:
    """Pages send what people copied from a card as the department wants it."""
    assert FORMATS["cn-resident-id"].tidy(" 110105 19491231 002x ") == "11010519491231002X"
    assert FORMATS["cn-bank-card"].tidy("6222 0212 3456 7890 128") == "6222021234567890128"
    assert FORMATS["email"].tidy(" a@example.com ") == "a@example.com"


@given(
    region=st.sampled_from(("110102", "810000", "830000", "910001")),
    born=st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    serial=st.integers(0, 999),
    place=st.integers(0, 17),
    shift=st.integers(1, 9),
)
def test_one_wrong_character_of_a_resident_number_is_found(
    region: str, born: date, serial: int, place: int, shift: int
) -> None:
    """Numbers of Hong Kong, Macao and Taiwan residents are as good as any; section 2."""
    body = f"{region}{born:%Y%m%d}{serial:03}"
    number = body + mod_11_2.calc_check_digit(body)
    wrong_digit = str((int(number[place].replace("X", "0")) + shift) % 10)
    wrong = number[:place] + wrong_digit + number[place + 1 :]

    assert is_resident_number(number)
    assert birth_date(number) == born
    assert wrong == number or not is_resident_number(wrong)


@given(st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8), st.integers(0, 999_999))
def test_a_credit_code_stands_or_falls_with_its_check_character(tail: str, region: int) -> None:
    """GB 32100, MOD 31."""
    body = f"91{region:06}{tail}X"
    code = body + uscc.calc_check_digit(body)
    assert is_credit_code(code)
    assert not is_credit_code(body + ("1" if code[-1] == "0" else "0"))


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"oneOf": []}, f'`form` uses "oneOf", {UNCHECKED}'),
        ({"properties": {"a": {"items": {"multipleOf": 2}}}}, f'`form.a[]` uses "multipleOf", {UNCHECKED}'),
        ({"properties": []}, '"properties" of `form` must be fields with a schema each.'),
        ({"type": "null"}, '"type" of `form` must be one of object, array, string, integer, number, boolean.'),
        ({"properties": {"a": {"pattern": "("}}}, '"pattern" of `form.a` must be a regular expression.'),
        ({"required": "a"}, '"required" of `form` must be a list of texts.'),
        ({"minLength": True}, '"minLength" of `form` must be a whole number from 0.'),
        ({"enum": [{}]}, '"enum" of `form` must be a list of choices.'),
        ({"then": {}}, "`form` has `then` or `else` without `if`. Add the condition."),
        ({"allOf": [{"if": {"const": 1, "what": 1}}]}, f'`form/allOf[0]/if` uses "what", {UNCHECKED}'),
    ],
)
def test_a_form_that_could_not_be_checked_is_refused(form: dict[str, Any], told: str) -> None:
    """A rule that nobody checks is worse than none."""
    assert list(schema_problems(form)) == [told]


def test_a_format_that_nobody_checks_is_refused() -> None:
    """And what may be asked for instead is named."""
    told = list(schema_problems({"properties": {"a": {"format": "hostname"}}}))
    assert told == [f'"format" of `form.a` must be one of {", ".join(FORMATS)}.']


def test_a_form_is_not_endlessly_deep() -> None:
    """Depth is time."""
    form: dict[str, Any] = {}
    for _ in range(30):
        form = {"properties": {"a": form}}
    assert len(list(schema_problems(form))) == 1


def _field(**part: Any) -> dict[str, Any]:
    titled = {"type": "string", "title": "甲", "title_en": "A", **part}
    return {"type": "object", "properties": {"a": titled}}


@pytest.mark.parametrize(
    ("form", "place"),
    [
        (_field(title_en=""), "form.a"),
        (_field(maxLength=100, pattern="(a+)+b"), "form.a"),
        (_field(pattern="^a*b$"), "form.a"),
        ({**_field(), "required": ["b"]}, "form"),
        ({**_field(), "dependentRequired": {"a": ["c"]}}, "form"),
        ({**_field(), "if": {"properties": {"a": {"const": "x"}}}, "then": {}}, "form"),
        ({"type": "object", "properties": {"a b": _field()["properties"]["a"]}}, "form.a b"),
    ],
)
def test_what_people_would_stumble_over_is_told(form: dict[str, Any], place: str) -> None:
    """A field without a name, a pattern that never ends, a condition on a field that is not there."""
    assert list(schema_problems(form)) == []
    assert [where for where, _mend in advice(form)] == [place]


SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=5)
NAMES = st.sampled_from((*FORM["properties"], "x"))
ANY_JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=8
)
KEYWORDS = st.sampled_from(("type", "properties", "required", "if", "enum", "pattern", "items"))


@given(ANY_JSON)
def test_whatever_is_sent_gets_an_answer(value: Any) -> None:
    """Never an exception; and what passes can be sent on as JSON."""
    found = problems(FORM, value)
    assert len({(each.path, each.rule) for each in found}) == len(found)
    if not found:
        assert json.loads(json.dumps(value)) == value


@given(
    st.dictionaries(
        st.sampled_from(("type", "properties", "required", "if", "enum", "pattern", "items")), ANY_JSON
    )
)
def test_whatever_a_form_is_it_is_read_or_refused(form: dict[str, Any]) -> None:
    """A proposal comes from outside."""
    if not list(schema_problems(form)):
        list(advice(form))
        problems(form, {"name": "x"})

"""What a person typed becomes the form's JSON, or is told at its own field."""

from __future__ import annotations

from typing import Any

import pytest

from hub.portal.form_fields import fields_of
from hub.portal.form_reading import read_form, typed_of, wrong_fields
from hub.portal.language import Texts

FORM: dict[str, Any] = {
    "type": "object",
    "required": ["purpose", "copies"],
    "properties": {
        "purpose": {
            "type": "string",
            "title": "用途",
            "title_en": "Purpose",
            "enum": ["loan", "other"],
            "enum_titles": ["贷款"],
            "enum_titles_en": ["Loan"],
        },
        "copies": {"type": "integer", "title": "份数", "title_en": "Copies", "minimum": 1, "maximum": 5},
        "remark": {"type": "string", "title": "说明", "title_en": "Remark", "maxLength": 5},
    },
}


def _read(form: dict[str, Any] = FORM, **typed: str) -> tuple[dict[str, Any], dict[str, str]]:
    reading = read_form(form, {name.replace("__", "."): value for name, value in typed.items()})
    return reading.values, wrong_fields(form, reading, Texts("en"))


def test_whole_numbers_are_sent_as_numbers() -> None:
    """The hub's schema asks for an integer, not for its digits."""
    assert _read(purpose="loan", copies="2", remark="hello") == (
        {"purpose": "loan", "copies": 2, "remark": "hello"},
        {},
    )


def test_an_empty_optional_field_is_left_out() -> None:
    """An empty string is an answer; nothing is not."""
    assert _read(purpose="loan", copies="2", remark="  ") == ({"purpose": "loan", "copies": 2}, {})


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("copies", "9", "Copies: must be at most 5."),
        ("copies", "0", "Copies: must be at least 1."),
        ("copies", "two", "Copies: must be of type integer."),
        ("copies", "²", "Copies: must be of type integer."),
        ("copies", "", "Copies: is missing. Fill it in."),
        ("remark", "too long", "Remark: may have at most 5 characters."),
    ],
)
def test_a_wrong_value_is_told_at_its_own_field(field: str, typed: str, told: str) -> None:
    """The hub refuses the form as a whole; a person must hear which field it is about."""
    _, wrong = _read(FORM, **{"purpose": "loan", "copies": "1", field: typed})
    assert wrong == {field: told}


def test_a_choice_reads_as_the_catalogue_says() -> None:
    """The item's own data name its choices in both languages; one without a name stands for itself."""
    purpose = fields_of(FORM, {"purpose": "loan"}, Texts("zh-CN"))[0]
    assert purpose.options == (("loan", "贷款"), ("other", "other"))
    assert purpose.shown == "贷款"
    assert fields_of(FORM, {}, Texts("en"))[0].options == (("loan", "Loan"), ("other", "other"))


HOUSEHOLD: dict[str, Any] = {
    "type": "object",
    "required": ["kinds", "contact"],
    "properties": {
        "key": {"type": "string", "title": "钥匙", "title_en": "Key"},
        "number": {"type": "string", "title": "证号", "title_en": "Number", "format": "cn-resident-id"},
        "kinds": {
            "type": "array",
            "title": "种类",
            "title_en": "Kinds",
            "minItems": 1,
            "items": {"type": "string", "enum": ["a", "b"], "enum_titles_en": ["First", "Second"]},
        },
        "plates": {"type": "array", "title": "车牌", "title_en": "Plates", "items": {"type": "string"}},
        "contact": {
            "type": "object",
            "title": "联系人",
            "title_en": "Contact",
            "required": ["phone"],
            "properties": {
                "phone": {"type": "string", "title": "电话", "title_en": "Phone", "format": "cn-mobile"}
            },
        },
        "children": {
            "type": "array",
            "title": "子女",
            "title_en": "Child",
            "maxItems": 2,
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "title": "姓名", "title_en": "Name"},
                    "born": {"type": "string", "title": "出生", "title_en": "Born", "format": "date"},
                    "adopted": {"type": "boolean", "title": "收养", "title_en": "Adopted"},
                },
            },
        },
        "pledge": {"type": "boolean", "title": "承诺", "title_en": "Pledge", "const": True},
    },
    "if": {"required": ["plates"]},
    "then": {"required": ["number"]},
}


def test_groups_lists_and_rows_are_fields_of_a_page() -> None:
    """A new item with any form the catalogue takes needs no page of its own."""
    fields = {field.id: field for field in fields_of(HOUSEHOLD, {"kinds.1": "true"}, Texts("en"))}
    assert list(fields) == [
        "form-key", "number", "kinds.0", "kinds.1", "plates", "contact.phone",
        "children.0.name", "children.0.born", "children.0.adopted",
        "children.1.name", "children.1.born", "children.1.adopted", "pledge",
    ]  # fmt: skip
    assert (fields["kinds.1"].label, fields["kinds.1"].group, fields["kinds.1"].value) == (
        "Second",
        "Kinds",
        "true",
    )
    assert (fields["contact.phone"].type, fields["contact.phone"].required) == ("tel", True)
    assert (fields["children.1.born"].group, fields["children.1.born"].type) == ("Child 2", "date")
    assert fields["number"].is_conditional
    assert fields["children.0.name"].top == "children"


def test_what_was_typed_into_them_is_the_forms_json_and_back() -> None:
    """Empty rows count for nothing; printed groups of digits are joined."""
    typed = {
        "form-key": "k",
        "number": "110105 19491231 002x",
        "kinds.1": "true",
        "plates": "京A12345\n\n京B54321",
        "contact.phone": "138 0013 8000",
        "children.1.name": "小明",
        "pledge": "true",
    }
    reading = read_form(HOUSEHOLD, typed)
    assert reading.values == {
        "key": "k",
        "number": "11010519491231002X",
        "kinds": ["b"],
        "plates": ["京A12345", "京B54321"],
        "contact": {"phone": "13800138000"},
        "children": [{"name": "小明", "adopted": False}],
        "pledge": True,
    }
    assert wrong_fields(HOUSEHOLD, reading, Texts("en")) == {}
    again = typed_of(HOUSEHOLD, reading.values)
    assert read_form(HOUSEHOLD, again).values == reading.values


def test_what_is_wrong_within_them_is_told_at_the_input() -> None:
    """In the reader's language; a group that is missing at its first input, a row at its own."""
    typed = {"plates": "京A12345", "children.1.born": "2026-02-30", "children.1.adopted": "true"}
    reading = read_form(HOUSEHOLD, typed)
    assert wrong_fields(HOUSEHOLD, reading, Texts("zh-CN")) == {
        "kinds.0": "种类：请填写。",
        "contact.phone": "联系人：请填写。",
        "number": "证号：请填写。",
        "children.1.name": "姓名：请填写。",
        "children.1.born": "出生：请填写真实的日期，格式如 2026-11-26。",
        "pledge": "承诺：请勾选确认。",
    }

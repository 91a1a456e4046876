"""What a person typed becomes the form's JSON, or is told at its own field."""

from __future__ import annotations

import pytest

from hub.portal.form_fields import fields_of, read_form
from hub.portal.language import Texts

FORM = {
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


def _read(**typed: str) -> tuple[dict[str, object], dict[str, str]]:
    texts = Texts("en")
    return read_form(fields_of(FORM, typed, texts), texts)


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
        ("copies", "two", "Copies: enter a whole number."),
        ("copies", "²", "Copies: enter a whole number."),
        ("copies", "", "Copies: please fill this in."),
        ("remark", "too long", "Remark: at most 5 characters."),
    ],
)
def test_a_wrong_value_is_told_at_its_own_field(field: str, typed: str, told: str) -> None:
    """The hub refuses the form as a whole; a person must hear which field it is about."""
    _, wrong = _read(**{"purpose": "loan", "copies": "1", field: typed})
    assert wrong == {field: told}


def test_a_choice_reads_as_the_catalogue_says() -> None:
    """The item's own data name its choices in both languages; one without a name stands for itself."""
    purpose = fields_of(FORM, {"purpose": "loan"}, Texts("zh-CN"))[0]
    assert purpose.options == (("loan", "贷款"), ("other", "other"))
    assert purpose.shown == "贷款"
    assert fields_of(FORM, {}, Texts("en"))[0].options == (("loan", "Loan"), ("other", "other"))

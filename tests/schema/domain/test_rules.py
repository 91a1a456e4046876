"""Money that arrives, stars that add up, forms that fit: table tests of the small rules."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.fee import Arrival, FeeState, PaymentState, arrival
from schema.domain.form import problems, unknown_keywords
from schema.domain.rating import summarize

DUE, PAYING, PAID, EXPIRED = FeeState.DUE, FeeState.PAYING, FeeState.PAID, FeeState.EXPIRED


@pytest.mark.parametrize(
    ("state", "arrived", "orders", "meaning"),
    [
        (PaymentState.OPEN, 900, (PAYING,), Arrival.TAKE),
        (PaymentState.CREATED, 900, (PAYING,), Arrival.TAKE),
        (PaymentState.EXPIRED, 900, (DUE,), Arrival.TAKE),
        (PaymentState.EXPIRED, 900, (PAYING,), Arrival.TAKE),
        (PaymentState.EXPIRED, 900, (PAID,), Arrival.REFUND),
        (PaymentState.EXPIRED, 900, (DUE, EXPIRED), Arrival.REFUND),
        (PaymentState.PAID, 900, (PAID,), Arrival.REPEATED),
        (PaymentState.PAID, 1, (PAID,), Arrival.REPEATED),
        (PaymentState.TO_REFUND, 900, (PAID,), Arrival.REPEATED),
        (PaymentState.OPEN, 899, (PAYING,), Arrival.WRONG_AMOUNT),
        (PaymentState.OPEN, 901, (PAYING,), Arrival.WRONG_AMOUNT),
    ],
)
def test_money_is_taken_while_it_is_owed(
    state: PaymentState, arrived: int, orders: tuple[FeeState, ...], meaning: Arrival
) -> None:
    """Source: docs/domain.md, "Fees": late money is taken if still due, else refunded."""
    assert arrival(state, 900, arrived, orders) is meaning


@given(st.dictionaries(st.integers(1, 5), st.integers(0, 1000)))
def test_a_summary_is_what_its_ratings_are(counts: dict[int, int]) -> None:
    """The mean of no rating is none, never zero."""
    ratings = [stars for stars, number in counts.items() for _ in range(number)]

    summary = summarize(counts)

    assert summary.count == len(ratings)
    assert summary.mean == (round(sum(ratings) / len(ratings), 2) if ratings else None)
    assert [stars for stars, _ in summary.distribution] == [1, 2, 3, 4, 5]


FORM: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]+$"},
        "copies": {"type": "integer", "minimum": 1, "maximum": 5},
        "agreed": {"type": "boolean"},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "pages": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "number"}},
    },
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"name": "anna"}, []),
        ({"name": "anna", "copies": 1, "agreed": True, "kind": "a", "pages": [1, 2.5]}, []),
        ([], ["`form` must be of type object."]),
        ({}, ["`form.name` is missing."]),
        ({"name": "a"}, ["`form.name` needs at least 2 characters."]),
        ({"name": "annas"}, ["`form.name` may have at most 4 characters."]),
        ({"name": "AN"}, ["`form.name` does not have the form ^[a-z]+$."]),
        ({"name": "anna", "x": 1}, ["`form.x` is not part of this form."]),
        ({"name": "anna", "copies": 0}, ["`form.copies` must be at least 1."]),
        ({"name": "anna", "copies": 6}, ["`form.copies` must be at most 5."]),
        ({"name": "anna", "copies": True}, ["`form.copies` must be of type integer."]),
        ({"name": "anna", "copies": 1.5}, ["`form.copies` must be of type integer."]),
        ({"name": "anna", "agreed": 1}, ["`form.agreed` must be of type boolean."]),
        ({"name": "anna", "kind": "c"}, ["`form.kind` must be one of: a, b."]),
        ({"name": "anna", "pages": []}, ["`form.pages` needs at least 1 entries."]),
        ({"name": "anna", "pages": ["x"]}, ["`form.pages[0]` must be of type number."]),
        ({"name": "anna", "pages": [1, 2, 3]}, ["`form.pages` may have at most 2 entries."]),
    ],
)
def test_a_form_is_told_all_that_is_to_be_mended(value: Any, expected: list[str]) -> None:
    """Each problem names its place."""
    assert list(problems(FORM, value)) == expected


def test_a_keyword_that_would_be_ignored_is_found() -> None:
    """A rule that nobody checks is worse than none."""
    form = {"type": "object", "properties": {"a": {"oneOf": []}, "b": {"items": {"multipleOf": 2}}}}

    assert list(unknown_keywords(form)) == ["oneOf", "multipleOf"]
    assert list(unknown_keywords(FORM)) == []

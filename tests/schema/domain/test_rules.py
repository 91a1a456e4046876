"""Money that arrives, stars that add up: table tests of the small rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.fee import FeeState
from schema.domain.payment import Arrival, PaymentState, arrival
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

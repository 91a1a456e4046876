"""Receipt numbers are read out, typed and misheard."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.receipt_number import canonical, receipt_number

MORNING_IN_BEIJING = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
numbers = st.integers(0, 10**10 - 1).map(lambda serial: receipt_number(MORNING_IN_BEIJING, serial))


def test_the_day_is_the_day_in_beijing() -> None:
    """A case filed at one in the morning carries that day."""
    assert receipt_number(MORNING_IN_BEIJING, 42).startswith("JY261124-0000000042-")


@pytest.mark.parametrize("serial", [10**10, -(10**10)])
def test_a_serial_that_does_not_fit_is_refused(serial: int) -> None:
    """A longer number would be cut when printed."""
    with pytest.raises(ValueError, match="10 digits"):
        receipt_number(MORNING_IN_BEIJING, serial)


@given(numbers)
def test_a_number_is_known_as_typed(number: str) -> None:
    """Blanks, small letters and missing hyphens are how people write."""
    assert canonical(number) == number
    assert canonical(f" {number.lower().replace('-', ' ')} ") == number
    assert canonical(number.replace("-", "")) == number


@given(numbers, st.integers(2, 19), st.sampled_from("0123456789"))
def test_every_wrong_digit_is_caught(number: str, place: int, digit: str) -> None:
    """MOD 11-2 catches all single errors."""
    if number[place] in {digit, "-"}:
        return
    assert canonical(number[:place] + digit + number[place + 1 :]) is None


@given(numbers, st.integers(0, 15))
def test_every_exchange_of_neighbours_is_caught(number: str, place: int) -> None:
    """MOD 11-2 catches all of them, the check character included."""
    digits = number.removeprefix("JY").replace("-", "")
    first, second = digits[place], digits[place + 1]
    if first == second:
        return
    exchanged = digits[:place] + second + first + digits[place + 2 :]
    assert canonical("JY" + exchanged) is None


@pytest.mark.parametrize("text", ["", "JY", "CASE-1", "JY261123-0123456789", "١٢٣", "JY261123-0123456789-XX"])
def test_what_is_no_number_is_none(text: str) -> None:
    """Whatever is typed into a search box ends up here."""
    assert canonical(text) is None

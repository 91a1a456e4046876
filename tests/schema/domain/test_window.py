"""A page that is read from a database is the page of the whole list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schema.domain.page import Page, PageRequest, page, page_of_window, window

SIZES = st.none() | st.integers(0, 12)


def place(number: int) -> tuple[int, str]:
    return (number // 3, f"n{number}")


def read(numbers: range, wanted: PageRequest) -> Page[int]:
    """As a database would: what stands between, from one end, one more than the limit."""
    part = window(wanted, (int, str))
    found = [
        each
        for each in numbers
        if (part.after is None or place(each) > part.after) and (part.before is None or place(each) < part.before)
    ]
    few = found[-part.limit - 1 :] if part.is_from_end else found[: part.limit + 1]
    return page_of_window(few, place, part)


@given(
    length=st.integers(1, 9),
    first=SIZES,
    last=SIZES,
    after=st.none() | st.integers(0, 8),
    before=st.none() | st.integers(0, 8),
)
def test_it_has_the_same_elements_and_cursors(
    length: int, first: int | None, last: int | None, after: int | None, before: int | None
) -> None:
    """Forward, backward, between two cursors, and the last of the first."""
    numbers = range(length)
    cursors = page(numbers, place, PageRequest(first=100)).cursors
    wanted = PageRequest(
        first,
        None if after is None or after >= length else cursors[after],
        last,
        None if before is None or before >= length else cursors[before],
    )
    of_list, of_window = page(numbers, place, wanted), read(numbers, wanted)
    assert of_window.elements == of_list.elements
    assert of_window.cursors == of_list.cursors
    if of_list.elements:
        assert of_window.has_next == of_list.has_next
        assert of_window.has_previous == of_list.has_previous

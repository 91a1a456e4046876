"""Pages of a list, by Relay's rules."""

from __future__ import annotations

import pytest

from schema.domain.page import Page, PageRequest, page
from schema.errors import DomainError

LETTERS = "ABCDE"


def of(letters: str, **wanted: int | str | None) -> Page[str]:
    return page(letters, lambda letter: (letter,), PageRequest(**wanted))  # type: ignore[arg-type]


def cursor(letter: str) -> str:
    return of(letter).cursors[0]


@pytest.mark.parametrize(
    ("wanted", "elements", "has_previous", "has_next"),
    [
        ({}, "ABCDE", False, False),
        ({"first": 2}, "AB", False, True),
        ({"first": 2, "after": "B"}, "CD", True, True),
        ({"first": 2, "after": "D"}, "E", True, False),
        ({"first": 2, "after": "E"}, "", True, False),
        ({"first": 0}, "", False, True),
        ({"last": 2}, "DE", True, False),
        ({"last": 2, "before": "D"}, "BC", True, True),
        ({"last": 2, "before": "B"}, "A", False, True),
        ({"last": 2, "before": "A"}, "", False, True),
        ({"first": 3, "last": 1}, "C", True, True),
        ({"after": "A", "before": "D"}, "BC", True, True),
        ({"after": "D", "before": "B"}, "", True, True),
    ],
)
def test_a_page_is_cut_forward_and_backward(
    wanted: dict[str, int | str], elements: str, has_previous: bool, has_next: bool
) -> None:
    """Whether there is more on either side is exact."""
    given = {name: cursor(value) if isinstance(value, str) else value for name, value in wanted.items()}
    cut = of(LETTERS, **given)
    assert ("".join(cut.elements), cut.has_previous, cut.has_next) == (elements, has_previous, has_next)
    assert cut.cursors == tuple(cursor(each) for each in elements)


def test_a_page_goes_on_where_the_last_one_ended_though_elements_came_and_went() -> None:
    """Nothing is shown twice and nothing is left out, even when the cursor's own element is gone."""
    before = of("BDF", first=2)
    assert before.elements == ("B", "D")
    after = of("ABCEF", first=2, after=before.cursors[-1])
    assert after.elements == ("E", "F")


def test_without_a_size_a_page_has_twenty() -> None:
    """Nobody who forgets the size is handed everything."""
    assert len(of("ABCDEFGHIJKLMNOPQRSTUVWXYZ").elements) == 20


@pytest.mark.parametrize(
    "wanted",
    [
        {"first": -1},
        {"first": 101},
        {"last": -1},
        {"after": ""},
        {"after": "nonsense"},
        {"after": "A" * 100_000},
        {"before": "WzFd"},
        {"before": "eyJhIjoxfQ=="},
        {"before": "W1tdXQ=="},
    ],
    ids=["negative", "too many", "negative last", "empty", "no base64", "long", "a number", "an object", "a list"],
)
def test_what_makes_no_sense_is_refused(wanted: dict[str, int | str]) -> None:
    """With the name of the argument, never with a stack trace."""
    (name,) = wanted
    with pytest.raises(DomainError, match=f"`{name}`"):
        of(LETTERS, **wanted)


def test_an_empty_list_has_an_empty_page() -> None:
    """Also behind a cursor that was taken when it was not empty."""
    cut = of("", after=cursor("A"))
    assert (cut.elements, cut.has_previous, cut.has_next) == ((), False, False)

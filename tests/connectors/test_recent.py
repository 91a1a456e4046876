"""A bounded cache keeps what is used."""

from __future__ import annotations

from connectors.recent import Recent, known_by_text


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    """Asking keeps it, and so does putting it in again."""
    recent: Recent[str, int] = Recent(3, 100)
    for number, name in enumerate("abc"):
        recent.keep(name, number, 1)
    recent.get("a")
    recent.keep("b", 10, 1)
    recent.keep("d", 3, 1)
    assert [recent.get(name) for name in "abcd"] == [0, 10, None, 3]


def test_none_are_kept_where_none_may_be() -> None:
    """Asked anew each time."""
    recent: Recent[str, int] = Recent(0, 100)
    recent.keep("a", 1, 1)
    assert recent.get("a") is None


def test_what_is_kept_weighs_no_more_than_it_may_together() -> None:
    """However many of them there may be; what is too heavy by itself is not kept, and pushes nobody out."""
    recent: Recent[str, str] = Recent(1_000, 10)
    for name in "abc":
        recent.keep(name, name, 4)
    assert [recent.get(name) for name in "abc"] == [None, "b", "c"]
    recent.keep("b", "b", 1)
    recent.keep("d", "d", 5)
    assert [recent.get(name) for name in "bcd"] == ["b", "c", "d"]
    recent.keep("e", "e", 11)
    assert [recent.get(name) for name in "bcde"] == ["b", "c", "d", None]


def test_what_is_made_of_texts_is_known_as_long_as_they_are_short_enough_together() -> None:
    """A client who writes a new text each time fills no memory."""
    asked: list[tuple[str, int]] = []

    @known_by_text(100, 10)
    def made(text: str, times: int) -> str:
        asked.append((text, times))
        return text * times

    assert [made("abcd", 2), made("abcd", 2), made("abcd", 3)] == ["abcdabcd"] * 2 + ["abcd" * 3]
    assert asked == [("abcd", 2), ("abcd", 3)]
    made("efgh", 1)
    made("abcd", 3)
    made("abcd", 2)
    assert asked[2:] == [("efgh", 1), ("abcd", 2)]

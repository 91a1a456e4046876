"""A bounded cache keeps what is used."""

from __future__ import annotations

from hub.gateway.recent import Recent


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    """Asking keeps it, and so does putting it in again."""
    recent: Recent[str, int] = Recent(3)
    for number, name in enumerate("abc"):
        recent.keep(name, number)
    recent.get("a")
    recent.keep("b", 10)
    recent.keep("d", 3)
    assert [recent.get(name) for name in "abcd"] == [0, 10, None, 3]


def test_none_are_kept_where_none_may_be() -> None:
    """Asked anew each time."""
    recent: Recent[str, int] = Recent(0)
    recent.keep("a", 1)
    assert recent.get("a") is None

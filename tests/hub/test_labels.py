"""Which labels of progressive overrides are on for a request."""

from __future__ import annotations

import pytest

from hub.gateway.labels import labels_on


@pytest.mark.parametrize(
    ("chance", "expected"), [(0.0, {"percent(5)", "percent(60.5)"}), (0.5, {"percent(60.5)"}), (0.99, set())]
)
def test_a_percentage_is_on_for_so_many_requests_of_a_hundred(chance: float, expected: set[str]) -> None:
    """Each request draws for itself; no percentage is on always or never but 100 and 0."""
    labels = ("percent(0)", "percent(5)", "percent(60.5)")
    assert labels_on(labels, (), lambda: chance) == expected


def test_hundred_percent_is_always_on() -> None:
    """The highest draw is below one."""
    assert labels_on(("percent(100)",), (), lambda: 0.999999) == {"percent(100)"}


def test_a_name_is_on_where_the_settings_say_so() -> None:
    """A label that the settings name and no field has does nothing."""
    assert labels_on(("move-phone", "move-mail"), ("move-mail", "other")) == {"move-mail"}

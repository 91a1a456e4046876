"""The verdict on notices finds what is lost and what is doubled."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chaos.verdict.findings import Verdict
from tests.chaos.verdict.notices import check_notices

GOOD: tuple[Any, ...] = ("d", "case", "DECIDED", "DELIVERED", False)


@pytest.mark.parametrize(
    ("decisions", "deliveries", "messages", "lost", "doubled"),
    [
        (["case"], [GOOD], ["d.1"], 0, 0),
        (["case"], [], [], 1, 0),
        (["case"], [GOOD], [], 1, 0),
        (["case"], [("d", "case", "DECIDED", "GIVEN_UP", False)], ["d.1"], 1, 0),
        (["case"], [GOOD], ["d.1", "d.1"], 0, 1),
        (["case"], [GOOD], ["d.1", "d.2"], 0, 1),
        (["case"], [("d", "case", "DECIDED", "DELIVERED", True)], ["d.1", "d.1"], 0, 0),
        (["case"], [GOOD, ("e", "case", "DECIDED", "DELIVERED", False)], ["d.1", "e.1"], 0, 1),
        (["case"], [GOOD], ["d.1", "x.1"], 0, 1),
        ([], [("d", None, "LICENCE", "DELIVERED", False)], ["d.1"], 0, 0),
    ],
)
def test_each_decision_is_told_once(
    decisions: list[str], deliveries: list[tuple[Any, ...]], messages: list[str], lost: int, doubled: int
) -> None:
    """One delivery for a decision, one message for a delivery, unless it says that it may have come twice."""
    verdict = Verdict()
    check_notices(verdict, decisions, deliveries, messages)
    assert (verdict.number(verdict.lost), verdict.number(verdict.doubled)) == (lost, doubled)

"""What may become of a durable request, and what a department's outcome means (docs/spec/durable.md, "States")."""

from __future__ import annotations

from typing import Any

import pytest

from schema.domain.ticket import FINAL, TicketMove, TicketState, moved, outcome_of

A, S, D, F, C, U = (
    TicketState.ACCEPTED,
    TicketState.SENT,
    TicketState.DONE,
    TicketState.FAILED,
    TicketState.CANCELLED,
    TicketState.OUTCOME_UNKNOWN,
)
TABLE = {
    # state: send, cancel, expire, succeed, fail, lose, confirm, refute
    A: (S, C, F, D, F, U, None, None),
    S: (None, None, None, D, F, U, None, None),
    U: (None, None, None, None, None, None, D, F),
    D: (None,) * 8,
    F: (None,) * 8,
    C: (None,) * 8,
}


@pytest.mark.parametrize("state", list(TicketState))
def test_each_state_has_its_moves_and_no_others(state: TicketState) -> None:
    """Sent is no way back to cancelled; the end is the end; only an operator ends what nobody knows."""
    assert tuple(moved(state, move) for move in TicketMove) == TABLE[state]


def test_nothing_leads_out_of_the_end() -> None:
    """Three ends; an unknown outcome is none."""
    assert {D, F, C} == FINAL
    assert all(moved(state, move) is None for state in FINAL for move in TicketMove)


@pytest.mark.parametrize(
    ("said", "move", "result", "code"),
    [
        ({"response": {"data": {"a": {"b": 1}}}}, "succeed", {"b": 1}, None),
        ({"response": {"data": {"a": None}}}, "succeed", None, None),
        ({"response": {"data": {"a": False}}}, "succeed", False, None),
        ({"response": {"data": {"a": 1}, "errors": [{"message": "half"}]}}, "succeed", 1, None),
        ({"response": {"data": None, "errors": [{"message": "no"}]}}, "fail", None, "DEPARTMENT_ERROR"),
        (
            {
                "response": {
                    "data": {"a": None},
                    "errors": [{"message": "no", "extensions": {"code": "NOT_FOUND"}}],
                }
            },
            "fail",
            None,
            "NOT_FOUND",
        ),
        (
            {"response": {"errors": [{"message": "no", "extensions": {"code": "MADE_UP"}}]}},
            "fail",
            None,
            "DEPARTMENT_ERROR",
        ),
        ({"response": {"data": {}}}, "fail", None, "DEPARTMENT_MALFORMED_ANSWER"),
        ({"response": "?"}, "fail", None, "DEPARTMENT_MALFORMED_ANSWER"),
        ("?", "fail", None, "DEPARTMENT_MALFORMED_ANSWER"),
        ({"failure": {"code": "DEPARTMENT_TIMEOUT", "message": "late"}}, "fail", None, "DEPARTMENT_TIMEOUT"),
        ({"failure": {"code": "OUTCOME_UNKNOWN"}}, "lose", None, "OUTCOME_UNKNOWN"),
        ({"failure": None}, "fail", None, "DEPARTMENT_ERROR"),
    ],
)
def test_what_an_outcome_means(said: Any, move: str, result: Any, code: str | None) -> None:
    """A value is done, whatever stands beside it; null with an error is not; nonsense is no success."""
    outcome = outcome_of(said, "a")
    assert (outcome.move.value, outcome.result) == (move, result)
    assert (outcome.error.code if outcome.error else None) == code


def test_a_departments_words_are_cut() -> None:
    """They are shown to people, and kept."""
    outcome = outcome_of({"failure": {"code": "DEPARTMENT_ERROR", "message": "x" * 2000}}, "a")
    assert outcome.error is not None
    assert outcome.error.message == "x" * 500

"""Destruction lists, rule by rule (domain.md, 9.11; article 14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from schema.domain.destruction import (
    DestructionEvent,
    DestructionEventType,
    DestructionList,
    DestructionState,
    DestructionStep,
    drafted,
    fold,
    impossible,
    may_be_listed,
    transition,
)

T, S = DestructionEventType, DestructionState
NOW = datetime(2030, 1, 1, tzinfo=UTC)
LATER, OVER = NOW + timedelta(days=29), NOW + timedelta(days=30)
NEW = DestructionList("DL1")
REVIEWED, APPROVED = DestructionStep(T.REVIEWED, NOW, "lin"), DestructionStep(T.APPROVED, NOW, "sun")
EXECUTED = DestructionStep(T.EXECUTED, OVER, "system")


def walked(*steps: DestructionStep) -> tuple[DestructionList, list[DestructionEvent]]:
    found, event = drafted(NEW, DestructionStep(T.DRAFTED, NOW, "ada", "term over"))
    events = [event]
    for step in steps:
        found, event = transition(found, step)
        events.append(event)
    return found, events


@pytest.mark.parametrize(
    ("before", "step", "why"),
    [
        ((), DestructionStep(T.REVIEWED, NOW, "ada"), "Another person than the author"),
        ((), APPROVED, "can happen in: REVIEWED"),
        ((REVIEWED,), DestructionStep(T.APPROVED, NOW, "ada"), "third person"),
        ((REVIEWED,), DestructionStep(T.APPROVED, NOW, "lin"), "third person"),
        ((REVIEWED,), REVIEWED, "can happen in: DRAFTED"),
        ((REVIEWED,), DestructionStep(T.STOPPED, NOW, "sun", " "), "Give a reason"),
        ((REVIEWED, APPROVED), DestructionStep(T.EXECUTED, LATER, "system"), "waits for 30 days"),
        ((REVIEWED, APPROVED), DestructionStep(T.STOPPED, OVER, "ada", "wrong"), "waiting is over"),
        ((REVIEWED, APPROVED, EXECUTED), DestructionStep(T.STOPPED, OVER, "ada", "wrong"), "can happen in"),
    ],
)
def test_what_the_rules_refuse_says_why(
    before: tuple[DestructionStep, ...], step: DestructionStep, why: str
) -> None:
    assert why in (impossible(walked(*before)[0], step) or "")


def test_a_list_is_the_fold_of_its_events() -> None:
    found, events = walked(REVIEWED, APPROVED, EXECUTED)
    assert fold(NEW, events) == found
    assert (found.author, found.reviewer, found.archivist) == ("ada", "lin", "sun")
    assert (found.state, found.waits_until, found.executed_at) == (S.EXECUTED, OVER, OVER)
    with pytest.raises(ValueError, match="misses the event"):
        fold(NEW, events[1:])


def test_what_must_be_kept_is_not_listed() -> None:
    assert may_be_listed(NOW, NOW)
    assert not may_be_listed(NOW + timedelta(seconds=1), NOW)

"""Follow-ups of low ratings, rule by rule (domain.md, 7; articles 17, 23)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from schema.domain.follow_up import (
    FollowUp,
    FollowUpEvent,
    FollowUpEventType,
    FollowUpState,
    FollowUpStep,
    begun,
    card_moments,
    fold,
    impossible,
    limits,
    opens,
    transition,
)
from schema.domain.working_days import WEEKENDS_ONLY

T, S = FollowUpEventType, FollowUpState
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NEW = FollowUp("1", "FU1", "anna", frozenset({"hanna"}))


def walked(*steps: tuple[FollowUpEventType, dict[str, Any]]) -> tuple[FollowUp, list[FollowUpEvent]]:
    found, event = begun(NEW, MONDAY)
    events = [event]
    for kind, data in steps:
        found, event = transition(found, FollowUpStep(kind, MONDAY, data))
        events.append(event)
    return found, events


TAKE = (T.TAKEN, {"officer": "hugo"})
VERIFY = (T.VERIFIED, {"officer": "hugo", "text": "true"})
MEND = (T.RESOLVED, {"officer": "hugo", "text": "mended"})
REPLY = (T.REPLIED, {"text": "thanks"})


@pytest.mark.parametrize(("stars", "obliges"), [(1, True), (2, True), (3, False), (4, False), (5, False)])
def test_one_and_two_stars_open_one(stars: int, obliges: bool) -> None:
    assert opens(stars) is obliges


def test_limits_are_five_and_fifteen_working_days() -> None:
    """24:00 at Beijing of the last one: verified by the Monday after, mended two weeks later."""
    until = limits(MONDAY, WEEKENDS_ONLY)
    assert until.verify_by == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    assert until.resolve_by == datetime(2026, 12, 14, 16, 0, tzinfo=UTC)
    levels = {state: [each.level for each in card_moments(state, until)] for state in S}
    assert levels == {
        S.OPEN: ["YELLOW", "RED"],
        S.TAKEN: ["YELLOW", "RED"],
        S.VERIFIED: ["RED"],
        S.RESOLVED: [],
        S.EXPLAINED: [],
    }


@pytest.mark.parametrize(
    ("before", "type", "data", "why"),
    [
        ((), T.TAKEN, {"officer": "hanna"}, "had a part"),
        ((), T.TAKEN, {"officer": "anna"}, "had a part"),
        ((), T.VERIFIED, {"officer": "hugo", "text": "x"}, "can happen in: TAKEN"),
        ((TAKE,), T.TAKEN, {"officer": "hugo"}, "already"),
        ((TAKE,), T.VERIFIED, {"officer": "hugo", "text": " "}, "State `text`"),
        ((TAKE,), T.VERIFIED, {"officer": "chief", "text": "x"}, "Only the officer who took it"),
        ((TAKE,), T.RESOLVED, {"officer": "hugo", "text": "x"}, "can happen in: VERIFIED"),
        ((TAKE,), T.MARKED_MALICIOUS, {"officer": "s", "text": "x"}, "can happen in"),
        ((TAKE, VERIFY), T.REPLIED, {"text": "x"}, "can happen in: EXPLAINED, RESOLVED"),
        ((TAKE, VERIFY, MEND, REPLY), T.REPLIED, {"text": "x"}, "answers once"),
        ((TAKE, VERIFY, MEND), T.EXPLAINED, {"officer": "hugo", "text": "x"}, "can happen in: VERIFIED"),
    ],
)
def test_what_the_rules_refuse_says_why(
    before: tuple[Any, ...], type: FollowUpEventType, data: dict[str, Any], why: str
) -> None:
    found, _ = walked(*before)
    assert why in (impossible(found, FollowUpStep(type, MONDAY, data)) or "")


def test_a_follow_up_is_the_fold_of_its_events() -> None:
    found, events = walked(TAKE, VERIFY, MEND, REPLY)
    assert fold(NEW, events) == found
    assert (found.state, found.finding, found.outcome, found.reply) == (S.RESOLVED, "true", "mended", "thanks")
    with pytest.raises(ValueError, match="misses the event"):
        fold(NEW, events[1:])

"""One notice on its way by one channel: tried until it is taken, proved or 72 hours old, and sent once in effect.

``after`` folds what is known of a delivery; whatever comes twice, late or in another order finds its end in the
table below. A gateway keeps what it was given under the delivery's key, so that asking it again with the same key
never makes a second message: a try whose outcome is unknown therefore stays with its gateway.
Source: domain.md, 9.10; docs/notices.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

TRIED_FOR = timedelta(hours=72)
"""After the notice; then it is given up. Source: domain.md, 9.10."""
PAUSES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
"""Between two tries; the last one again and again."""
QUESTIONS = (timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
"""Between two questions to a gateway that has taken it and says nothing of its arrival."""
UNCERTAIN_FOR = timedelta(minutes=10)
"""So long a try of unknown outcome stays with its gateway; then another one may have it, and it may come twice."""


class DeliveryState(StrEnum):
    WAITING = "WAITING"
    HANDED_OVER = "HANDED_OVER"
    """A gateway has taken it; whether it has arrived nobody has said."""
    DELIVERED = "DELIVERED"
    """There is proof that it arrived."""
    FAILED = "FAILED"
    """The address takes nothing: trying again is of no use."""
    GIVEN_UP = "GIVEN_UP"
    """72 hours passed without proof."""
    SUPPRESSED = "SUPPRESSED"
    """Its address was removed before it was sent."""


class News(StrEnum):
    """What becomes known of a delivery."""

    TAKEN = "TAKEN"
    TAKEN_WITHOUT_PROOF = "TAKEN_WITHOUT_PROOF"
    """By a gateway that never tells of arrivals."""
    NOT_TAKEN = "NOT_TAKEN"
    """It is certain that the gateway does not have it."""
    UNCERTAIN = "UNCERTAIN"
    REFUSED = "REFUSED"
    PROVED = "PROVED"
    REPORTED_FAILED = "REPORTED_FAILED"
    STILL_UNDER_WAY = "STILL_UNDER_WAY"
    LOST = "LOST"
    """The gateway that had taken it does not know it any more."""
    TIME_OVER = "TIME_OVER"
    ADDRESS_GONE = "ADDRESS_GONE"


_S, _N = DeliveryState, News
TRANSITIONS: Mapping[DeliveryState, Mapping[News, DeliveryState]] = {
    _S.WAITING: {
        _N.TAKEN: _S.HANDED_OVER,
        _N.TAKEN_WITHOUT_PROOF: _S.HANDED_OVER,
        _N.NOT_TAKEN: _S.WAITING,
        _N.UNCERTAIN: _S.WAITING,
        _N.REFUSED: _S.FAILED,
        _N.PROVED: _S.DELIVERED,
        _N.REPORTED_FAILED: _S.WAITING,
        _N.TIME_OVER: _S.GIVEN_UP,
        _N.ADDRESS_GONE: _S.SUPPRESSED,
    },
    _S.HANDED_OVER: {
        _N.REFUSED: _S.FAILED,
        _N.PROVED: _S.DELIVERED,
        _N.REPORTED_FAILED: _S.WAITING,
        _N.LOST: _S.WAITING,
        _N.STILL_UNDER_WAY: _S.HANDED_OVER,
        _N.TIME_OVER: _S.GIVEN_UP,
    },
    # What has arrived has arrived, whenever that is told.
    _S.FAILED: {_N.PROVED: _S.DELIVERED},
    _S.GIVEN_UP: {_N.PROVED: _S.DELIVERED},
    _S.SUPPRESSED: {_N.PROVED: _S.DELIVERED},
    _S.DELIVERED: {_N.PROVED: _S.DELIVERED},
}
"""What is not in it changes nothing."""
ENDS = frozenset({_S.DELIVERED, _S.FAILED, _S.GIVEN_UP, _S.SUPPRESSED})
IN_VAIN = frozenset({_S.FAILED, _S.GIVEN_UP})
"""From these an operator may have it sent again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """``round`` counts messages that certainly did not arrive: it is part of the key that a gateway gets.

    ``in_hand_since``: a gateway may have it, or may not. ``next_at``: when something is to be done.
    ``again_at``: when an operator had it sent again, the last time.
    """

    id: str
    noticed_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    questions: int = 0
    round: int = 1
    gateway: str | None = None
    in_hand_since: datetime | None = None
    next_at: datetime | None = None
    handed_over_at: datetime | None = None
    delivered_at: datetime | None = None
    may_be_double: bool = False
    again_at: datetime | None = None

    @property
    def key(self) -> str:
        """What a gateway knows this message by, however often it is given it."""
        return f"{self.id}.{self.round}"

    @property
    def ends_at(self) -> datetime:
        """When it is given up."""
        return (self.again_at or self.noticed_at) + TRIED_FOR

    @property
    def is_over(self) -> bool:
        return self.next_at is None

    @property
    def deemed_at(self) -> datetime | None:
        """When it counts as delivered: the proof's moment; without proof the end of the first tries, since all
        that time it could be read in the hub. Sending it again moves no date. ``None``: it was never tried by this
        channel, so nothing is deemed of it."""
        if self.delivered_at is not None:
            return self.delivered_at
        return None if self.state is DeliveryState.SUPPRESSED else self.noticed_at + TRIED_FOR


def holder(delivery: Delivery, now: datetime) -> str | None:
    """The gateway that the next try must go to, because it may have the message already."""
    since = delivery.in_hand_since
    return delivery.gateway if since is not None and now < since + UNCERTAIN_FOR else None


def given(delivery: Delivery, gateway: str, now: datetime, lease: timedelta) -> Delivery:
    """A try begins: noted before anything is sent, so that a crash in between is known as uncertain."""
    stays = delivery.gateway == gateway and delivery.in_hand_since is not None
    return replace(
        delivery,
        attempts=delivery.attempts + 1,
        gateway=gateway,
        in_hand_since=delivery.in_hand_since if stays else now,
        may_be_double=delivery.may_be_double or (delivery.in_hand_since is not None and not stays),
        next_at=now + lease,
    )


def weighed(news: News, *, was_uncertain: bool) -> News:
    """What a gateway does not take now it may have taken before, when nobody heard its answer."""
    return News.UNCERTAIN if was_uncertain and news is News.NOT_TAKEN else news


def after(delivery: Delivery, news: News, now: datetime, proved_at: datetime | None = None) -> Delivery:
    """The delivery as it is once this is known. ``proved_at`` is when it arrived, where that is the news."""
    state = TRANSITIONS[delivery.state].get(news)
    if state is None:
        return delivery
    if news is News.PROVED:
        moments = [moment for moment in (proved_at or now, delivery.delivered_at) if moment is not None]
        first = max(min(moments), delivery.noticed_at)
        return _ended(replace(delivery, delivered_at=first), state)
    if state in ENDS:
        return _ended(delivery, state)
    if news is News.TAKEN_WITHOUT_PROOF:
        return replace(_ended(delivery, state), handed_over_at=now)
    if news is News.TAKEN:
        next_at = min(now + QUESTIONS[0], delivery.ends_at)
        return replace(delivery, state=state, in_hand_since=None, handed_over_at=now, questions=0, next_at=next_at)
    if news is News.STILL_UNDER_WAY:
        asked = delivery.questions + 1
        next_at = min(now + QUESTIONS[min(asked, len(QUESTIONS) - 1)], delivery.ends_at)
        return replace(delivery, questions=asked, next_at=next_at)
    next_at = min(now + PAUSES[min(max(delivery.attempts, 1), len(PAUSES)) - 1], delivery.ends_at)
    if news is News.UNCERTAIN:
        return replace(delivery, state=state, next_at=next_at)
    is_new_message = news in {News.REPORTED_FAILED, News.LOST}
    return replace(
        delivery,
        state=state,
        in_hand_since=None,
        handed_over_at=None,
        round=delivery.round + is_new_message,
        next_at=next_at,
    )


def sent_again(delivery: Delivery, now: datetime) -> Delivery:
    """What came to nothing begins anew, for 72 hours; in any other state it stays as it is.

    What nobody took keeps its key, so that a gateway that has it after all makes no second message of it. What a
    gateway took, or refused, gets a new one; a message that was taken may still arrive, and is said to.
    """
    if delivery.state not in IN_VAIN:
        return delivery
    was_taken = delivery.handed_over_at is not None
    is_new_message = was_taken or delivery.state is DeliveryState.FAILED
    return replace(
        delivery,
        state=DeliveryState.WAITING,
        questions=0,
        round=delivery.round + is_new_message,
        handed_over_at=None,
        may_be_double=delivery.may_be_double or (was_taken and delivery.state is DeliveryState.GIVEN_UP),
        again_at=now,
        next_at=now,
    )


def is_current(delivery: Delivery, gateway: str, key: str) -> bool:
    """Whether a gateway speaks of the message that is under way, and not of one that was replaced."""
    return delivery.gateway == gateway and delivery.key == key


def _ended(delivery: Delivery, state: DeliveryState) -> Delivery:
    """What may lie at a gateway when the tries end may lie there when it is sent again."""
    since = delivery.in_hand_since if state is DeliveryState.GIVEN_UP else None
    return replace(delivery, state=state, in_hand_since=since, next_at=None)

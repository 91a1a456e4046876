"""What an operator can set for one connector, each with its bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

Value = int | bool


class InvalidResilience(ValueError):
    """A setting that does not exist, or a value out of its bounds. The text names it and what is allowed."""


@dataclass(frozen=True, slots=True)
class ResilienceSettings:
    """``retries`` and ``retry_delay`` (doubling, with jitter) hold for queries only, and so does ``hedge``.

    ``retry_percent`` bounds all retries by the number of requests. ``queue_length`` and ``queue_wait`` say how
    many wait for one of ``concurrency`` slots, and how long. ``stale_if_error`` is how much older than its
    ``maxAge`` an answer may be that stands in for a failed one. ``hedge`` asks a second time after the time in
    which 95 of 100 were answered. ``subscriptions_go_on`` is how long a subscription that lost its department,
    or the department's agent, is tried again before it ends.
    """

    deadline: timedelta = timedelta(seconds=5)
    concurrency: int = 50
    queue_length: int = 100
    queue_wait: timedelta = timedelta(milliseconds=500)
    retries: int = 2
    retry_delay: timedelta = timedelta(milliseconds=50)
    retry_percent: int = 20
    failures_to_open: int = 5
    trial_interval: timedelta = timedelta(seconds=1)
    stale_if_error: timedelta = timedelta()
    subscriptions_go_on: timedelta = timedelta(minutes=5)
    hedge: bool = False

    def values(self) -> dict[str, Value]:
        """Every setting under the name that an operator gives it."""
        return {each.name: each.read(self) for each in KNOBS}

    def changed(self, values: Mapping[str, object]) -> ResilienceSettings:
        """The same with these, by operators' names. Raises :class:`InvalidResilience` with every mistake."""
        known = {each.name: each for each in KNOBS}
        mistakes = [
            f'"{name}" is no setting of a connector; there are {", ".join(known)}.'
            for name in values
            if name not in known
        ]
        mistakes += [
            mistake
            for name, value in values.items()
            if name in known and (mistake := known[name].mistake(value)) is not None
        ]
        if mistakes:
            raise InvalidResilience(" ".join(mistakes))
        changed: dict[str, object] = {}
        for name, value in values.items():
            changed[known[name].field] = known[name].meant(value)
        return replace(self, **changed)  # type: ignore[arg-type]  # each knob gives its field's own type


@dataclass(frozen=True, slots=True)
class Knob:
    """One setting as an operator knows it: whole numbers in the ``unit`` that its name says, or yes and no."""

    name: str
    field: str
    least: int
    most: int
    meaning: str
    unit: timedelta | None = None
    is_switch: bool = False

    def read(self, settings: ResilienceSettings) -> Value:
        value: object = getattr(settings, self.field)
        if isinstance(value, timedelta) and self.unit is not None:
            return round(value / self.unit)
        return value if isinstance(value, int) else 0

    def mistake(self, value: object) -> str | None:
        """What is wrong with a value, and what is allowed."""
        if self.is_switch:
            return None if isinstance(value, bool) else f'"{self.name}" is true or false.'
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            return f'"{self.name}" is a whole number from {self.least} to {self.most}.'
        return None

    def meant(self, value: object) -> object:
        return value * self.unit if self.unit is not None and isinstance(value, int) else value


_MILLISECOND, _SECOND = timedelta(milliseconds=1), timedelta(seconds=1)

KNOBS: tuple[Knob, ...] = (
    Knob("deadline_ms", "deadline", 50, 60_000, "Deadline of one request, retries included.", _MILLISECOND),
    Knob("concurrency", "concurrency", 1, 10_000, "Requests in hand at once."),
    Knob("queue_length", "queue_length", 0, 10_000, "Requests that may wait for one of them to end."),
    Knob("queue_wait_ms", "queue_wait", 0, 60_000, "How long each of them may wait.", _MILLISECOND),
    Knob("retries", "retries", 0, 5, "How often a read that was not taken is sent again."),
    Knob("retry_delay_ms", "retry_delay", 1, 5_000, "The first pause before that; it doubles.", _MILLISECOND),
    Knob("retry_percent", "retry_percent", 0, 100, "Retries in a hundred requests, at most."),
    Knob("failures_to_open", "failures_to_open", 1, 1_000_000, "Failures of one kind in a row that open."),
    Knob("trial_interval_ms", "trial_interval", 50, 600_000, "While open, a trial in so long.", _MILLISECOND),
    Knob("stale_if_error_s", "stale_if_error", 0, 604_800, "How long past maxAge an answer stands in.", _SECOND),
    Knob("subscriptions_go_on_s", "subscriptions_go_on", 0, 86_400, "How long one is tried again.", _SECOND),
    Knob("hedge", "hedge", 0, 1, "Ask slow reads a second time.", is_switch=True),
)

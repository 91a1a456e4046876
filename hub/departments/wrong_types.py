"""Which departments answer with what their own schemas forbid, and how often.

Counted where answers are completed, since only there a value meets its type; over the last ten minutes of this
process. A department that is asked little is not judged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.clock import Clock
from hub.departments.conditions import ConditionKind, Observation
from hub.gateway.observer import AnsweredOperation
from hub.registry.registration import ConnectorVersion
from schema.errors import RuntimeCode

WINDOW = timedelta(minutes=10)
FEWEST_ANSWERS = 100
MOST_WRONG = 0.01
_WRONG = RuntimeCode.DEPARTMENT_WRONG_TYPE


@dataclass(slots=True)
class _Minute:
    begins: datetime
    answers: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)


class WrongTypes:
    """An observer of the gateway, and a way to look at the connectors that serve."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._minutes: deque[_Minute] = deque([_Minute(clock.now())])
        self._versions: dict[str, int] | None = None

    def answered(self, operation: AnsweredOperation) -> None:
        """Each subgraph that was asked has one answer in it, right or wrong."""
        answer = operation.answer
        if answer is None or not answer.services:
            return
        now = self._minutes[-1]
        for service in set(answer.services):
            now.answers[service] = now.answers.get(service, 0) + 1
        if answer.errors:
            for told in {_service(error) for error in answer.errors} - {None}:
                now.wrong[str(told)] = now.wrong.get(str(told), 0) + 1

    async def __call__(self, members: Sequence[ConnectorVersion]) -> Observation:
        """More than :data:`MOST_WRONG` of at least :data:`FEWEST_ANSWERS` answers."""
        self._turn()
        self._forget_changed(members)
        wrong: dict[tuple[str, ConditionKind], str] = {}
        looked_at = set()
        for member in members:
            answers = sum(minute.answers.get(member.name, 0) for minute in self._minutes)
            bad = sum(minute.wrong.get(member.name, 0) for minute in self._minutes)
            if answers < FEWEST_ANSWERS and bad:
                continue
            looked_at.add((member.name, ConditionKind.WRONG_TYPES))
            if bad > MOST_WRONG * answers:
                share = f"{100 * bad / answers:.1f} %"
                detail = f"{bad} of {answers} answers in ten minutes ({share}) had a value that its schema forbids"
                wrong[member.name, ConditionKind.WRONG_TYPES] = detail
        return Observation(wrong, frozenset(looked_at))

    def _forget_changed(self, members: Sequence[ConnectorVersion]) -> None:
        """Another version, or one that was away, begins anew."""
        versions = {member.name: member.version for member in members}
        before = versions if self._versions is None else self._versions
        for name in {name for name, version in versions.items() if before.get(name) != version}:
            for minute in self._minutes:
                minute.answers.pop(name, None)
                minute.wrong.pop(name, None)
        self._versions = versions

    def _turn(self) -> None:
        """A new minute where one is over; what is older than the window is forgotten."""
        now = self._clock.now()
        if now - self._minutes[-1].begins >= timedelta(minutes=1):
            self._minutes.append(_Minute(now))
        while len(self._minutes) > 1 and now - self._minutes[0].begins >= WINDOW:
            self._minutes.popleft()


def _service(error: dict[str, object]) -> object:
    extensions = error.get("extensions")
    if isinstance(extensions, dict) and extensions.get("code") == _WRONG:
        return extensions.get("service")
    return None

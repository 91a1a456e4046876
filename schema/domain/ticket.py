"""What may become of a durable request: its ticket's states, and who moves them.

::

    accepted ─sent to the department→ sent ─outcome→ done │ failed │ outcome unknown
    accepted ─cancel(owner)→ cancelled           outcome unknown ─resolve(operator, reason)→ done │ failed
    accepted ─its time is over→ failed

An outcome may overtake the note that the request was sent. Only the first outcome counts.
Source: docs/spec/durable.md, "States".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from schema.errors import RUNTIME_CODES, RuntimeCode

KEY_HOLDS_FOR = timedelta(hours=24)
"""How long an idempotency key means the same request."""
LONGEST_KEY = 255
KEPT_FOR = timedelta(days=90)
"""How long a ticket can be read once it has ended."""
LONGEST_WORDS = 500


class TicketState(StrEnum):
    ACCEPTED = "ACCEPTED"
    """Kept by the hub, not yet on its way: the owner may cancel it."""
    SENT = "SENT"
    """With the broker or the department."""
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    """The department may have done it; nobody can tell. An operator finds out."""


class TicketMove(StrEnum):
    """What happens to a ticket."""

    SEND = "send"
    CANCEL = "cancel"
    EXPIRE = "expire"
    SUCCEED = "succeed"
    FAIL = "fail"
    LOSE = "lose"
    """Its outcome cannot be known."""
    CONFIRM = "confirm"
    """An operator found out that it was done."""
    REFUTE = "refute"
    """An operator found out that it was not done."""


_OUTCOMES = {
    TicketMove.SUCCEED: TicketState.DONE,
    TicketMove.FAIL: TicketState.FAILED,
    TicketMove.LOSE: TicketState.OUTCOME_UNKNOWN,
}
MOVES: Mapping[tuple[TicketState, TicketMove], TicketState] = {
    (TicketState.ACCEPTED, TicketMove.SEND): TicketState.SENT,
    (TicketState.ACCEPTED, TicketMove.CANCEL): TicketState.CANCELLED,
    (TicketState.ACCEPTED, TicketMove.EXPIRE): TicketState.FAILED,
    **{(TicketState.ACCEPTED, move): state for move, state in _OUTCOMES.items()},
    **{(TicketState.SENT, move): state for move, state in _OUTCOMES.items()},
    (TicketState.OUTCOME_UNKNOWN, TicketMove.CONFIRM): TicketState.DONE,
    (TicketState.OUTCOME_UNKNOWN, TicketMove.REFUTE): TicketState.FAILED,
}
"""Every move that there is; any other pair is refused."""

FINAL = frozenset({TicketState.DONE, TicketState.FAILED, TicketState.CANCELLED})


def moved(state: TicketState, move: TicketMove) -> TicketState | None:
    """The state after it; ``None`` where this cannot happen."""
    return MOVES.get((state, move))


@dataclass(frozen=True, slots=True)
class TicketError:
    """Why a request failed: one of our codes, and words for people."""

    code: str
    message: str

    @classmethod
    def of(cls, code: RuntimeCode, message: str | None = None) -> TicketError:
        return cls(code.value, (message or RUNTIME_CODES[code])[:LONGEST_WORDS])


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended, read from what the department's side says of it."""

    move: TicketMove
    result: Any = None
    error: TicketError | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """One request as it stands. ``owner`` is the subject of the token that it was made with.

    ``subgraph`` and ``field`` say which mutation. The id is that of the command too, and so the department's
    idempotency key. ``stalled_at`` is since when nobody tries it any more, until an operator drives it again.
    Times are aware.
    """

    id: str
    owner: str
    department: str
    subgraph: str
    field: str
    state: TicketState
    version: int
    created_at: datetime
    expires_at: datetime | None = None
    sent_at: datetime | None = None
    done_at: datetime | None = None
    error: TicketError | None = None
    resolved_by: str | None = None
    reason: str | None = None
    stalled_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Nothing more happens to it."""
        return self.state in FINAL


def outcome_of(said: Any, field: str) -> Outcome:
    """What an outcome's data means for the request: ``{"response": …}`` or ``{"failure": …}``.

    The field's value is the result. Where it is null and an error stands beside it, the department did not do it.
    """
    data = said if isinstance(said, dict) else {}
    if "failure" in data:
        return _failed(data["failure"])
    response = data.get("response")
    answer = response if isinstance(response, dict) else {}
    values, errors = answer.get("data"), answer.get("errors")
    result = values.get(field) if isinstance(values, dict) else None
    if result is not None:
        return Outcome(TicketMove.SUCCEED, result)
    if isinstance(errors, list) and errors:
        first = errors[0] if isinstance(errors[0], dict) else {}
        extensions = first.get("extensions")
        told = {**(extensions if isinstance(extensions, dict) else {}), "message": first.get("message")}
        return _failed(told)
    if isinstance(values, dict) and field in values:
        return Outcome(TicketMove.SUCCEED)
    return Outcome(TicketMove.FAIL, error=TicketError.of(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER))


def _failed(failure: Any) -> Outcome:
    told = failure if isinstance(failure, dict) else {}
    code = told.get("code")
    # Only codes of ours: what a department invents could be anything.
    known = (
        RuntimeCode(code) if isinstance(code, str) and code in set(RuntimeCode) else RuntimeCode.DEPARTMENT_ERROR
    )
    message = told.get("message")
    error = TicketError.of(known, message if isinstance(message, str) and message else None)
    if known is RuntimeCode.OUTCOME_UNKNOWN:
        return Outcome(TicketMove.LOSE, error=error)
    return Outcome(TicketMove.FAIL, error=error)

"""Execute a command at its department, tell the hub how it ended, and only then acknowledge it.

Used by the agent on the department's side and by the hub's worker for departments that it can reach.
A department that is away is waited for, with the command in hand; what a department refuses is an
outcome; what nobody can know is OUTCOME_UNKNOWN. Source: docs/architecture.md, "Commands".
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from enum import Enum, auto
from typing import Any

from connectors.broker import Broker, BrokerUnavailable, Delivery, Message, Unroutable
from connectors.clock import Clock
from connectors.command_notes import CommandNotes
from connectors.connector import Connector, ConnectorFailure, FetchRequest
from connectors.handling import backoff
from connectors.queue_messages import (
    COMMAND,
    OUTCOME,
    MalformedMessage,
    failure_data,
    read_request,
    response_data,
)
from connectors.topology import event_address
from schema.errors import RUNTIME_CODES, RuntimeCode

log = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(seconds=4)
FIRST_RETRY = timedelta(seconds=2)
LONGEST_RETRY = timedelta(minutes=5)

_AWAY = frozenset(
    {
        RuntimeCode.DEPARTMENT_UNREACHABLE,
        RuntimeCode.DEPARTMENT_TIMEOUT,
        RuntimeCode.DEPARTMENT_SUSPENDED,
        RuntimeCode.CIRCUIT_OPEN,
        RuntimeCode.DEPARTMENT_BUSY,
        RuntimeCode.RATE_LIMITED,
        RuntimeCode.AGENT_OFFLINE,
        RuntimeCode.BROKER_UNAVAILABLE,
        RuntimeCode.SERVICE_UNAVAILABLE,
    }
)
_NEVER_ASKED = frozenset({RuntimeCode.CIRCUIT_OPEN, RuntimeCode.DEPARTMENT_BUSY, RuntimeCode.DEPARTMENT_SUSPENDED})
_CONFUSED = frozenset(
    {
        RuntimeCode.DEPARTMENT_BAD_STATUS,
        RuntimeCode.DEPARTMENT_MALFORMED_ANSWER,
        RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE,
        RuntimeCode.DEPARTMENT_WRONG_TYPE,
    }
)


class Verdict(Enum):
    """What a failure means for the command that met it."""

    WAIT = auto()
    """The department is away: keep the command in hand and try again, for ever."""
    RETRY = auto()
    """The department answers nonsense: a few times more, then an operator looks at it."""
    UNKNOWN = auto()
    """It may have been executed and cannot be told from a new one: never again by itself."""
    FINAL = auto()
    """The failure is the outcome."""


def judge(failure: ConnectorFailure, *, is_repeatable: bool) -> Verdict:
    """Pure. ``is_repeatable``: the department knows a command by its idempotency key."""
    if failure.never_sent or failure.code in _NEVER_ASKED:
        return Verdict.WAIT
    if failure.code not in _AWAY | _CONFUSED:
        return Verdict.FINAL
    if not is_repeatable:
        return Verdict.UNKNOWN
    return Verdict.WAIT if failure.code in _AWAY else Verdict.RETRY


class CommandHandler:
    """``notes`` are given for a department without idempotency, and only then."""

    def __init__(
        self,
        department: str,
        connector: Connector,
        broker: Broker,
        clock: Clock,
        *,
        notes: CommandNotes | None = None,
        longest_wait: timedelta = LONGEST_WAIT,
    ) -> None:
        self.waiting = 0
        """Commands in hand whose department or broker is away just now."""
        self._department = department
        self._connector = connector
        self._broker = broker
        self._clock = clock
        self._notes = notes
        self._longest_wait = longest_wait

    async def handle(self, delivery: Delivery) -> None:
        """A :data:`connectors.broker.Handler`. Harmless when repeated: the same command carries the same
        idempotency key, or the note of its first execution stops the second; the outcome's id is the same."""
        try:
            request = read_request(delivery.message, expected=COMMAND)
        except MalformedMessage as error:
            await delivery.dead_letter(str(error))
            return
        outcome = await self._known_outcome(delivery) or await self._execute(delivery, request)
        if outcome is None:
            return
        await self._report(delivery.message, outcome)
        await delivery.acknowledge()

    async def _known_outcome(self, delivery: Delivery) -> dict[str, Any] | None:
        """An outcome that stands without executing anything, if there is one."""
        message = delivery.message
        if self._notes is None:
            return None
        note = await self._notes.find(message.id)
        if note is not None and note.outcome is not None:
            return note.outcome
        if note.is_begun if note is not None else delivery.attempt > 1:
            # Without a note, another agent may have had it in hand.
            return _failed(RuntimeCode.OUTCOME_UNKNOWN)
        return None

    async def _execute(self, delivery: Delivery, request: FetchRequest) -> dict[str, Any] | None:
        """How it ended; ``None`` when it is to be delivered again."""
        command, pause = delivery.message.id, timedelta(milliseconds=250)
        while True:
            if (expiry := delivery.message.expires_at) and expiry <= self._clock.now():
                return _failed(RuntimeCode.DEPARTMENT_TIMEOUT, "The command expired before it was executed.")
            if self._notes is not None:
                await self._notes.begin(command, self._clock.now())
            outcome = await self._try(request)
            if isinstance(outcome, dict):
                if self._notes is not None:
                    await self._notes.finish(command, outcome, self._clock.now())
                return outcome
            verdict = judge(outcome, is_repeatable=self._notes is None)
            log.warning("Command %s: %s %s", command, outcome, outcome.detail)
            if verdict is Verdict.FINAL:
                return failure_data(outcome)
            if verdict is Verdict.UNKNOWN:
                return _failed(RuntimeCode.OUTCOME_UNKNOWN)
            if verdict is Verdict.RETRY:
                await delivery.retry(
                    backoff(delivery.attempt, first=FIRST_RETRY, longest=LONGEST_RETRY), str(outcome)
                )
                return None
            if self._notes is not None:
                await self._notes.postpone(command, self._clock.now())
            pause = await self._wait(pause)

    async def _try(self, request: FetchRequest) -> dict[str, Any] | ConnectorFailure:
        try:
            response = await self._connector.fetch(request)
        except ConnectorFailure as failure:
            return failure
        return {"response": response_data(response)}

    async def _wait(self, pause: timedelta) -> timedelta:
        """Sleep with the command in hand; the next pause is twice as long, up to a bound."""
        self.waiting += 1
        try:
            await asyncio.sleep(pause.total_seconds())
        finally:
            self.waiting -= 1
        return min(pause * 2, self._longest_wait)

    async def _report(self, command: Message, outcome: dict[str, Any]) -> None:
        """Return once the broker has the outcome safe, however long it takes."""
        key = command.partition_key or command.subject or command.id
        message = Message(
            id=f"{command.id}.outcome",
            type=OUTCOME,
            source=self._department,
            time=self._clock.now(),
            data={"command": command.id, **outcome},
            subject=command.subject,
            partition_key=key,
            correlation_id=command.id,
            traceparent=command.traceparent,
        )
        pause = timedelta(milliseconds=250)
        while True:
            try:
                await self._broker.publish(event_address(self._department, key), message)
                return
            except (BrokerUnavailable, Unroutable) as error:
                log.warning("The outcome of command %s waits for the broker: %s", command.id, error)
            pause = await self._wait(pause)


def _failed(code: RuntimeCode, message: str | None = None) -> dict[str, Any]:
    return failure_data(ConnectorFailure(code, message or RUNTIME_CODES[code]))

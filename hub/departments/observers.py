"""The ways to look at connectors that serve: by what this process met, and by what they serve themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from graphql import GraphQLError

from connectors.clock import Clock
from connectors.connector import ConnectorFailure
from connectors.resilience import ConnectorState
from hub.departments.conditions import ConditionKind, Observation
from hub.registry.registration import ConnectorVersion, Registration, registration_of
from schema.drift import drift
from schema.mapping import is_overlay

LONGEST_DETAIL = 500
AT_ONCE = 8


class OpenCircuits:
    """A circuit that has been open for ``after`` speaks against the department; a moment does not."""

    def __init__(self, state_of: Callable[[str], ConnectorState | None], clock: Clock, after: timedelta) -> None:
        self._state_of = state_of
        self._clock = clock
        self._after = after
        self._open_since: dict[str, datetime] = {}

    async def __call__(self, members: Sequence[ConnectorVersion]) -> Observation:
        now = self._clock.now()
        states = {member.name: self._state_of(member.name) for member in members}
        is_open = {name for name, state in states.items() if state is not None and state.circuit == "open"}
        self._open_since = {name: self._open_since.get(name, now) for name in is_open}
        wrong = {
            (name, ConditionKind.CIRCUIT_OPEN): _failure(states[name])
            for name, since in self._open_since.items()
            if now - since >= self._after
        }
        closed = states.keys() - is_open
        looked_at = {(name, ConditionKind.CIRCUIT_OPEN) for name in closed} | wrong.keys()
        return Observation(wrong, frozenset(looked_at))


class Drift:
    """Every ``every`` the schema of each subgraph is read again, a few at a time.

    A department that cannot be asked now is no drift: what was found of it before still holds.
    """

    def __init__(self, describe: Callable[[Registration], Awaitable[str]], clock: Clock, every: timedelta) -> None:
        self._describe = describe
        self._clock = clock
        self._every = every
        self._looked_at: datetime | None = None
        self._found: dict[tuple[str, int], str] = {}

    async def __call__(self, members: Sequence[ConnectorVersion]) -> Observation:
        now = self._clock.now()
        asked = [member for member in members if member.kind == "graphql" and not is_overlay(member.sdl)]
        known = {(member.name, member.version) for member in asked}
        if self._looked_at is None or now - self._looked_at >= self._every:
            self._looked_at = now
            free = asyncio.Semaphore(AT_ONCE)
            await asyncio.gather(*(self._look(member, free) for member in asked))
        self._found = {key: detail for key, detail in self._found.items() if key in known}
        wrong = {(name, ConditionKind.DRIFT): detail for (name, _), detail in self._found.items() if detail}
        looked_at = frozenset((name, ConditionKind.DRIFT) for name, _ in self._found)
        return Observation(wrong, looked_at)

    async def _look(self, member: ConnectorVersion, free: asyncio.Semaphore) -> None:
        try:
            async with free:
                served = await self._describe(replace(registration_of(member), sdl=None))
            differences = await asyncio.to_thread(drift, member.sdl, served)
        except (ConnectorFailure, GraphQLError):
            return
        self._found[member.name, member.version] = _shortened("; ".join(differences))


def _failure(state: ConnectorState | None) -> str:
    if state is None or state.last_error is None:
        return ""
    return _shortened(f"{state.last_error_code}: {state.last_error}")


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_DETAIL else text[: LONGEST_DETAIL - 1] + "…"

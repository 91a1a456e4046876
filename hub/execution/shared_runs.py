"""Equal queries that begin before the first answer is there are one run: who joins gets the same bytes.

They would ask and get the same in any case, since equal requests under way to a subgraph are one request
(:mod:`connectors.sharing`); so decoding, merging and encoding need be done only once, too. Who comes after the
first answer begins anew, and reads what is true by then. Mutations are never shared.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from connectors.connector import Connector, RequestContext
from hub.execution.asking import Answers
from hub.execution.compiled import Misfit, Program, State
from hub.execution.numbers import encode_number
from hub.execution.operation import Variables
from hub.execution.time_limit import TimeLimit

_encode = msgspec.json.Encoder(enc_hook=encode_number).encode


@dataclass(frozen=True, slots=True)
class Ran:
    """``encoded`` data from the ``services``; without it the exact path has to go on from the ``answers``."""

    encoded: bytes | None
    services: tuple[str, ...]
    answers: Answers


_Question = tuple[Program, bytes, tuple[object, ...], int, timedelta | None]
"""Program, variables, on whose behalf, after how many mutations, and in how much time: all that makes runs on one
graph equal."""

_Waiting = list["asyncio.Future[Ran | None]"]


class SharedRuns:
    """The runs of one plan's programs. ``note`` is told of each whether the answers fitted."""

    def __init__(self, note: Callable[[bool], None], *, is_shared: bool) -> None:
        self._note = note
        self._is_shared = is_shared
        self._open: dict[_Question, _Waiting] = {}

    async def run(
        self,
        program: Program,
        variables: Variables,
        connectors: Mapping[str, Connector],
        context: RequestContext,
        effects: int,
        time_limit: TimeLimit,
    ) -> Ran:
        question = self._question(program, variables, context, effects, time_limit)
        if question is None:
            return await self._ran(program, program.begin(variables.sent, connectors, context, time_limit))
        while (waiting := self._open.get(question)) is not None:
            waiter: asyncio.Future[Ran | None] = asyncio.get_running_loop().create_future()
            waiting.append(waiter)
            ran = await waiter
            if ran is not None:
                return ran
        return await self._run_for_all(question, program.begin(variables.sent, connectors, context, time_limit))

    async def _run_for_all(self, question: _Question, state: State) -> Ran:
        """Run for everybody who asks until the first answer. If this one leaves, one of the others begins anew."""
        waiting = self._open[question] = []

        def close() -> None:
            if self._open.get(question) is waiting:
                del self._open[question]

        state.at_first_answer = close
        ran: Ran | None = None
        try:
            ran = await self._ran(question[0], state)
        finally:
            close()
            for waiter in waiting:
                if not waiter.done():
                    waiter.set_result(ran)
        return ran

    async def _ran(self, program: Program, state: State) -> Ran:
        try:
            encoded = await program.run(state)
        except Misfit:
            self._note(False)
            return Ran(None, tuple(state.services), state.answers)
        self._note(True)
        return Ran(encoded, tuple(state.services), {})

    def _question(
        self, program: Program, variables: Variables, context: RequestContext, effects: int, time_limit: TimeLimit
    ) -> _Question | None:
        """``None`` for what is run for itself."""
        if not self._is_shared:
            return None
        try:
            sent = _encode(variables.sent) if variables.sent else b""
            return program, sent, context.identity, effects, time_limit.whole
        except (ValueError, TypeError, OverflowError):
            return None  # no JSON in UTF-8, a lone surrogate for instance

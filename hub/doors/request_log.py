"""One line in the log for each answered request: how long it took, which subgraphs were asked, what failed.

A line has the names of operation and subgraphs and the codes of errors; never a value, a person or a message.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from time import perf_counter

import structlog

from auth.actor import Actor
from hub.gateway import Gateway, GraphQLAnswer, GraphQLRequest

EVENT = "answered"
MOST_CODES = 5
LONGEST_NAME = 80
log = structlog.get_logger(__name__)


class LoggedGateway(Gateway):
    """Logs each answer, and each event of a subscription. A stream's event has no time of its own."""

    async def answer(
        self, request: GraphQLRequest, actor: Actor | None, *, only_queries: bool = False
    ) -> GraphQLAnswer:
        began = perf_counter()
        answer = await super().answer(request, actor, only_queries=only_queries)
        _log(request, answer, round((perf_counter() - began) * 1000, 1))
        return answer

    async def subscribe(
        self, request: GraphQLRequest, actor: Actor | None, *, no_mutations: bool = False
    ) -> AsyncGenerator[GraphQLAnswer, None]:
        is_stream = await self.is_subscription(request)
        async with aclosing(super().subscribe(request, actor, no_mutations=no_mutations)) as answers:
            async for answer in answers:
                if is_stream:  # any other operation was logged when it was answered
                    _log(request, answer, None)
                yield answer


def _log(request: GraphQLRequest, answer: GraphQLAnswer, milliseconds: float | None) -> None:
    codes = [error.get("extensions", {}).get("code", "") for error in answer.errors]
    log.info(
        EVENT,
        operation=(request.operation_name or "")[:LONGEST_NAME],
        milliseconds=milliseconds,
        subgraphs=sorted(set(answer.services)),
        errors=len(codes),
        codes=sorted(set(codes))[:MOST_CODES],
    )

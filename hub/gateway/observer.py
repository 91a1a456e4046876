"""Who is told of each operation that was answered."""

from __future__ import annotations

from typing import Protocol

from auth.actor import Actor
from hub.execution import Variables
from hub.gateway.graph import CheckedOperation
from hub.gateway.request import GraphQLRequest


class Observer(Protocol):
    """``hub.operation_recorder.OperationRecorder`` is one."""

    def answered(
        self,
        checked: CheckedOperation,
        request: GraphQLRequest,
        actor: Actor | None,
        variables: Variables,
        seconds: float | None,
        has_errors: bool,
    ) -> None:
        """Stands in the way of every answer: notes it and returns. ``seconds`` is ``None`` for a stream that
        begins. Refused requests are not told."""
        ...

"""Who is told of each operation that was answered."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from auth.actor import Actor
from hub.execution import Variables
from hub.gateway.graph import CheckedOperation
from hub.gateway.request import GraphQLAnswer, GraphQLRequest


class AnsweredOperation(NamedTuple):
    """``seconds`` and ``answer`` are ``None`` for a stream that begins."""

    checked: CheckedOperation
    request: GraphQLRequest
    actor: Actor | None
    variables: Variables
    seconds: float | None
    answer: GraphQLAnswer | None


class Observer(Protocol):
    """One is ``hub.recording.operation_recorder.OperationRecorder``, another
    ``hub.departments.wrong_types.WrongTypes``."""

    def answered(self, operation: AnsweredOperation) -> None:
        """Stands in the way of every answer: notes it and returns. Refused requests are not told."""
        ...


class Observers:
    """Several, in their order."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def answered(self, operation: AnsweredOperation) -> None:
        for observer in self._observers:
            observer.answered(operation)

"""Execution: a plan and its operation become an answer, exactly as the GraphQL specification has it."""

from hub.execution.completion import ExecutionResult
from hub.execution.execute import Surroundings, execute, execute_event, open_stream
from hub.execution.operation import Operation, Variables, VariablesRefused
from hub.execution.programs import Programs

__all__ = [
    "ExecutionResult",
    "Operation",
    "Programs",
    "Surroundings",
    "Variables",
    "VariablesRefused",
    "execute",
    "execute_event",
    "open_stream",
]

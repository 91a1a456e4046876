"""A plan compiled, once for each set of values that its conditions can have.

Compiling pays from the second time on, so an operation that is asked once is answered by the exact path. So
is, for a while, one whose answers never fit.
"""

from __future__ import annotations

from graphql import GraphQLSchema

from hub.execution.compiled import Program, compile_plan
from hub.execution.operation import Operation, Variables
from hub.execution.shared_runs import SharedRuns
from schema.planning.query_plan import QueryPlan

_CONDITION_SETS = 16
_MISFITS_TO_REST = 8
_REST = 200


class Programs:
    """The programs of one plan, and in ``runs`` those under way. ``schema`` is the whole supergraph's.
    ``warm_up``: how many times the exact path answers first. ``is_shared``: equal queries are one run."""

    def __init__(
        self,
        plan: QueryPlan,
        operation: Operation,
        schema: GraphQLSchema,
        *,
        warm_up: int = 1,
        is_shared: bool = True,
    ) -> None:
        self._plan = plan
        self._operation = operation
        self._schema = schema
        self._known: dict[tuple[bool, ...], Program | None] = {}
        self._misfits = 0
        self._rest = warm_up
        self.runs = SharedRuns(self._note, is_shared=is_shared and plan.kind == "query")

    def of(self, variables: Variables) -> Program | None:
        """The program for these variables; ``None`` where the exact path has to answer."""
        if self._rest:
            self._rest -= 1
            return None
        key = self._operation.conditions(variables)
        if key in self._known:
            return self._known[key]
        if len(self._known) >= _CONDITION_SETS:
            self._known.clear()
        program = self._known[key] = self._compile(variables)
        return program

    def _note(self, is_fit: bool) -> None:
        """Answers that did not fit several times in a row will not fit the next time."""
        self._misfits = 0 if is_fit else self._misfits + 1
        if self._misfits >= _MISFITS_TO_REST:
            self._misfits, self._rest = 0, _REST

    def _compile(self, variables: Variables) -> Program | None:
        operation = self._operation
        if operation.asks_introspection:
            return None
        shape = operation.shape(variables)
        return compile_plan(self._plan, shape, self._schema, operation.schema, variables.coerced)

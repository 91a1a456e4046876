"""Arguments that objects above fill: who is asked with which value, and what a failure above takes away."""

from __future__ import annotations

from typing import Any

from graphql import parse, validate

from connectors.connector import FetchRequest
from hub.execution import ExecutionResult, Operation, Surroundings, execute
from schema.planning import plan
from schema.planning.normalize import find_operation
from tests.hub.execution.fakes import FakeDepartment, Reply, timeout
from tests.schema.planning.proving import compose_ok

SUBGRAPHS = {
    "cases": """
      type Query { cases: [Case!]! }
      type Case @key(fields: "id") @context(name: "case") { id: ID! currency: String @external fees: [Fee!]! }
      type Fee @key(fields: "id") { id: ID! amount(in: String @fromContext(field: "$case { currency }")): Int }
    """,
    "offices": 'type Case @key(fields: "id") { id: ID! currency: String }',
}
CURRENCIES = {"c1": "CNY", "c2": "HKD", "c3": "CNY"}
RATES = {"CNY": 1, "HKD": 2, None: 0}


def _cases(request: FetchRequest) -> dict[str, Any]:
    sent = request.variables.get("representations")
    if sent is None:
        return {
            "cases": [
                {"__typename": "Case", "id": case, "fees": [{"__typename": "Fee", "id": f"{case}-fee"}]}
                for case in CURRENCIES
            ]
        }
    (value,) = [value for name, value in request.variables.items() if name != "representations"]
    return {"_entities": [{"amount": 100 * RATES[value]} for _ in sent]}


def _offices(request: FetchRequest) -> dict[str, Any]:
    return {"_entities": [{"currency": CURRENCIES[each["id"]]} for each in request.variables["representations"]]}


async def _answer(cases: FakeDepartment, offices: Reply | Any) -> ExecutionResult:
    supergraph = compose_ok(SUBGRAPHS)
    document = parse("{ cases { fees { amount } } }")
    assert validate(supergraph.api_schema, document) == []
    operation = Operation(supergraph.api_schema, document, find_operation(document, None))
    around = Surroundings(connectors={"cases": cases, "offices": FakeDepartment(offices)})
    return await execute(plan(supergraph, document), operation, operation.coerce({}), around)


async def test_objects_below_the_same_value_are_asked_for_together() -> None:
    """Two values make two requests, whatever the number of objects."""
    cases = FakeDepartment(_cases)
    result = await _answer(cases, _offices)
    assert result.errors == ()
    amounts = [case["fees"][0]["amount"] for case in (result.data or {})["cases"]]
    assert amounts == [100, 200, 100]
    asked = [[each["id"] for each in request.variables["representations"]] for request in cases.requests[1:]]
    assert asked == [["c1-fee", "c3-fee"], ["c2-fee"]]


async def test_a_value_that_is_null_above_is_sent_as_null() -> None:
    """The argument is optional: the field's own subgraph decides what that means."""
    result = await _answer(FakeDepartment(_cases), {"_entities": [{"currency": None}] * 3})
    assert result.errors == ()
    assert [case["fees"] for case in (result.data or {})["cases"]] == [[{"amount": 0}]] * 3


async def test_a_failure_above_is_told_at_the_field_that_needed_the_value() -> None:
    """Nothing is asked with a value that nobody knows."""
    cases = FakeDepartment(_cases)
    result = await _answer(cases, timeout())
    assert [case["fees"] for case in (result.data or {})["cases"]] == [[{"amount": None}]] * 3
    assert len(cases.requests) == 1
    (error, *_) = result.errors
    assert error["path"] == ["cases", 0, "fees", 0, "amount"]
    assert error["extensions"] == {"code": "DEPARTMENT_TIMEOUT", "service": "offices"}

"""Answers over interface objects: departments execute their own schemas, one of them without knowing the types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from graphql import GraphQLSchema, execute_sync, parse, validate

from connectors.connector import FetchRequest, FetchResponse
from hub.execution import ExecutionResult, Operation, Surroundings, execute
from schema.planning import plan
from schema.planning.normalize import find_operation
from tests.hub.execution.fakes import FakeDepartment, timeout
from tests.schema.planning.graphs import LICENCES
from tests.schema.planning.proving import compose_ok

NAMES = {"p1": ("Permit", "permit one"), "c1": ("Certificate", "certificate one")}


def _licence(number: str) -> dict[str, Any]:
    type_name, name = NAMES[number]
    return {"__typename": type_name, "number": number, "name": name, "scope": "food", "grade": 3, "holder": "Anna"}


def _rated(number: str, name: str | None = None) -> dict[str, Any]:
    def reviews(_info: object, first: int | None = None) -> list[dict[str, Any]]:
        every = [
            {"id": f"{number}-{n}", "text": "good", "licence": lambda _info: _rated(number)} for n in range(2)
        ]
        return every[:first]

    return {"__typename": "Licence", "number": number, "reviews": reviews, "label": f"label of {name}"}


def _entity(service: str, sent: Mapping[str, Any]) -> Any:
    if service == "ratings":
        assert sent["__typename"] == "Licence"
        return _rated(sent["number"], sent.get("name"))
    return _licence(sent["number"]) if sent["number"] in NAMES else None


class Department(FakeDepartment):
    """Executes its subgraph's own schema."""

    def __init__(self, name: str, schema: GraphQLSchema) -> None:
        super().__init__({})
        self._name, self._schema = name, schema

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        self.requests.append(request)
        document = parse(request.query)
        assert validate(self._schema, document) == []
        root = {
            "licences": [_licence("p1"), _licence("c1")],
            "best": _rated("p1"),
            "_entities": lambda _info, representations: [_entity(self._name, sent) for sent in representations],
        }
        result = execute_sync(self._schema, document, root, variable_values=dict(request.variables))
        return FetchResponse(
            result.data, tuple({"message": e.message, "path": e.path} for e in result.errors or ())
        )


async def _answer(query: str, dead: str | None = None) -> ExecutionResult:
    supergraph = compose_ok(LICENCES)
    document = parse(query)
    assert validate(supergraph.api_schema, document) == []
    operation = Operation(supergraph.api_schema, document, find_operation(document, None))
    connectors: dict[str, FakeDepartment] = {
        name: Department(name, subgraph.schema) for name, subgraph in supergraph.subgraphs.items()
    }
    if dead:
        connectors[dead] = FakeDepartment(timeout())
    return await execute(
        plan(supergraph, document), operation, operation.coerce({}), Surroundings(connectors=connectors)
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "{ best { number reviews { text } } }",
            {"number": "p1", "reviews": [{"text": "good"}, {"text": "good"}]},
        ),
        ("{ best { __typename number } }", {"__typename": "Permit", "number": "p1"}),
        ("{ best { kind: __typename } }", {"kind": "Permit"}),
        (
            "{ best { ... on Certificate { grade } ... on Permit { scope holder } } }",
            {"scope": "food", "holder": "Anna"},
        ),
        ("{ best { label } }", {"label": "label of permit one"}),
        (
            "{ best { reviews(first: 1) { licence { name ... on Permit { scope } } } } }",
            {"reviews": [{"licence": {"name": "permit one", "scope": "food"}}]},
        ),
        (
            "{ best { ... on Permit { r: reviews(first: 1) { id } } ... on Certificate { r: reviews { id } } } }",
            {"r": [{"id": "p1-0"}]},
        ),
    ],
)
async def test_objects_of_an_interface_object_are_answered_as_what_they_are(query: str, expected: object) -> None:
    """The name of the interface object never reaches the client, whatever the department calls it."""
    result = await _answer(query)
    assert (result.errors, result.data) == ((), {"best": expected})


async def test_each_implementation_gets_its_own_answers() -> None:
    """Objects of several types enter the interface object together and come back to where they belong."""
    result = await _answer("{ licences { __typename reviews(first: 1) { id } ... on Permit { holder label } } }")
    assert result.errors == ()
    assert result.data == {
        "licences": [
            {
                "__typename": "Permit",
                "reviews": [{"id": "p1-0"}],
                "holder": "Anna",
                "label": "label of permit one",
            },
            {"__typename": "Certificate", "reviews": [{"id": "c1-0"}]},
        ]
    }


async def test_an_object_whose_type_nobody_can_tell_is_null_with_the_reason() -> None:
    """The department that would have told the type is blamed, not the one that does not know it."""
    result = await _answer("{ best { __typename number } }", dead="catalogue")
    assert result.data == {"best": None}
    (error,) = result.errors
    assert error["extensions"] == {"code": "DEPARTMENT_TIMEOUT", "service": "catalogue"}
    assert error["path"] == ["best"]


async def test_what_needs_no_type_survives_the_failure() -> None:
    """Only who asks what depends on the type loses anything."""
    result = await _answer("{ best { number name } }", dead="catalogue")
    assert result.data == {"best": {"number": "p1", "name": None}}
    (error,) = result.errors
    assert error["path"] == ["best", "name"]

"""Compose, plan and execute together: departments that really execute their schema, against one that knows all.

The expected answer of every query is what graphql-core says when one process holds all the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, execute_sync, parse, validate

from connectors.connector import FetchRequest, FetchResponse
from hub.execution import ExecutionResult, Operation, Surroundings, execute
from schema.composition import compose
from schema.planning import plan
from schema.subgraph import Subgraph
from schema.supergraph import Supergraph
from tests.hub.execution.fakes import FakeDepartment

LINK = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires"])
"""
GATHER = 'extend schema @link(url: "https://jiyi.dev/spec/gather/v0.1", import: ["@gather"])\n'

PEOPLE = f"""{LINK}
type Query {{ me: Person people: [Person!]! search(kind: Kind): [Found] }}
type Person @key(fields: "id") @key(fields: "number") {{
  id: ID! number: String! name: String! mother: Person address: Address @shareable
}}
type Address {{ city: String @shareable street: String }}
type Car @key(fields: "plate") {{ plate: ID! }}
union Found = Person | Car
enum Kind {{ PERSON CAR }}
"""
VEHICLES = f"""{GATHER}{LINK}
type Person @key(fields: "number") {{ number: String! cars: [Car!]! papers: [Paper!]! @gather }}
type Car @key(fields: "plate") {{ plate: ID! colour: String owner: Person! weight: Int }}
type Paper @key(fields: "code") {{ code: ID! @shareable title(upper: Boolean = false): String @shareable }}
"""
TAXES = f"""{GATHER}{LINK}
type Person @key(fields: "number") {{ number: String! papers: [Paper!]! @gather }}
type Car @key(fields: "plate") {{ plate: ID! weight: Int @external tax: Int @requires(fields: "weight") }}
type Paper @key(fields: "code") {{ code: ID! @shareable title(upper: Boolean = false): String @shareable }}
"""

ANNA, BO = {"__typename": "Person", "id": "1"}, {"__typename": "Person", "id": "2"}
PERSONS: dict[str, dict[str, Any]] = {
    "1": {"id": "1", "number": "n1", "name": "Anna", "address": {"city": "B", "street": "s"}, "mother": "2"},
    "2": {"id": "2", "number": "n2", "name": "Bo", "address": None, "mother": None},
}
CARS: dict[str, dict[str, Any]] = {
    "A": {"plate": "A", "colour": "red", "owner": "1", "weight": 900},
    "B": {"plate": "B", "colour": None, "owner": "1", "weight": None},
}
PAPERS = {"vehicles": {"n1": ["v1", "v2"], "n2": []}, "taxes": {"n1": ["t1"], "n2": ["t2"]}}


def papers(department: str, number: str) -> list[dict[str, Any]]:
    return [
        {"__typename": "Paper", "code": code, "title": lambda _i, upper=False, c=code: c.upper() if upper else c}
        for code in PAPERS[department][number]
    ]


def person(identifier: str | None, *, departments: tuple[str, ...] = ("vehicles", "taxes")) -> Any:
    if identifier is None:
        return None
    row = PERSONS[identifier]
    return {
        "__typename": "Person",
        **row,
        "mother": lambda _info: person(row["mother"], departments=departments),
        "cars": lambda _info: [car(plate) for plate, c in sorted(CARS.items()) if c["owner"] == identifier],
        "papers": lambda _info: [p for d in sorted(departments) for p in papers(d, row["number"])],
    }


def car(plate: str) -> dict[str, Any]:
    row = CARS[plate]
    tax = None if row["weight"] is None else row["weight"] * 2
    return {"__typename": "Car", **row, "owner": lambda _info: person(row["owner"]), "tax": tax}


def root(departments: tuple[str, ...] = ("vehicles", "taxes")) -> dict[str, Any]:
    def search(_info: Any, kind: str | None = None) -> list[Any]:
        found = [person("1"), car("B"), None, person("2"), car("A")]
        return [f for f in found if kind is None or f is None or f["__typename"].upper() == kind]

    return {"me": person("1"), "people": [person("1"), person("2")], "search": search}


class Department(FakeDepartment):
    """Executes its subgraph's own schema; knows entities by any of their keys."""

    def __init__(self, name: str, schema: GraphQLSchema) -> None:
        super().__init__({})
        self._name = name
        self._schema = schema

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        self.requests.append(request)
        document = parse(request.query)
        assert validate(self._schema, document) == []
        result = execute_sync(
            self._schema,
            document,
            {**root(), "_entities": lambda _info, representations: [self._entity(r) for r in representations]},
            variable_values=dict(request.variables),
        )
        errors = tuple({"message": e.message, "path": e.path} for e in result.errors or ())
        return FetchResponse(result.data, errors)

    def _entity(self, sent: Mapping[str, Any]) -> Any:
        if sent["__typename"] == "Car":
            found = car(sent["plate"])
            return {**found, "tax": None if sent.get("weight") is None else sent["weight"] * 2}
        identifier = next(
            i for i, row in PERSONS.items() if row["id"] == sent.get("id") or row["number"] == sent.get("number")
        )
        return person(identifier, departments=(self._name,))


@pytest.fixture(scope="module")
def supergraph() -> Supergraph:
    sdls = {"people": PEOPLE, "vehicles": VEHICLES, "taxes": TAXES}
    composition = compose([Subgraph(name, sdl) for name, sdl in sdls.items()])
    assert composition.supergraph is not None, composition.errors
    return composition.supergraph


def departments(supergraph: Supergraph) -> dict[str, FakeDepartment]:
    return {name: Department(name, subgraph.schema) for name, subgraph in supergraph.subgraphs.items()}


async def federated(
    supergraph: Supergraph, connectors: dict[str, FakeDepartment], query: str, variables: dict[str, Any]
) -> ExecutionResult:
    document = parse(query)
    assert validate(supergraph.api_schema, document) == []
    node = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    operation = Operation(supergraph.api_schema, document, node)
    around = Surroundings(connectors=connectors)
    return await execute(plan(supergraph, document), operation, operation.coerce(variables), around)


QUERIES: list[tuple[str, dict[str, Any]]] = [
    ("{ me { name id } people { id name } }", {}),
    ("{ me { cars { plate colour } address { street city } } }", {}),
    ("{ people { mother { name mother { name } cars { plate } } } }", {}),
    ("{ me { cars { owner { name cars { colour } } } } }", {}),
    ("{ me { cars { tax weight } } }", {}),
    ("{ me { cars { tax } } }", {}),
    ("{ me { papers { code title loud: title(upper: true) } } }", {}),
    ("{ people { name papers { code } mother { papers { code } } } }", {}),
    ("{ search { __typename ... on Person { name cars { tax } } ... on Car { colour owner { name } } } }", {}),
    ("query($k: Kind) { search(kind: $k) { ... on Car { plate tax } ... on Person { id } } }", {"k": "CAR"}),
    (
        "query($on: Boolean!) { me { name cars @include(if: $on) { tax } papers @skip(if: $on) { code } } }",
        {"on": True},
    ),
    (
        "query($on: Boolean!) { me { name cars @include(if: $on) { tax } papers @skip(if: $on) { code } } }",
        {"on": False},
    ),
    ("{ a: me { n: name } b: me { n: id c: cars { p: plate t: tax } } }", {}),
    (
        "query Q { ...F me { ...P } } fragment F on Query { people { ...P } } "
        "fragment P on Person { name cars { colour } }",
        {},
    ),
    ("{ __typename me { __typename t: __typename } }", {}),
]


@pytest.mark.parametrize(("query", "variables"), QUERIES, ids=[query for query, _ in QUERIES])
async def test_the_federated_answer_is_the_answer_of_one_process(
    supergraph: Supergraph, query: str, variables: dict[str, Any]
) -> None:
    """Same data, same keys in the same order, no error."""
    result = await federated(supergraph, departments(supergraph), query, variables)
    expected = execute_sync(
        supergraph.api_schema, parse(query), root(("taxes", "vehicles")), variable_values=variables
    )
    assert expected.errors is None
    assert result.errors == ()
    assert result.data == expected.data
    assert str(result.data) == str(expected.data)


async def test_a_dead_department_takes_only_its_own_values_away(supergraph: Supergraph) -> None:
    """Its part of the list is missing with an error; what it alone knows is null; the rest stands."""
    connectors = departments(supergraph)
    connectors["taxes"] = FakeDepartment(ConnectionError("http://secret:8080 refused"))
    result = await federated(supergraph, connectors, "{ me { name papers { code } cars { plate tax } } }", {})
    assert result.data == {
        "me": {
            "name": "Anna",
            "papers": [{"code": "v1"}, {"code": "v2"}],
            "cars": [{"plate": "A", "tax": None}, {"plate": "B", "tax": None}],
        }
    }
    assert [(e["path"], e["extensions"]["service"]) for e in result.errors] == [
        (["me", "papers"], "taxes"),
        (["me", "cars", 0, "tax"], "taxes"),
    ]
    assert "secret" not in str(result)

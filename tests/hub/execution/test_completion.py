"""Completion by the operation: what the specification says of order, aliases, types and nulls."""

from __future__ import annotations

import re
from typing import Any

import pytest

from hub.execution import ExecutionResult
from schema.planning.query_plan import Fetch
from tests.hub.execution.fakes import FakeDepartment, run

SDL = """
type Query {
  node: Node nodes: [Node!] matrix: [[Int!]] any: Any thing: Thing must: [Cat!]!
  int: Int float: Float string: String boolean: Boolean id: ID colour: Colour json: JSON ints: [Int]
}
interface Node { id: ID! name: String }
type Cat implements Node { id: ID! name: String lives: Int! }
type Dog implements Node { id: ID! name: String breed: String }
union Any = Cat | Dog
type Thing { cat: Cat! self: Thing name: String! }
enum Colour { RED GREEN }
scalar JSON
"""


async def answer(query: str, data: Any, variables: dict[str, Any] | None = None) -> ExecutionResult:
    """Complete ``data`` as if one subgraph had been asked for the query, and for types where they matter."""
    document = re.sub(r"\b(nodes?|any) \{", r"\1 { __typename ", query)
    return await run(SDL, query, Fetch("one", document), {"one": FakeDepartment(data)}, variables)


@pytest.mark.parametrize(
    ("field", "sent", "received"),
    [
        ("int", 1, 1),
        ("int", 1.0, 1),
        ("int", "7", 7),
        ("int", True, 1),
        ("float", 1, 1),
        ("float", 1.5, 1.5),
        ("string", 3, "3"),
        ("string", True, "true"),
        ("boolean", 1, True),
        ("id", 12345678901234567890, "12345678901234567890"),
        ("colour", "RED", "RED"),
        ("json", {"a": [1.0, None, 10**30]}, {"a": [1.0, None, 10**30]}),
        ("json", [], []),
        ("string", "北京 🏮", "北京 🏮"),
    ],
)
async def test_leaf_values_are_coerced_as_the_specification_says(field: str, sent: Any, received: Any) -> None:
    """What is not lossy is mended; custom scalars pass unchanged."""
    result = await answer(f"{{ {field} }}", {field: sent})
    assert (result.data, result.errors) == ({field: received}, ())


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("int", 2**31),
        ("int", 1.5),
        ("int", "x"),
        ("int", {}),
        ("float", "x"),
        ("float", float("nan")),
        ("string", {}),
        ("string", []),
        ("boolean", "true"),
        ("id", 1.5),
        ("colour", "BLUE"),
        ("colour", 1),
        ("node", 1),
        ("node", []),
        ("nodes", {}),
        ("nodes", "x"),
    ],
)
async def test_wrong_values_are_null_with_an_error_that_names_the_field(field: str, sent: Any) -> None:
    """The value itself is not repeated: it may be personal."""
    query = f"{{ {field} {'{ id }' if field.startswith('node') else ''} }}"
    result = await answer(query, {field: sent})
    assert result.data == {field: None}
    assert [(e["path"], e["extensions"]["code"]) for e in result.errors] == [([field], "DEPARTMENT_WRONG_TYPE")]


async def test_keys_come_in_the_operations_order_with_its_aliases() -> None:
    """The first place of a response name decides, also through fragments."""
    query = """
      { b: string ...F a: int string ... on Query { id } b: string }
      fragment F on Query { id float }
    """
    data = {"float": 1.5, "id": "i", "a": 1, "string": "s", "b": "s", "extra": 1}
    result = await answer(query, data)
    assert list((result.data or {}).items()) == [
        ("b", "s"),
        ("id", "i"),
        ("float", 1.5),
        ("a", 1),
        ("string", "s"),
    ]


async def test_fragments_apply_by_the_runtime_type() -> None:
    """Interfaces and unions, by the type that the object says it is."""
    query = """{
      nodes { id ... on Cat { lives } ... on Dog { breed } ... on Node { kind: __typename } }
      any { ... on Node { name } __typename }
    }"""
    data = {
        "nodes": [
            {"__typename": "Cat", "id": "1", "lives": 9, "kind": "Cat"},
            {"__typename": "Dog", "id": "2", "breed": "chow", "kind": "Dog"},
        ],
        "any": {"__typename": "Dog", "name": "D"},
    }
    result = await answer(query, data)
    assert result.data == {
        "nodes": [
            {"id": "1", "lives": 9, "kind": "Cat"},
            {"id": "2", "breed": "chow", "kind": "Dog"},
        ],
        "any": {"name": "D", "__typename": "Dog"},
    }


@pytest.mark.parametrize("typename", ["Fish", "Colour", 3, {"name": "Cat"}, "Query"])
async def test_an_object_of_no_public_type_is_null(typename: Any) -> None:
    """Its name is not repeated: it may be an inaccessible one."""
    result = await answer("{ node { id } }", {"node": {"__typename": typename, "id": "1"}})
    assert result.data == {"node": None}
    assert result.errors[0]["message"] == "The object's type is not a public Node."


async def test_an_object_whose_type_nobody_told_is_null() -> None:
    """Whoever could tell it does not have the object."""
    result = await answer("{ node { id } }", {"node": {"id": "1"}})
    assert result.data == {"node": None}
    assert result.errors[0]["message"] == "No department told which Node this is, so that it is null."


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({"a": True, "b": True}, []),
        ({"a": True, "b": False}, ["int"]),
        ({"a": False, "b": True}, ["string"]),
        ({"a": False, "b": False}, ["int", "string"]),
    ],
)
async def test_conditions_follow_the_variables(variables: dict[str, Any], names: list[str]) -> None:
    """Both directives, on fields and fragments, with and without a literal."""
    query = """query($a: Boolean!, $b: Boolean!) {
      int @skip(if: $b) @include(if: true)
      ... on Query @skip(if: $a) { string }
      float @include(if: false)
    }"""
    result = await answer(query, {"int": 1, "string": "s", "float": 1.0}, variables)
    assert list(result.data or {}) == names


async def test_null_propagates_to_the_nearest_nullable_parent_with_one_error() -> None:
    """Through objects and lists, to the letter."""
    thing = await answer(
        "{ thing { self { cat { lives } } name } }", {"thing": {"self": {"cat": {}}, "name": "n"}}
    )
    assert thing.data == {"thing": {"self": None, "name": "n"}}
    assert [e["path"] for e in thing.errors] == [["thing", "self", "cat", "lives"]]
    nodes = await answer("{ nodes { id } int }", {"nodes": [{"__typename": "Cat", "id": "1"}, None], "int": 1})
    assert nodes.data == {"nodes": None, "int": 1}
    assert [e["path"] for e in nodes.errors] == [["nodes", 1]]
    matrix = await answer("{ matrix }", {"matrix": [[1, 2], [3, None], None]})
    assert matrix.data == {"matrix": [[1, 2], None, None]}
    assert [e["path"] for e in matrix.errors] == [["matrix", 1, 1]]
    must = await answer("{ int must { id } }", {"int": 1, "must": [{"id": "1"}, {"id": None}]})
    assert must.data is None
    assert [e["path"] for e in must.errors] == [["must", 1, "id"]]


async def test_deeply_nested_lists_and_objects_do_not_exhaust_the_stack() -> None:
    """Only as deep as the operation is walked."""
    deep: Any = []
    for _ in range(5_000):
        deep = [deep]
    result = await answer("{ int nodes { id } matrix }", {"int": 1, "nodes": deep, "matrix": [[1]]})
    assert result.data == {"int": 1, "nodes": None, "matrix": [[1]]}
    nested: Any = {}
    for _ in range(5_000):
        nested = {"self": nested}
    result = await answer("{ int thing { name } }", {"int": 1, "thing": nested})
    assert result.data == {"int": 1, "thing": None}


async def test_names_that_python_or_a_browser_knows_are_only_names() -> None:
    """Aliases are data here."""
    query = "{ __proto__: string __class__: int constructor: id __dict__: float }"
    result = await answer(query, {"__proto__": "p", "__class__": 1, "constructor": "c", "__dict__": 1.5})
    assert result.data == {"__proto__": "p", "__class__": 1, "constructor": "c", "__dict__": 1.5}

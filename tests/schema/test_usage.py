"""What is kept of an operation tells what it uses, and nothing of whom it was about."""

from __future__ import annotations

import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate

from schema.usage import LONGEST_DOCUMENT, OperationUsage, usage_of, values_used, variable_types

SCHEMA = build_schema("""
scalar JSON
directive @shout(loud: Int) on FIELD
enum Kind { A B }
input Filter { word: String kind: Kind not: Filter ids: [Int!] raw: JSON }
interface Named { name: String }
type Citizen implements Named { name: String age(unit: Kind = A, minimum: Int): Int }
union Holder = Citizen
type Query {
  me: Citizen
  holder: Holder
  find(filter: Filter, json: JSON, kinds: [Kind!], ids: [ID!], all: Boolean, ratio: Float): [Citizen!]
}
""")


def used(text: str) -> OperationUsage:
    document = parse(text)
    assert not validate(SCHEMA, document)
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    usage = usage_of(SCHEMA, document, operation)
    assert not usage.document or not validate(SCHEMA, parse(usage.document)), "what is kept must stay valid"
    return usage


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{ find(ids: ["110102", 7]) { name } }', 'find(ids: ["", 0])'),
        ("{ find(all: true, ratio: 3.5) { name } }", "find(all: false, ratio: 0.0)"),
        ('{ find(filter: {word: "Li", ids: [4, 5, 6]}) { name } }', 'find(filter: { word: "", ids: [0] })'),
        ('{ find(json: {card: "62170"}) { name } }', 'find(json: "")'),
        ('{ find(filter: {word: """Li"""}) { name } }', 'find(filter: { word: "" })'),
        ('{ find(filter: {raw: [1, {a: "x"}]}) { name } }', 'find(filter: { raw: "" })'),
        ("query ($a: JSON) { find(json: {card: [$a, SECRET]}) { name } }", "find(json: [$a])"),
        ("{ find(kinds: [A, B, A], filter: null) { name } }", "find(kinds: [A, B], filter: null)"),
        ('query ($w: String = "Li") { find(filter: {word: $w}) { name } }', '($w: String = "")'),
        ("{ me { age(unit: B) @shout(loud: 3) } }", "age(unit: B) @shout(loud: 0)"),
        ("{ card_110102199003070024: me { name } }", "card_n0: me"),
        ("query Of110102199003070024 { me { ...F1234567 } } fragment F1234567 on Citizen { name }", "...Fn"),
        ('"about Li" query ("his" $k: Kind) { me { age(unit: $k) } }', "query ($k: Kind)"),
        ("query A { me { name } } query B { holder { __typename } }", "query A {"),
    ],
)
def test_values_are_taken_out_and_enum_values_stay(text: str, kept: str) -> None:
    """A number, a name, a word of a person must not lie in a table that operators read."""
    document = used(text).document
    assert kept in " ".join(document.replace("(\n", "(").split())
    for value in ("110102", "Li", "62170", "SECRET", "199003070024", "1234567", "his", "query B"):
        assert value not in document


def test_everything_that_an_operation_uses_is_noted() -> None:
    """By these coordinates a change finds those whom it hits."""
    usage = used(
        "query Q($f: Filter, $k: Kind!) { me { ...N age(unit: B) @shout(loud: 1) } "
        "holder { ... on Citizen { name } } find(filter: {not: {kind: A}}, kinds: [$k]) { a: name } "
        "b: find(filter: $f) @skip(if: true) { name } } fragment N on Named { name }"
    )
    assert sorted(usage.coordinates) == [
        "@shout", "@shout(loud:)", "@skip", "@skip(if:)", "Citizen", "Citizen.age", "Citizen.age(unit:)",
        "Citizen.name", "Filter", "Filter.kind", "Filter.not", "Holder", "Kind", "Kind.A", "Kind.B", "Named",
        "Named.name", "Query.find", "Query.find(filter:)", "Query.find(kinds:)", "Query.holder", "Query.me",
    ]  # fmt: skip
    assert (usage.name, usage.kind, usage.has_values) == ("Q", "query", True)


def test_operations_that_differ_in_values_alone_are_one() -> None:
    """Else every citizen would be an operation of his own."""
    one, other = used('{ find(ids: ["1"]) { name } }'), used('{ find(ids: ["22", "3"]) {\n name } }')
    assert one == other
    assert one.hash != used('{ find(ids: ["1"]) { n: name } }').hash
    assert not used("{ me { age(unit: B) } }").has_values


def test_a_very_long_operation_is_kept_by_its_coordinates_alone() -> None:
    """What is kept is bounded, whatever is sent."""
    usage = used("{ me { " + " ".join(f"alias{n}: name" for n in range(LONGEST_DOCUMENT // 15)) + " } }")
    assert (usage.document, sorted(usage.coordinates)) == ("", ["Citizen.name", "Query.me"])


def test_variables_tell_their_enum_values_and_input_fields_and_no_more() -> None:
    """A removed enum value breaks whoever sends it in a variable."""
    document = parse(
        "query ($f: Filter, $k: [Kind!], $ids: [ID!]) { find(filter: $f, kinds: $k, ids: $ids) { name } }"
    )
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    types = variable_types(SCHEMA, operation)
    assert [name for name, _ in types] == ["f", "k"]
    sent = {"f": {"word": "Li", "not": {"ids": [1], "raw": {"a": "b"}}}, "k": "B", "ids": ["110102"]}
    assert set(values_used(types, sent)) == {
        "Filter", "Filter.word", "Filter.not", "Filter.ids", "Filter.raw", "Kind.B",
    }  # fmt: skip
    many = {"f": None, "k": ["A"] * 5_000 + ["B"]}
    assert set(values_used(types, many)) == {"Kind.A"}, "a long list is not read to its end"

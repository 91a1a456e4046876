"""Whom a new version breaks: an approver decides by the operations and clients, not by what changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from schema.affected import AffectedOperation, ClientUse, RecordedOperation, affected, weighed
from schema.changes import changes
from schema.usage import usage_of

THEN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
OLD = """
directive @shout on FIELD
type Query {
  me: Citizen item(code: ID!, year: Int): Item found(filter: Filter, kind: Kind): [Citizen!] holder: Holder
}
interface Named { name: String }
type Citizen implements Named { name: String age: Int! kind: Kind }
type Item { code: ID! }
enum Kind { A B }
union Holder = Citizen | Item
input Filter { word: String kind: Kind }
"""


def recorded(text: str, *sent: str, count: int = 1, keeps_document: bool = True) -> RecordedOperation:
    """``sent`` are the coordinates that came in variables."""
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    usage = usage_of(build_schema(OLD), document, operation)
    client = ClientUse("portal", "3.2", count, THEN)
    kept = usage.document if keeps_document else ""
    return RecordedOperation(
        usage.hash, usage.name, usage.kind, kept, usage.coordinates | set(sent), (client,), THEN
    )


def hits(before: str, after: str, *operations: RecordedOperation) -> tuple[AffectedOperation, ...]:
    assert before in OLD
    old, new = build_schema(OLD), build_schema(OLD.replace(before, after))
    return affected(old, new, changes(old, new), operations)


VARIABLES = "query V($f: Filter, $k: Kind) { found(filter: $f, kind: $k) { name } }"


@pytest.mark.parametrize(
    ("before", "after", "operation", "path"),
    [
        (" age: Int!", "", recorded("{ me { a: age } }"), "Citizen.age"),
        (" age: Int!", "", recorded("{ holder { ... on Citizen { age } } }"), "Citizen.age"),
        ("age: Int!", "age: String!", recorded("{ me { age } }"), "Citizen.age"),
        ("age: Int!", "age: Int", recorded("{ me { age } }"), "Citizen.age"),
        (", year: Int", "", recorded('{ item(code: "1", year: 2) { code } }'), "Query.item(year:)"),
        ("year: Int", "year: Int!", recorded('{ item(code: "1") { code } }'), "Query.item(year:)"),
        ("code: ID!,", "code: ID!, region: ID!,", recorded('{ item(code: "1") { code } }'), "Query.item(region:)"),
        ("{ A B }", "{ A }", recorded("{ found(kind: B) { name } }"), "Kind.B"),
        ("{ A B }", "{ A }", recorded(VARIABLES, "Kind.B"), "Kind.B"),
        ("{ word: String", "{", recorded(VARIABLES, "Filter", "Filter.word"), "Filter.word"),
        ("word: String", "word: String!", recorded(VARIABLES, "Filter", "Filter.kind"), "Filter.word"),
        ("word: String", "word: String to: Int!", recorded(VARIABLES, "Filter"), "Filter.to"),
        ("= Citizen | Item", "= Item", recorded("{ holder { ... on Citizen { name } } }"), "Holder"),
        ("directive @shout on FIELD", "", recorded("{ me { name @shout } }"), "@shout"),
        (" age: Int!", "", recorded("{ me { age } }", keeps_document=False), "Citizen.age"),
    ],
)
def test_an_operation_that_uses_what_goes_is_named_with_the_change(
    before: str, after: str, operation: RecordedOperation, path: str
) -> None:
    """In documents, under aliases, in fragments, in variables; also where the document was too long to keep."""
    (hit,) = hits(before, after, operation)
    assert hit.operation is operation
    assert path in {reason.path for reason in hit.because}


@pytest.mark.parametrize(
    ("before", "after", "operation"),
    [
        (" age: Int!", "", recorded("{ me { name } }")),
        ("{ A B }", "{ A }", recorded("{ me { kind } }")),
        ("{ A B }", "{ A }", recorded(VARIABLES, "Kind.A")),
        ("{ A B }", "{ A }", recorded("{ found(kind: A) { kind } }")),
        ("age: Int!", "age: Int! size: Int", recorded("{ me { age } }")),
        ("year: Int", "year: Int!", recorded('{ item(code: "1", year: 3) { code } }')),
        ("word: String", "word: String to: Int!", recorded("{ found(kind: A) { name } }")),
        ("= Citizen | Item", "= Item", recorded("{ holder { __typename } }")),
    ],
)
def test_an_operation_that_goes_on_working_is_not_named(
    before: str, after: str, operation: RecordedOperation
) -> None:
    """An enum value that is only answered, an argument that is given already: nobody is stopped for these."""
    assert hits(before, after, operation) == ()


def test_the_most_used_operation_is_named_first_with_its_clients() -> None:
    """Who reads only the first line reads the worst."""
    seldom, often = recorded("query Seldom { me { age } }"), recorded("query Often { me { age } }", count=90)
    found = hits(" age: Int!", "", seldom, often)
    assert [each.operation.name for each in found] == ["Often", "Seldom"]
    assert [str(client) for client in found[0].operation.clients] == ["portal 3.2"]
    assert (found[0].operation.count, found[0].operation.last_seen) == (90, THEN)


def test_what_nobody_uses_can_weigh_less() -> None:
    """By rule: a removed field that no recorded operation uses is dangerous, one that is used stays breaking."""
    old, new = build_schema(OLD), build_schema(OLD.replace(" age: Int! kind: Kind", ""))
    found = changes(old, new)
    told = weighed(found, affected(old, new, found, [recorded("{ me { kind } }")]), 30)
    assert [(each.path, each.criticality) for each in told] == [
        ("Citizen.kind", "BREAKING"),
        ("Citizen.age", "DANGEROUS"),
    ]
    assert told[1].description.endswith("No operation of the last 30 days uses it.")

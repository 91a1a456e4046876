"""Each mistake in a connector SDL has its code, its place and its mend."""

from __future__ import annotations

import pytest

from schema.mapping import check_connectors

HEAD = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.10", import: ["@key", "@external", "@requires"])
  @link(url: "https://specs.apollo.dev/connect/v0.1", import: ["@source", "@connect"])
  @source(name: "registry", http: { baseURL: "https://registry.example.org/api" })
"""
RIGHT = """
type Query {
  enterprise(creditCode: ID!): Enterprise
    @connect(source: "registry", http: { GET: "/enterprises/{$args.creditCode}" },
             selection: "creditCode: code name owner: { idNumber: owner_id }", entity: true)
}
type Enterprise @key(fields: "creditCode") { creditCode: ID! name: String owner: Citizen }
type Citizen @key(fields: "idNumber") {
  idNumber: ID!
  enterprises: [Enterprise!]
    @connect(source: "registry", http: { POST: "/search", body: "owner: $this.idNumber" },
             selection: "$.items { creditCode: code name }")
}
"""


def found(sdl: str) -> list[str]:
    return [
        f"{error.code} {error.locations[0] if error.locations else '-'}" for error in check_connectors("x", sdl)
    ]


def changed(old: str, new: str) -> str:
    assert old in HEAD + RIGHT
    return (HEAD + RIGHT).replace(old, new)


def test_a_right_schema_has_no_errors() -> None:
    """Entity by a root field, and an entity that stands for itself with a connected field."""
    assert check_connectors("x", HEAD + RIGHT) == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{ creditCode: ID! name", "{ creditCode: ID name!", ["INVALID_GRAPHQL x:11:65"]),
        ("owner: Citizen }", "owner: Person }", ["INVALID_GRAPHQL -"]),
        ('source: "registry", http: { GET', 'source: "regis", http: { GET', ["SOURCE_NAME_MISMATCH x:8:22"]),
        (
            ' @source(name: "registry"',
            ' @source(name: ""',
            ["EMPTY_SOURCE_NAME x:4:3", "NO_SOURCES_DEFINED x:8:22", "NO_SOURCES_DEFINED x:15:22"],
        ),
        ("https://registry", "ftp://registry", ["SOURCE_SCHEME x:4:3"]),
        ("https://registry.example.org/api", "https://{$config.host}/api", ["INVALID_URL x:4:55"]),
        ("GET:", 'POST: "/x" GET:', ["MULTIPLE_HTTP_METHODS x:8:5"]),
        ("GET:", "FETCH:", ["INVALID_GRAPHQL x:8:49", "MISSING_HTTP_METHOD x:8:5"]),
        ('"/enterprises/', '"https://x.org/enterprises/', ["ABSOLUTE_CONNECT_URL_WITH_SOURCE x:8:47"]),
        ('source: "registry", http: { GET', "http: { GET", ["RELATIVE_CONNECT_URL_WITHOUT_SOURCE x:8:27"]),
        ("creditCode: code name owner", "creditCode: code. name: owner", ["INVALID_SELECTION x:9:48"]),
        ("owner: $this.idNumber", "owner: $this.", ["INVALID_BODY x:15:79"]),
        ("code name owner", "code nam owner", ["SELECTED_FIELD_NOT_FOUND x:9:43"]),
        ("owner: { idNumber: owner_id }", "owner", ["GROUP_SELECTION_REQUIRED_FOR_OBJECT x:9:48"]),
        ("code name owner", "code name { x } owner", ["GROUP_SELECTION_IS_NOT_OBJECT x:9:43"]),
        ("$args.creditCode", "$args.code", ["UNDEFINED_ARGUMENT x:8:62"]),
        ("$args.creditCode", "$this.creditCode", ["INVALID_URL x:8:62"]),
        ("$args.creditCode", "$status", ["INVALID_URL x:8:62"]),
        ("$args.creditCode", "$nothing.x", ["INVALID_URL x:8:62"]),
        ("$this.idNumber", "$this.id", ["CONNECTORS_CANNOT_RESOLVE_KEY x:12:14", "UNDEFINED_FIELD x:15:73"]),
        ("$this.idNumber", "$batch.idNumber", ["INVALID_BODY x:15:73"]),
        (
            "enterprise(creditCode: ID!): Enterprise",
            "enterprise(creditCode: ID!): Enterprise!",
            ["CONNECTORS_CANNOT_RESOLVE_KEY x:11:17", "ENTITY_TYPE_INVALID x:8:5"],
        ),
        (
            "enterprise(creditCode: ID!)",
            "enterprise(name: ID!)",
            [
                "UNDEFINED_ARGUMENT x:8:62",
                "CONNECTORS_CANNOT_RESOLVE_KEY x:11:17",
                "ENTITY_RESOLVER_ARGUMENT_MISMATCH x:8:5",
            ],
        ),
        (", entity: true", "", ["CONNECTORS_CANNOT_RESOLVE_KEY x:11:17"]),
        ("name: String owner", "name: String since: String owner", ["CONNECTORS_UNRESOLVED_FIELD x:11:75"]),
        ("type Query {", "type Query { all: [Enterprise]", ["QUERY_FIELD_MISSING_CONNECT x:6:14"]),
        (
            "type Query {",
            "type Mutation { close: Boolean } type Query {",
            ["MUTATION_FIELD_MISSING_CONNECT x:6:17"],
        ),
    ],
)
def test_a_mistake_has_its_code_and_place(old: str, new: str, expected: list[str]) -> None:
    """The place is that of the character to change, inside quoted mappings too."""
    assert sorted(found(changed(old, new))) == sorted(expected)

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


PARTS = """
type Query {
  a(in: In, id: ID): A @connect(source: "registry", http: { GET: "/a" }, selection: "id")
}
type A { id: ID owner: Owner }
type Owner { login: String }
input In { name: String owner: InOwner any: JSON }
input InOwner { login: String }
scalar JSON
""".replace(
    "owner: Owner }", 'owner: Owner @connect(http: { GET: "https://x.org/{$this.id}" }, selection: "login") }'
)


def told(http: str = 'GET: "/a"', more: str = "", version: str = "v0.3") -> list[str]:
    sdl = HEAD.replace("v0.1", version) + PARTS.replace(
        'GET: "/a" }, selection: "id"', f'{http} }}, selection: "id" {more}'
    )
    return [f"{error.code} {error.message}" for error in check_connectors("x", sdl)]


@pytest.mark.parametrize(
    ("http", "more"),
    [
        ('GET: "/a/{$args.in.owner.login}/{$args.in.any.thing}"', ""),
        ('GET: "/a?ids={$args.in->map(name)->joinNotNull(\',\')}"', ""),
        ('POST: "/a", body: "$args.in { name mine: owner { login } any: any.thing.below } fixed: $(\'x\')"', ""),
        ('POST: "/a", body: "all: $args.in->map({ name: @.name, id: $args.id })"', ""),
        ('GET: "/a", path: "$([\'x\', $args.id])", queryParams: "$args.in { name }"', ""),
        ('GET: "/a"', 'isSuccess: "$.ok", errors: { message: "error.message", extensions: "code: $status" }'),
        ('GET: "/a"', 'isSuccess: "$response.headers.x->first->eq(\'1\')", batch: { maxSize: 1 }'),
    ],
)  # fmt: skip
def test_what_the_convention_documents_is_right(http: str, more: str) -> None:
    """Nothing is refused that would work."""
    assert told(http, more) == []


@pytest.mark.parametrize(
    ("http", "more", "code", "mend"),
    [
        ('GET: "/a/{$args.in.nmae}"', "", "UNDEFINED_ARGUMENT", '"nmae" of $args'),
        ('GET: "/a/{$args.in.owner.logn}"', "", "UNDEFINED_ARGUMENT", "There is: login."),
        ('POST: "/a", body: "$args.in { x: owner { z } }"', "", "UNDEFINED_ARGUMENT", '"z" of $args'),
        ('POST: "/a", body: "name: name"', "", "INVALID_BODY", "$args.name"),
        ('POST: "/a", body: "kind: \'car\'"', "", "INVALID_BODY", "A literal is written $("),
        ('POST: "/a", body: "id: $.id"', "", "INVALID_BODY", "there is no answer yet"),
        ('POST: "/a", body: "{ id: $args.id }"', "", "INVALID_BODY", "written $({ name: value })"),
        ('GET: "/a?x={$.x}"', "", "INVALID_URL", 'url reads "$.x"'),
        ('GET: "/a", headers: [{ name: "x", value: "{@.b}" }]', "", "INVALID_HEADER", "there is no answer yet"),
        ('GET: "/a", queryParams: "q: $arg.id"', "", "INVALID_URL", "no such variable"),
        ('GET: "/a", queryParams: "$args.id->jsonStringify"', "", "INVALID_URL", "without names"),
        ('GET: "/a", path: "id: $args.id"', "", "INVALID_URL", "Write a list"),
        ('GET: "/a"', 'isSuccess: "ok"', "INVALID_SELECTION", "never a success"),
        ('GET: "/a"', 'isSuccess: "$stat->eq(200)"', "INVALID_SELECTION", "no such variable"),
        ('GET: "/a"', 'errors: { message: "message" }', "INVALID_SELECTION", "Begin at $"),
        ('GET: "/a"', 'errors: { extensions: "$(1)" }', "INVALID_SELECTION", "without names"),
        ('GET: "/a"', 'errors: { mesage: "$.m" }', "INVALID_GRAPHQL", 'has no "mesage"'),
        ('GET: "/a"', 'errors: "$.m"', "INVALID_GRAPHQL", "must be an object"),
        ('GET: "/a"', "batch: { maxSize: 0 }", "INVALID_GRAPHQL", "from 1 on"),
        ('GET: "/a"', "batch: { size: 5 }", "INVALID_GRAPHQL", 'has no "size"'),
        ('GET: "/a", headers: [{ name: "x", value: "y", form: "z" }]', "", "INVALID_GRAPHQL", 'has no "form"'),
        ('GET: "/a", headers: [{ name: "Accept-Encoding", value: "br" }]', "", "INVALID_HEADER", "connection"),
        ('GET: "/a", headers: [{ name: "Accept", from: "accept" }]', "", "INVALID_HEADER", "in place of from"),
    ],
)  # fmt: skip
def test_what_would_never_work_is_refused_with_its_mend(http: str, more: str, code: str, mend: str) -> None:
    """Each was sent as nothing, or failed with every request."""
    (error,) = told(http, more)
    assert error.startswith(f"{code} ")
    assert mend in error


def test_a_version_that_nobody_knows_is_refused() -> None:
    """Its mappings could mean something else."""
    (error,) = told(version="v0.9")
    assert error.startswith("UNKNOWN_CONNECTORS_VERSION ")


def test_a_source_is_told_once_and_its_misspelt_parts_too() -> None:
    """Two connectors of one source have one mistake of it."""
    several = HEAD.replace('org/api" }', 'org/api" }, isSuccess: "ok"') + RIGHT
    assert [code for code in found(several) if code.startswith("INVALID")] == ["INVALID_SELECTION x:8:5"]
    (misspelt,) = found(HEAD.replace('org/api"', 'org/api", header: []') + RIGHT)
    assert misspelt.startswith("INVALID_GRAPHQL x:4:")


def test_an_entity_field_takes_nothing_that_no_reference_has() -> None:
    """A required argument beside the key would be left out."""
    assert "ENTITY_RESOLVER_ARGUMENT_MISMATCH x:8:5" in found(
        changed("(creditCode: ID!)", "(creditCode: ID!, lang: String!)")
    )
    assert found(changed("(creditCode: ID!)", "(creditCode: ID!, lang: String, size: Int! = 1)")) == []


def test_a_choice_may_be_a_whole_selection() -> None:
    """From v0.4 on without $(…)."""
    field = (
        'type Query { a: String @connect(source: "registry", http: { GET: "/a" }, selection: "name ?? title") }'
    )
    assert check_connectors("x", HEAD.replace("v0.1", "v0.4") + field) == ()

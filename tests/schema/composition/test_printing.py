"""The supergraph prints as join-spec SDL that other routers read, the same bytes for the same graph."""

from __future__ import annotations

from graphql import build_schema, parse, validate_schema

from schema.subgraph import Subgraph
from tests.schema.composition.departments import FIVE_DEPARTMENTS
from tests.schema.composition.graphs import compose_ok, federation_1


def _types(sdl: str) -> str:
    """The document from the graph enumeration on: what differs from graph to graph."""
    return sdl[sdl.index("enum join__Graph") :]


def test_it_prints_who_resolves_what_by_which_key() -> None:
    """Every directive of the join specification that planning elsewhere needs."""
    supergraph = compose_ok(
        accounts="""
        type Query { me: User search: [Result!] }
        "A person" type User implements Named @key(fields: "id") { id: ID! name: String @shareable }
        interface Named { name: String }
        union Result = User
        enum Kind { A B }
        """,
        re_views="""
        type Query { top: User @provides(fields: "name") kind(k: Kind = A, f: Filter): Int }
        type User @key(fields: "id") @key(fields: "kind", resolvable: false) {
          id: ID! kind: Kind name: String @external label: String! @requires(fields: "name")
        }
        enum Kind { A B }
        input Filter { word: String @inaccessible tag: String @tag(name: "t") }
        """,
    )
    assert (
        _types(supergraph.sdl)
        == """\
enum join__Graph {
  ACCOUNTS @join__graph(name: "accounts", url: "")
  RE_VIEWS @join__graph(name: "re-views", url: "")
}

input Filter
  @join__type(graph: RE_VIEWS)
{
  word: String @inaccessible
  tag: String @tag(name: "t")
}

enum Kind
  @join__type(graph: ACCOUNTS)
  @join__type(graph: RE_VIEWS)
{
  A @join__enumValue(graph: ACCOUNTS) @join__enumValue(graph: RE_VIEWS)
  B @join__enumValue(graph: ACCOUNTS) @join__enumValue(graph: RE_VIEWS)
}

interface Named
  @join__type(graph: ACCOUNTS)
{
  name: String
}

type Query
  @join__type(graph: ACCOUNTS)
  @join__type(graph: RE_VIEWS)
{
  me: User @join__field(graph: ACCOUNTS)
  search: [Result!] @join__field(graph: ACCOUNTS)
  top: User @join__field(graph: RE_VIEWS, provides: "name")
  kind(k: Kind = A, f: Filter): Int @join__field(graph: RE_VIEWS)
}

union Result
  @join__type(graph: ACCOUNTS)
  @join__unionMember(graph: ACCOUNTS, member: "User") = User

"A person"
type User implements Named
  @join__type(graph: ACCOUNTS, key: "id")
  @join__type(graph: RE_VIEWS, key: "id")
  @join__type(graph: RE_VIEWS, key: "kind", resolvable: false)
  @join__implements(graph: ACCOUNTS, interface: "Named")
{
  id: ID!
  name: String @join__field(graph: ACCOUNTS) @join__field(graph: RE_VIEWS, external: true)
  kind: Kind @join__field(graph: RE_VIEWS)
  label: String! @join__field(graph: RE_VIEWS, requires: "name")
}
"""
    )


def test_features_are_linked_only_where_they_are_used() -> None:
    """A router refuses a document that links for execution what it does not know."""
    plain = compose_ok(a="type Query { a: Int }").sdl
    marked = compose_ok(a='type Query { a: Int @tag(name: "x") b: [Int] @gather c: Int @inaccessible }').sdl
    for mark in ("specs.apollo.dev/tag/", "specs.apollo.dev/inaccessible/", "jiyi.dev/spec/gather/"):
        assert mark not in plain
        assert mark in marked


def test_gathered_fields_keep_their_mark_and_every_source() -> None:
    """What is lost in print would be asked of one department only."""
    sdl = compose_ok(
        a='type Query { l: [L!]! @gather(key: "n") } type L @shareable { n: ID! }',
        b='type Query { l: [L!] @gather(key: "n") } type L @shareable { n: ID! }',
    ).sdl
    assert (
        'l: [L!] @join__field(graph: A, type: "[L!]!") @join__field(graph: B, type: "[L!]") @gather(key: "n")'
        in sdl
    )
    assert '@link(url: "https://jiyi.dev/spec/gather/v0.1", import: ["@gather"], for: EXECUTION)' in sdl


def test_differing_input_types_are_told_by_subgraph() -> None:
    """A router has to send what each subgraph declares."""
    sdl = compose_ok(a="type Query { a(i: I): Int } input I { x: Int }", b="input I { x: Int! }").sdl
    assert 'x: Int! @join__field(graph: A, type: "Int") @join__field(graph: B, type: "Int!")' in sdl


def test_differing_field_types_are_told_by_every_subgraph() -> None:
    """As the reference prints them: a router must not guess which subgraph has the merged type."""
    sdl = compose_ok(
        a="type Query { t: T @shareable } type T @shareable { x: Int! }",
        b="type Query { t: T @shareable } type T @shareable { x: Int }",
    ).sdl
    assert 'x: Int @join__field(graph: A, type: "Int!") @join__field(graph: B, type: "Int")' in sdl


def test_every_subgraph_joins_the_query_type() -> None:
    """A subgraph without queries of its own still has Federation's, so its fields are told one by one."""
    sdl = compose_ok(
        a='type Query { t: T } type T @key(fields: "id") { id: ID! }',
        b='type T @key(fields: "id") { id: ID! x: Int }',
    ).sdl
    assert (
        "type Query\n  @join__type(graph: A)\n  @join__type(graph: B)\n{\n  t: T @join__field(graph: A)\n}" in sdl
    )


def test_extensions_are_told_but_for_those_of_federation_1() -> None:
    """As the reference does: in Federation 1 a type had to be extended wherever it was not owned."""
    owner, extension = (
        'type Query { t: T } type T @key(fields: "id") { id: ID! }',
        'extend type T @key(fields: "id") { id: ID! x: Int }',
    )
    assert '@join__type(graph: B, key: "id", extension: true)' in compose_ok(a=owner, b=extension).sdl
    first = compose_ok(*federation_1(a=owner, b=extension.replace("id: ID!", "id: ID! @external"))).sdl
    assert '@join__type(graph: B, key: "id")' in first
    assert "extension: true" not in first


def test_names_become_enum_values_without_collision() -> None:
    """Subgraph names are free text; enum values are not."""
    renamed = [
        Subgraph("a-b", "type Query { a: Int }"),
        Subgraph("a.b", "type Query { b: Int }"),
        Subgraph("1st", "type Query { c: Int }", 'http://x/"q"'),
    ]
    sdl = compose_ok(*renamed).sdl
    assert '  _1ST @join__graph(name: "1st", url: "http://x/\\"q\\"")' in sdl
    assert '  A_B @join__graph(name: "a-b"' in sdl
    assert '  A_B_2 @join__graph(name: "a.b"' in sdl


def test_the_departments_graph_prints_as_a_valid_schema() -> None:
    """Other tools build a schema from the text before they read its directives."""
    sdl = compose_ok(*FIVE_DEPARTMENTS).sdl
    parse(sdl)
    assert validate_schema(build_schema(sdl)) == []

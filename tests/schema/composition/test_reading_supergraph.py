"""A join-spec supergraph made by anybody loads into what composing its subgraphs gives."""

from __future__ import annotations

import pytest
from graphql import print_ast, print_schema

from schema.composition.supergraph_sdl import read_supergraph
from schema.field_set import parse_field_set
from schema.subgraph import EntityKey
from schema.supergraph import FieldSource, Supergraph
from tests.schema.composition.departments import FIVE_DEPARTMENTS
from tests.schema.composition.graphs import compose_ok, subgraphs
from tests.schema.planning.graphs import DISTRICT, MEDIA, SHOP
from tests.schema.planning.proving import plan_ok

COMPOSED_ELSEWHERE = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
  @link(url: "https://example.com/notes/v1.0")
{
  query: Query
}
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String,
  external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION
  | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false,
  resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION
  | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @lower on FIELD | FIELD_DEFINITION
directive @notes__note(text: String) on OBJECT
scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph {
  ACCOUNTS @join__graph(name: "accounts", url: "http://accounts/graphql")
  RE_VIEWS @join__graph(name: "re-views", url: "")
}
scalar notes__Text
enum Kind @join__type(graph: ACCOUNTS) @join__type(graph: RE_VIEWS) {
  A @join__enumValue(graph: ACCOUNTS)
  B @join__enumValue(graph: ACCOUNTS) @join__enumValue(graph: RE_VIEWS)
}
input Filter @join__type(graph: ACCOUNTS) @join__type(graph: RE_VIEWS) {
  word: String! @join__field(graph: ACCOUNTS, type: "String") @join__field(graph: RE_VIEWS, type: "String!")
  kind: Kind = A @join__field(graph: ACCOUNTS)
}
interface Named @join__type(graph: ACCOUNTS) { name: String }
type Query @join__type(graph: ACCOUNTS) @join__type(graph: RE_VIEWS) {
  me(filter: Filter): User @join__field(graph: ACCOUNTS)
  top: User @join__field(graph: RE_VIEWS, provides: "name")
  any: [Result!]
}
union Result @join__type(graph: ACCOUNTS) @join__type(graph: RE_VIEWS)
  @join__unionMember(graph: ACCOUNTS, member: "User") @join__unionMember(graph: ACCOUNTS, member: "Group")
  @join__unionMember(graph: RE_VIEWS, member: "User") = User | Group
type Group @join__type(graph: ACCOUNTS) @notes__note(text: "x") { title: String @deprecated(reason: "old") }
type User implements Named
  @join__implements(graph: ACCOUNTS, interface: "Named")
  @join__type(graph: ACCOUNTS, key: "id")
  @join__type(graph: RE_VIEWS, key: "id", extension: true)
  @join__type(graph: RE_VIEWS, key: "kind", resolvable: false)
{
  id: ID!
  name: String @join__field(graph: ACCOUNTS) @join__field(graph: RE_VIEWS, external: true)
  kind: Kind @join__field(graph: RE_VIEWS, type: "Kind!") @join__field(graph: ACCOUNTS, type: "Kind")
  label: String! @join__field(graph: RE_VIEWS, requires: "name")
}
"""


def read_ok(sdl: str) -> Supergraph:
    read = read_supergraph(sdl)
    assert not read.errors, "\n".join(map(str, read.errors))
    assert read.supergraph is not None
    return read.supergraph


def problems_of(sdl: str) -> list[tuple[str, list[str]]]:
    """Codes with their places."""
    read = read_supergraph(sdl)
    assert read.supergraph is None
    return [(error.code, [str(at) for at in error.locations]) for error in read.errors]


def test_it_tells_who_resolves_what_by_which_key() -> None:
    """All that planning needs is in the join directives."""
    supergraph = read_ok(COMPOSED_ELSEWHERE)
    assert supergraph.keys["User"] == {
        "accounts": (EntityKey(parse_field_set("id")),),
        "re-views": (EntityKey(parse_field_set("id")), EntityKey(parse_field_set("kind"), resolvable=False)),
    }
    assert supergraph.sources_of("User", "id") == (FieldSource("accounts", "ID!"), FieldSource("re-views", "ID!"))
    assert supergraph.sources_of("User", "name") == (
        FieldSource("accounts", "String"),
        FieldSource("re-views", "String", external=True),
    )
    assert supergraph.sources_of("User", "kind") == (
        FieldSource("accounts", "Kind"),
        FieldSource("re-views", "Kind!"),
    )
    assert supergraph.sources_of("User", "label") == (
        FieldSource("re-views", "String!", requires=parse_field_set("name")),
    )
    assert supergraph.sources_of("Query", "top") == (
        FieldSource("re-views", "User", provides=parse_field_set("name")),
    )
    assert supergraph.subgraphs["accounts"].url == "http://accounts/graphql"


def test_each_subgraph_gets_the_schema_that_it_has() -> None:
    """A fetch is validated against what its subgraph knows, not against the whole."""
    supergraph = read_ok(COMPOSED_ELSEWHERE)
    accounts, re_views = (print_schema(supergraph.subgraphs[name].schema) for name in ("accounts", "re-views"))
    assert "input Filter {\n  word: String\n  kind: Kind = A\n}" in accounts
    assert "input Filter {\n  word: String!\n}" in re_views
    assert "enum Kind {\n  A\n  B\n}" in accounts
    assert "enum Kind {\n  B\n}" in re_views
    assert "union Result = User | Group" in accounts
    assert "union Result = User\n" in re_views
    assert "type User implements Named {" in accounts
    assert "type User {" in re_views
    assert "type Group" not in re_views
    assert "_entities(" in re_views


def test_clients_see_the_schema_that_the_document_states() -> None:
    """Descriptions, defaults and deprecations are the supergraph's; the join directives and features are gone."""
    api = print_schema(read_ok(COMPOSED_ELSEWHERE).api_schema)
    assert "join__" not in api
    assert "link" not in api
    assert "notes__" not in api
    assert "directive @lower on FIELD\n" in api
    assert "kind: Kind = A" in api
    assert 'title: String @deprecated(reason: "old")' in api


@pytest.mark.parametrize("graph", ["departments", "district", "media", "shop"])
def test_what_is_printed_here_reads_as_the_same_graph(graph: str) -> None:
    """Compose, print, read, print: the same bytes, the same sources."""
    sets = {"departments": FIVE_DEPARTMENTS} | {
        name: subgraphs(**sdls) for name, sdls in {"district": DISTRICT, "media": MEDIA, "shop": SHOP}.items()
    }
    composed = compose_ok(*sets[graph])
    read = read_ok(composed.sdl)
    assert read.sdl == composed.sdl
    assert read.sources == composed.sources
    assert read.keys == composed.keys


def test_plans_over_a_read_graph_are_those_over_the_composed_one() -> None:
    """Nobody can tell by the answers where the supergraph came from."""
    composed = compose_ok(**DISTRICT)
    operation = (
        "{ me { name licences { number issuer { name } holder { ... on Citizen { id } } } fees { number } } }"
    )
    assert str(plan_ok(read_ok(composed.sdl), operation)) == str(plan_ok(composed, operation))


def test_what_must_not_be_ignored_is_refused() -> None:
    """A feature linked for security or execution changes what an answer may hold."""
    for purpose in ("SECURITY", "EXECUTION"):
        sdl = COMPOSED_ELSEWHERE.replace('notes/v1.0"', f'notes/v1.0", for: {purpose}')
        assert problems_of(sdl) == [("UNSUPPORTED_LINKED_FEATURE", ["supergraph:5:3"])]


def test_versions_to_come_are_refused() -> None:
    """What a later join version means nobody here knows."""
    assert problems_of(COMPOSED_ELSEWHERE.replace("join/v0.3", "join/v0.9")) == [
        ("UNKNOWN_LINK_VERSION", ["supergraph:4:3"])
    ]


def test_what_is_no_supergraph_is_told() -> None:
    """The commonest mistake: an API schema or a subgraph where a supergraph is wanted."""
    assert problems_of("type Query { a: Int }") == [("INVALID_FEDERATION_SUPERGRAPH", [])]
    assert problems_of("type Query { a: ") == [("INVALID_GRAPHQL", ["supergraph:1:17"])]
    assert problems_of(COMPOSED_ELSEWHERE.replace("me(filter: Filter)", "me(filter: Missing)")) == [
        ("INVALID_GRAPHQL", ["supergraph:40:14"])
    ]


def test_joins_that_contradict_each_other_are_told() -> None:
    """A document edited by hand must not become a graph that plans wrongly."""
    elsewhere = COMPOSED_ELSEWHERE.replace(
        "title: String @dep", "title: String @join__field(graph: RE_VIEWS) @dep"
    )
    assert problems_of(elsewhere) == [("INVALID_FEDERATION_SUPERGRAPH", ["supergraph:47:1"])]
    lost = COMPOSED_ELSEWHERE.replace('@join__unionMember(graph: RE_VIEWS, member: "User")', "").replace(
        "any: [Result!]", "any: [Result!] @join__field(graph: RE_VIEWS)"
    )
    assert problems_of(lost) == [("INVALID_FEDERATION_SUPERGRAPH", [])]
    nameless = COMPOSED_ELSEWHERE.replace('RE_VIEWS @join__graph(name: "re-views", url: "")', "RE_VIEWS")
    assert problems_of(nameless) == [("INVALID_FEDERATION_SUPERGRAPH", ["supergraph:27:3"])]


def test_directives_of_linked_features_may_have_other_names() -> None:
    """``as`` and renaming imports hold for a supergraph as for a subgraph."""
    sdl = COMPOSED_ELSEWHERE.replace("join__", "j__").replace("for: EXECUTION", 'for: EXECUTION, as: "j"')
    assert read_ok(sdl).sources == read_ok(COMPOSED_ELSEWHERE).sources


def test_hidden_parts_stay_hidden_under_any_name() -> None:
    """An @inaccessible field that became visible by loading would be a leak."""
    sdl = COMPOSED_ELSEWHERE.replace(
        '@link(url: "https://example.com/notes/v1.0")',
        '@link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY, as: "hidden")',
    ).replace("@notes__note(text: String) on OBJECT", "@hidden on FIELD_DEFINITION")
    sdl = sdl.replace("scalar notes__Text", "")
    sdl = sdl.replace('@notes__note(text: "x")', "").replace('title: String @deprecated(reason: "old")',
                                                             "title: String secret: Int @hidden")  # fmt: skip
    supergraph = read_ok(sdl)
    assert "secret: Int" in print_schema(supergraph.schema)
    assert "secret" not in print_schema(supergraph.api_schema)


def test_directives_that_a_supergraph_only_carries_go_back_to_their_subgraphs() -> None:
    """A subgraph's own affair, such as what to forget by which tag, survives the way through a supergraph."""
    sdl = COMPOSED_ELSEWHERE.replace(
        "scalar join__FieldSet",
        "directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) "
        "repeatable on OBJECT | FIELD_DEFINITION scalar join__DirectiveArguments scalar join__FieldSet",
    )
    carried = '@join__directive(graphs: [RE_VIEWS], name: "federation__cacheTag", args: {format: "best"})'
    supergraph = read_ok(sdl.replace('provides: "name")', f'provides: "name") {carried}'))
    accounts, re_views = (print_ast(supergraph.subgraphs[name].document) for name in ("accounts", "re-views"))
    assert 'top: User @federation__provides(fields: "name") @federation__cacheTag(format: "best")' in re_views
    assert "cacheTag" not in accounts

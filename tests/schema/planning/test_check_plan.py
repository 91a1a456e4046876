"""The checker finds what is wrong with a plan, whoever made it."""

from __future__ import annotations

from dataclasses import replace

from graphql import parse

from schema.planning import plan
from schema.planning.check_plan import check_plan
from schema.planning.query_plan import Each, Fetch, Flatten, Gather, Parallel, QueryPlan, Sequence
from tests.schema.planning.proving import compose_ok

GRAPH = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int bells: [String!]! @gather }',
    "b": """
      type T @key(fields: "id") {
        id: ID! x: Int @external y: Int @requires(fields: "x") bells: [String!]! @gather
      }
    """,
}
KEYED = "query($representations: [_Any!]!) { _entities(representations: $representations) { ... on T { y } } }"


def problems(operation: str, node: object) -> tuple[str, ...]:
    return check_plan(compose_ok(GRAPH), parse(operation), None, QueryPlan("query", node))  # type: ignore[arg-type]


def good(operation: str) -> Sequence:
    node = plan(compose_ok(GRAPH), parse(operation)).node
    assert isinstance(node, Sequence)
    return node


def test_a_field_that_is_never_fetched_is_found() -> None:
    """Every field of the operation must be there in the end."""
    assert problems("{ t { id x } }", Fetch("a", "query { t { id } }")) == ('"t.x" of T is never fetched',)


def test_a_field_under_a_wrong_condition_is_found() -> None:
    """Each value of each condition variable is looked at."""
    wrong = Fetch("a", "query($on: Boolean!) { t { x @skip(if: $on) } }", variables=("on",))
    assert problems("query($on: Boolean!) { t { x @include(if: $on) } }", wrong) == (
        '"t.x" of T is never fetched',
    )


def test_a_document_that_the_subgraph_refuses_is_found() -> None:
    """Its own schema is the judge."""
    (problem,) = problems("{ t { id } }", Fetch("a", "query { t { id wrong } }"))
    assert problem == "\"a\" refuses query { t { id wrong } }: Cannot query field 'wrong' on type 'T'."


def test_a_field_that_is_external_on_the_path_is_found() -> None:
    """The schema names it, but nobody can resolve it there."""
    steps = good("{ t { y } }")
    entity = steps.nodes[1]
    assert isinstance(entity, Flatten)
    asking = replace(entity, node=replace(entity.node, document=KEYED.replace("y }", "y x }")))
    assert problems("{ t { y } }", Sequence((steps.nodes[0], asking))) == (
        '"b" does not resolve "T.x" on this path',
    )


def test_a_key_that_was_not_fetched_before_is_found() -> None:
    """Neither a missing field nor one that is fetched side by side can be sent."""
    steps = good("{ t { y } }")
    bare = Fetch("a", "query { t { x } }")
    assert '"b" at "t" is sent "id" of T, which was not fetched before' in problems(
        "{ t { y } }", Sequence((bare, *steps.nodes[1:]))
    )
    assert '"t.y" of T is never fetched' in problems("{ t { y } }", Parallel(steps.nodes))


def test_a_missing_requirement_is_found() -> None:
    """The representation must carry what the field requires."""
    steps = good("{ t { y } }")
    entity = steps.nodes[1]
    assert isinstance(entity, Flatten)
    (sent,) = entity.node.representations
    poorer = replace(entity.node, representations=(replace(sent, selections=sent.selections[:1]),))
    assert problems("{ t { y } }", Sequence((steps.nodes[0], replace(entity, node=poorer)))) == (
        '"b" is not sent what "T.y" requires',
    )


def test_a_gather_without_all_parts_is_found() -> None:
    """A list that misses a subgraph is not the list."""
    steps = good("{ t { bells } }")
    gather = steps.nodes[1]
    assert isinstance(gather, Gather)
    assert problems("{ t { bells } }", Sequence((steps.nodes[0], replace(gather, parts=gather.parts[:1])))) == (
        "Gather \"bells\" leaves out a part: ['a', 'b']",
    )


def test_elements_of_a_part_that_nobody_follows_up_are_found() -> None:
    """What is fetched for the elements of one part says nothing of the others."""
    tree = 'type Tree @key(fields: "number") { number: ID! @shareable'
    graph = compose_ok(
        {
            "one": f"type Query {{ trees: [Tree!]! @gather }} {tree} }}",
            "two": f"type Query {{ trees: [Tree!]! @gather }} {tree} }}",
            "kinds": f"{tree} kind: String }}",
        }
    )
    document = parse("{ trees { kind } }")
    gather, follow = plan(graph, document).node.nodes  # type: ignore[union-attr]
    partly = replace(follow, path=("trees", Each(("one",))))
    assert check_plan(graph, document, None, QueryPlan("query", Sequence((gather, partly)))) == (
        '"trees.kind" of Tree is never fetched',
    )


def test_a_type_that_another_subgraph_rules_out_need_not_be_sent() -> None:
    """The desk could bring a firm, but the register, which holds the same value, knows persons only."""
    graph = compose_ok(
        {
            "desk": """
              type Query { file: File @provides(fields: "holder { ... on Firm { name } }") }
              type File @key(fields: "id") {
                id: ID! holder: Holder! @external
                note: String @requires(fields: "holder { ... on Person { born } ... on Firm { seat } }")
              }
              union Holder = Person | Firm
              type Person @key(fields: "id") { id: ID! @shareable born: Int }
              type Firm { id: ID! @shareable name: String @external seat: String @external }
            """,
            "firms": 'type Firm @key(fields: "id") { id: ID! @shareable name: String @shareable seat: String }',
            "register": """
              type File @key(fields: "id") { id: ID! holder: Holder! @shareable }
              union Holder = Person
              type Person @key(fields: "id") { id: ID! @shareable }
            """,
        }
    )
    document = parse("{ file { note } }")
    assert check_plan(graph, document, None, plan(graph, document)) == ()


def test_a_variable_that_is_declared_otherwise_is_found() -> None:
    """Types and defaults are the client's."""
    wrong = Fetch("a", "query($on: Boolean! = true) { t { x @include(if: $on) } }", variables=("on",))
    assert problems("query($on: Boolean!) { t { x @include(if: $on) } }", wrong) == (
        '"a" declares a variable otherwise than the operation',
    )


PARCELS = {
    "post": """
      type Query { parcel: Parcel }
      type Parcel @key(fields: "id") { id: ID! content: Content @shareable }
      union Content = Book | Film
      type Book @key(fields: "id") { id: ID! pages: Int }
      type Film @key(fields: "id") { id: ID! minutes: Int }
    """,
    "shelf": """
      type Parcel @key(fields: "id") { id: ID! content: Content @shareable }
      union Content = Book
      type Book @key(fields: "id") { id: ID! }
    """,
    "scales": """
      type Parcel @key(fields: "id") {
        id: ID! content: Content @external
        weight: Int @requires(fields: "content { ... on Book { pages } ... on Film { minutes } }")
      }
      union Content = Book | Film
      type Book @key(fields: "id") { id: ID! pages: Int @external }
      type Film @key(fields: "id") { id: ID! minutes: Int @external }
    """,
}


def test_what_is_required_of_a_type_that_cannot_stand_there_need_not_be_fetched() -> None:
    """Post and shelf promise the same content, and the shelf has no films; a book's pages have to be there."""
    supergraph = compose_ok(PARCELS)
    document = parse("{ parcel { weight } }")
    found = plan(supergraph, document)
    assert check_plan(supergraph, document, None, found) == ()
    assert isinstance(found.node, Sequence)
    first = found.node.nodes[0]
    assert isinstance(first, Fetch)
    assert "minutes" not in first.document
    poorer = replace(first, document=first.document.replace("pages", "id"))
    worse = QueryPlan("query", Sequence((poorer, *found.node.nodes[1:])))
    assert check_plan(supergraph, document, None, worse) == (
        '"scales" at "parcel" is sent "pages" of Book, which was not fetched before',
    )

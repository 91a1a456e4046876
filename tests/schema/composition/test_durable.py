"""What composition makes of @durable, and what it refuses, by code, place and mend."""

from __future__ import annotations

import pytest
from graphql import GraphQLObjectType, parse, print_type

from schema.composition import compose
from schema.composition.supergraph_sdl import read_supergraph
from schema.errors import Location
from schema.planning import plan
from schema.planning.check_plan import check_plan
from schema.subgraph import Subgraph
from schema.supergraph import Supergraph

LINK = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9",
    import: ["@key", "@shareable", "@external", "@requires", "@inaccessible", "@interfaceObject", "@override"])
  @link(url: "https://jiyi.dev/spec/durable/v0.1", import: ["@durable"])
"""
CIVIL_AFFAIRS = f"""{LINK}
type Query {{ hours: String }}
type Citizen @key(fields: "id") {{ id: ID! name: String age: Int @external old: Boolean @requires(fields: "age") }}
interface Receipt {{ number: ID! }}
type Move implements Receipt {{ number: ID! kind: Kind! who: Citizen }}
enum Kind {{ HOME WORK }}
input Address {{ street: String! kind: Kind }}
type Mutation {{
  move(who: ID!, address: Address!): Move! @durable(applicant: "who", expiresAfter: "PT36H")
  ping: Int
}}
"""
REGISTER = f"""{LINK}
type Query {{ me: Citizen }}
type Citizen @key(fields: "id") {{ id: ID! age: Int phone: String }}
"""
HUB = f"""{LINK}
type Query {{ durableTicket(id: ID!): DurableTicket }}
type DurableTicket @key(fields: "id") @interfaceObject {{ id: ID! state: String! }}
"""


def graph(**others: str) -> Supergraph:
    sdls = {"civil-affairs": CIVIL_AFFAIRS, "register": REGISTER, "hub": HUB, **others}
    composition = compose([Subgraph(name, sdl) for name, sdl in sdls.items()])
    assert composition.supergraph is not None, composition.errors
    assert composition.hints == ()
    return composition.supergraph


def refusals(mutation: str, *others: Subgraph, rest: str = "") -> list[tuple[str, tuple[Location, ...]]]:
    sdl = f"{LINK}type Query {{ hours: String }}\ntype Mutation {{\n  {mutation}\n}}\n{rest}"
    composition = compose([Subgraph("civil-affairs", sdl), *others])
    return [(error.code, error.locations) for error in composition.errors]


def proven_plan(supergraph: Supergraph, text: str) -> str:
    document = parse(text)
    made = plan(supergraph, document)
    assert check_plan(supergraph, document, None, made) == ()
    return str(made)


def test_clients_see_a_ticket_of_the_mutations_own_type() -> None:
    """Typed as the department's answer is, nullable as long as it is not there; nobody says who asks."""
    api = graph().api_schema
    assert print_type(api.type_map["MoveDurableTicket"]) == (
        '"""What became of a request to move."""\n'
        "type MoveDurableTicket implements DurableTicket {\n"
        "  id: ID!\n\n"
        '  """The department\'s answer, once it is done."""\n'
        "  result: Move\n"
        "  state: String!\n"
        "}"
    )
    assert api.mutation_type is not None
    field = api.mutation_type.fields["move"]
    assert str(field.type) == "MoveDurableTicket!"
    assert {name: str(argument.type) for name, argument in field.args.items()} == {
        "address": "Address!",
        "idempotencyKey": "String",
    }


def test_a_plan_shows_the_durable_mutation_and_is_proven() -> None:
    """It is asked of nobody; what only others know of its result is fetched from them, by key."""
    printed = proven_plan(
        graph(),
        """mutation { move(address: { street: "x" }) { state result { number who { name phone } } } ping }""",
    )
    lines = [line.strip() for line in printed.splitlines() if "(service" in line]
    assert lines == [
        'Durable(service: "civil-affairs") {',
        'Fetch(service: "hub") {',
        'Fetch(service: "register") {',
        'Fetch(service: "civil-affairs") {',
    ]


def test_a_ticket_is_read_through_its_interface() -> None:
    """Who holds only an id finds the type of its ticket, and then the result."""
    printed = proven_plan(
        graph(), '{ durableTicket(id: "1") { state ... on MoveDurableTicket { result { kind } } } }'
    )
    services = [line.strip() for line in printed.splitlines() if "(service" in line]
    assert services == [
        'Fetch(service: "hub") {',
        'Fetch(service: "hub.tickets") {',
        'Fetch(service: "civil-affairs.durable") {',
    ]


def test_what_the_department_computes_of_others_fields_stays_with_it() -> None:
    """A copy of the type could not compute it: it is reached by the key of what the result holds."""
    supergraph = graph()
    copied = supergraph.subgraphs["civil-affairs.durable"].schema.type_map["Citizen"]
    assert isinstance(copied, GraphQLObjectType)
    assert sorted(copied.fields) == ["id", "name"]
    printed = proven_plan(
        supergraph, '{ durableTicket(id: "1") { ... on MoveDurableTicket { result { who { old } } } } }'
    )
    assert printed.count('Fetch(service: "civil-affairs")') == 1


def test_the_printed_supergraph_is_read_back_and_refused_by_routers_that_do_not_know_it() -> None:
    """``for: EXECUTION``; the document says itself which mutations give tickets."""
    supergraph = graph()
    assert (
        '@link(url: "https://jiyi.dev/spec/durable/v0.1", import: ["@durable"], for: EXECUTION)' in supergraph.sdl
    )
    assert "): MoveDurableTicket! @durable @join__field(graph: CIVIL_AFFAIRS_DURABLE)" in supergraph.sdl
    read = read_supergraph(supergraph.sdl).supergraph
    assert read is not None
    assert read.sdl == supergraph.sdl


def test_without_durable_mutations_nothing_is_added() -> None:
    """A graph of strangers may have types of these names."""
    composition = compose(
        [
            Subgraph(
                "a",
                "type Query { t: DurableTicket } type DurableTicket { a: ID } type OtherDurableTicket { a: Int }",
            )
        ]
    )
    assert composition.supergraph is not None
    assert sorted(composition.supergraph.subgraphs) == ["a"]


def test_a_department_may_have_tickets_of_its_own() -> None:
    """A museum sells them; the names of the hub's are nobody's by accident."""
    museum = """type Ticket @key(fields: "id") { id: ID! state: TicketState! error: TicketError }
      enum TicketState { SOLD } type TicketError { code: Int }
      type TicketConnection { edges: [TicketEdge!]! } type TicketEdge { node: Ticket }
      type Query { ticket(id: ID!): Ticket myTickets: TicketConnection }
      type Mutation { cancelTicket(id: ID!): Ticket buyTicket(day: String): Ticket @durable }"""
    supergraph = graph(tickets=f"{LINK}{museum}")
    printed = proven_plan(supergraph, 'mutation { buyTicket(day: "2026-12-01") { state result { id state } } }')
    assert 'Durable(service: "tickets")' in printed


def test_the_result_may_be_of_a_type_that_others_share() -> None:
    """The copy is one more subgraph that has it, and nobody's shareable types clash."""
    shared = "type Move @shareable { number: ID! }"
    sdl = f"{LINK}type Query {{ a: Int }} {shared} type Mutation {{ go: Move @durable }}"
    other = f"{LINK}type Query {{ b: Move }} {shared}"
    assert compose([Subgraph("a", sdl), Subgraph("b", other)]).errors == ()


@pytest.mark.parametrize(
    ("mutation", "rest", "code", "line", "column"),
    [
        ("a: Int", "type T { b: Int @durable }", "DURABLE_INVALID_PLACE", 9, 17),
        ("a: Int @durable @shareable", "", "DURABLE_COLLISION_WITH_ANOTHER_DIRECTIVE", 7, 10),
        ("a: Int @durable @inaccessible", "", "DURABLE_COLLISION_WITH_ANOTHER_DIRECTIVE", 7, 10),
        ('a(b: Int): Int @durable(applicant: "b")', "", "DURABLE_APPLICANT_INVALID", 7, 18),
        ('a: Int @durable(applicant: "b")', "", "DURABLE_APPLICANT_INVALID", 7, 10),
        ('a: Int @durable(expiresAfter: "P91D")', "", "DURABLE_EXPIRY_INVALID", 7, 10),
        ('a: Int @durable(expiresAfter: "7 days")', "", "DURABLE_EXPIRY_INVALID", 7, 10),
        ("a(idempotencyKey: ID): Int @durable", "", "DURABLE_NAME_TAKEN", 7, 30),
        ("a: Int @durable", "type ADurableTicket { x: Int }", "DURABLE_NAME_TAKEN", 9, 1),
        ("a: Int @durable", "type DurableTicket { x: Int }", "DURABLE_NAME_TAKEN", 9, 1),
    ],
)
def test_misuse_is_told_with_its_place(mutation: str, rest: str, code: str, line: int, column: int) -> None:
    """Each by a code of its own, where it stands."""
    assert refusals(mutation, rest=rest) == [(code, (Location("civil-affairs", line, column),))]


def test_nobody_else_may_be_called_like_the_tickets_subgraph() -> None:
    """Told before two of them clash."""
    others = [
        Subgraph("hub.tickets", "type Query { x: Int }"),
        Subgraph("civil-affairs.durable", "type Query { y: Int }"),
    ]
    assert [code for code, _ in refusals("a: Int @durable", *others)] == ["DURABLE_NAME_TAKEN"] * 2


def test_two_departments_cannot_have_a_durable_mutation_of_one_name() -> None:
    """Which of the two would it be?"""
    sdl = f"{LINK}type Query {{ %s: Int }} type Mutation {{ a: Int @durable }}"
    composition = compose([Subgraph("one", sdl % "x"), Subgraph("two", sdl % "y")])
    assert {error.code for error in composition.errors} == {"INVALID_FIELD_SHARING"}


def test_another_version_of_the_specification_is_refused() -> None:
    """It could mean something else."""
    sdl = LINK.replace("durable/v0.1", "durable/v7.0") + "type Query { a: Int } type Mutation { b: Int @durable }"
    assert "UNKNOWN_LINK_VERSION" in {error.code for error in compose([Subgraph("a", sdl)]).errors}

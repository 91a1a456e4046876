"""A small graph, a policy that allows everything, and readers: what gateway and door tests stand on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Sequence as Refusals
from datetime import UTC, datetime, timedelta
from typing import Any

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, build_schema, print_ast

from auth.actor import Actor
from auth.refusal import Refusal
from auth.tokens import InvalidToken
from connectors.clock import SystemClock
from hub.gateway import Gateway, GatewaySettings, GraphState
from hub.gateway.policy import Identities
from schema.planning.query_plan import (
    Fetch,
    Flatten,
    Guard,
    OperationKind,
    QueryPlan,
    Representation,
    RepresentationField,
    Sequence,
    Subscription,
)
from schema.supergraph import FieldSource, Supergraph
from tests.hub.execution.fakes import FakeDepartment

REGISTER = """
type Query { me: Citizen ping: String! echo(text: String!, times: Int = 1): String }
type Mutation { rename(name: String!): Citizen }
type Subscription { ticks(to: Int): Int! }
type Citizen { id: ID! name: String cars: Int }
"""


def supergraph_of(sdl: str = REGISTER) -> Supergraph:
    """A supergraph as composition would make it, of which only the public schema is used here."""
    schema = build_schema(sdl)
    return Supergraph({}, schema, schema, {"Query.ping": (FieldSource("register", "String!"),)}, {})


def state_of(*departments: FakeDepartment, sdl: str = REGISTER, version: int = 1) -> GraphState:
    names = ("register", "second", "third")[: len(departments)]
    connectors = dict(zip(names, departments, strict=True))
    return GraphState(supergraph_of(sdl), connectors, {"register": "public-security"}, version)


class Everything:
    """Requirements that everybody meets."""

    personal: tuple[str, ...] = ()

    def refusals(self, actor: Actor | None) -> Refusals[Refusal]:
        return ()


class AllowAll:
    """A policy without a rule; only in tests."""

    identities: Mapping[str, tuple[str, ...]] = {"Citizen": ("id",)}

    def requirements(
        self, api_schema: GraphQLSchema, document: DocumentNode, operation_name: str | None
    ) -> Everything:
        return Everything()

    def may_read_all(self, actor: Actor) -> bool:
        return actor.subject == "auditor"


def whole_operation_to_register(
    supergraph: Supergraph,
    document: DocumentNode,
    operation_name: str | None,
    *,
    identities: Mapping[str, tuple[str, ...]],
    labels: frozenset[str],
) -> QueryPlan:
    """A planner for one subgraph: the client's operation is the fetch."""
    operation = next(
        d
        for d in document.definitions
        if isinstance(d, OperationDefinitionNode) and operation_name in (None, d.name.value if d.name else None)
    )
    kind: OperationKind = operation.operation.value
    variables = tuple(v.variable.name.value for v in operation.variable_definitions or ())
    fetch = Fetch("register", print_ast(operation), kind, variables)
    if kind == "subscription":
        return QueryPlan(kind, Subscription(fetch, None))
    names = {node.name.value for node in operation.selection_set.selections if hasattr(node, "name")}
    return QueryPlan(kind, None if names <= {"__typename", "__schema", "__type"} else fetch)


def planned(plan: QueryPlan) -> Callable[..., QueryPlan]:
    """A planner that knows one plan."""
    return lambda *_arguments, **_options: plan


GUARDED_ME = QueryPlan(
    "query",
    Sequence(
        (
            Fetch(
                "register",
                "{ me { __typename id name } }",
                guards=(Guard(("me",), "Citizen", (("id", "id"),)),),
            ),
            Flatten(
                ("me",),
                Fetch(
                    "second",
                    "query($representations: [_Any!]!) { _entities(representations: $representations) "
                    "{ ... on Citizen { cars } } }",
                    representations=(Representation("Citizen", (RepresentationField("id", "id"),), "Citizen", 1),),
                ),
            ),
        )
    ),
)


def citizen(subject: str = "c-1", *, lives: timedelta = timedelta(hours=1)) -> Actor:
    expires_at = datetime.now(UTC) + lives
    return Actor(subject, "portal", frozenset(), frozenset({"citizen"}), expires_at)


async def identities_of(actor: Actor) -> Identities:
    return {"Citizen.id": frozenset({actor.subject})}


async def verify_token(token: str) -> Actor:
    """``citizen`` and ``short`` (a token that lives for 0.2 s) are good tokens."""
    if token == "citizen":
        return citizen()
    if token == "short":
        return citizen(lives=timedelta(seconds=0.2))
    raise InvalidToken("The access token was refused: it is none of ours.")


def gateway_for(*departments: FakeDepartment, **options: Any) -> Gateway:
    """A gateway that serves ``departments`` over the small graph."""
    gateway = Gateway(
        options.pop("policy", AllowAll()),
        options.pop("identities", identities_of),
        planner=options.pop("planner", whole_operation_to_register),
        clock=SystemClock(),
        settings=options.pop("settings", GatewaySettings()),
        **options,
    )
    gateway.publish(state_of(*departments))
    return gateway

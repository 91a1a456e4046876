"""S27: a refusal names what was asked, never what exists and sounds alike, unless somebody develops here.

Over each place where the reference implementation suggests: fields, arguments, types, fragments, directives,
values of enums, fields of inputs, in literals and in variables. Their words: tests/hub/test_refusals.py.
"""

from __future__ import annotations

from typing import Any, cast

import pytest

from connectors.connector import FetchRequest
from connectors.local import LocalConnector
from hub.execution.fault import cause_of_error
from hub.gateway import GatewaySettings, GraphQLRequest
from hub.own_subgraph import build_own_subgraph, own_sdl
from hub.settings import Settings
from hub.standalone.application import GatewayOptions
from tests.hub.execution.fakes import FakeDepartment
from tests.hub.graph_for_tests import gateway_for, state_of
from tests.standalone.conftest import Serve, gateway, shop

__all__ = ["gateway", "shop"]

SDL = """
enum Grade { GOOD POOR }
input Choice { secretName: String grade: Grade }
directive @hushed(secretWord: String) on FIELD
type Query { secretField(secretName: String, choice: Choice, grade: Grade): SecretType }
type SecretType { secretName: String }
"""
NEAR: dict[str, tuple[str, dict[str, Any]]] = {
    "field": ("{ secretFiel { secretName } }", {}),
    "nested field": ("{ secretField { secretNam } }", {}),
    "argument": ('{ secretField(secretNam: "") { secretName } }', {}),
    "directive argument": ('{ secretField { secretName @hushed(secretWor: "") } }', {}),
    "type of a variable": ("query ($a: Choic) { secretField(choice: $a) { secretName } }", {}),
    "type of a fragment": ("{ secretField { ... on SecretTyp { secretName } } }", {}),
    "enum literal": ("{ secretField(grade: GOO) { secretName } }", {}),
    "enum as a text": ('{ secretField(grade: "GOOD") { secretName } }', {}),
    "enum variable": ("query ($a: Grade) { secretField(grade: $a) { secretName } }", {"a": "GOO"}),
    "enum default": ("query ($a: Grade = GOO) { secretField(grade: $a) { secretName } }", {}),
    "input literal": ('{ secretField(choice: { secretNam: "" }) { secretName } }', {}),
    "input variable": (
        "query ($a: Choice) { secretField(choice: $a) { secretName } }",
        {"a": {"secretNam": ""}},
    ),
    "enum in an input variable": (
        "query ($a: Choice) { secretField(choice: $a) { secretName } }",
        {"a": {"grade": "GOO"}},
    ),
}


async def refusal(place: str, settings: GatewaySettings) -> str:
    gateway = gateway_for(FakeDepartment({}), settings=settings)
    gateway.publish(state_of(FakeDepartment({}), sdl=SDL))
    query, variables = NEAR[place]
    answer = await gateway.answer(GraphQLRequest(query, variables=variables), None)
    assert not answer.is_executed
    return " ".join(str(error["message"]) for error in answer.errors)


@pytest.mark.parametrize("place", NEAR)
async def test_no_refusal_names_what_exists(place: str) -> None:
    """Each of these is suggested where suggestions are wanted: so the probe is one."""
    assert "Did you mean" in await refusal(place, GatewaySettings(tells_suggestions=True))
    assert "Did you mean" not in await refusal(place, GatewaySettings())


def test_nobody_who_serves_gets_suggestions_unasked() -> None:
    """The hub by a setting, the engine alone by --dev-errors; ``jiyi dev`` and the demo have them."""
    assert not Settings().suggestions
    assert not GatewayOptions().tells_internals


@pytest.mark.parametrize("tells", [False, True])
async def test_the_engine_alone_suggests_to_developers_only(gateway: Serve, tells: bool) -> None:
    """At its door, over a composed graph."""
    async with gateway(options=GatewayOptions(tells_internals=tells)) as client:
        answer = (await client.post("/graphql", json={"query": "{ topProduct { name } }"})).json()
    assert ("Did you mean" in answer["errors"][0]["message"]) is tells


async def test_the_own_subgraph_suggests_nothing_of_what_the_public_graph_hides() -> None:
    """A second wall: whatever reaches it came from a plan."""
    connector = LocalConnector(build_own_subgraph(cast("Any", None)))
    response = await connector.fetch(FetchRequest("{ serviceItemz { code } }"))
    assert "serviceItems" in own_sdl()
    (error,) = response.errors
    assert error["message"] == "Cannot query field 'serviceItemz' on type 'Query'."


def test_what_a_department_suggests_for_our_request_is_not_passed_on() -> None:
    """Its schema moved away under us: its answer names fields that it never published. A resolver's words stay."""
    drifted = {"message": 'Cannot query field "motto" on type "Office". Did you mean "mottoOfAgents"?'}
    assert cause_of_error(drifted, "parks").message == 'Cannot query field "motto" on type "Office".'
    resolved = {"message": "No such office. Did you mean Parks?", "path": ["office"]}
    assert cause_of_error(resolved, "parks").message == "No such office. Did you mean Parks?"

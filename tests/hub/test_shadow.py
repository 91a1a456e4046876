"""What clients would notice of a new version: recorded operations are answered by both, and compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from graphql import OperationDefinitionNode, parse

from auth.policy import Policy
from connectors.clock import SystemClock
from hub.gateway import GraphState
from hub.registry.registration import Registration
from hub.registry.shadow import ShadowComparison
from schema.affected import ClientUse, RecordedOperation
from schema.composition import compose
from schema.subgraph import Subgraph
from schema.supergraph import Supergraph
from schema.usage import usage_of
from tests.hub.execution.fakes import FakeDepartment, Script, errors

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n'
HUB = LINK + (
    "type Query { organisations: [Organisation!]! me: Citizen }\n"
    'type Organisation @key(fields: "code") { code: ID! }\ntype Citizen @key(fields: "id") { id: ID! }'
)
MOTTOS = LINK + (
    'type Organisation @key(fields: "code") { code: ID! motto(short: Boolean): String }\n'
    'type Citizen @key(fields: "id") { id: ID! motto: String }'
)
THEN = datetime(2026, 11, 20, tzinfo=UTC)
PUBLIC = "query Mottos { organisations { code motto } }"


def graph() -> Supergraph:
    composition = compose((Subgraph("hub", HUB), Subgraph("mottos", MOTTOS)))
    assert composition.supergraph is not None, composition.errors
    return composition.supergraph


def sent(text: str) -> RecordedOperation:
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    usage = usage_of(graph().api_schema, document, operation)
    return RecordedOperation(
        usage.hash,
        usage.name,
        usage.kind,
        usage.document,
        usage.coordinates,
        (ClientUse("portal", "", 3, THEN),),
        THEN,
        usage.has_values,
    )


def mottos(*words: str | None) -> dict[str, Any]:
    return {"_entities": [{"__typename": "Organisation", "motto": word} for word in words]}


class Shadow:
    """Both versions, with what each answers."""

    def __init__(self, live: Script, new: Script) -> None:
        organisations = {"organisations": [{"__typename": "Organisation", "code": str(n)} for n in (1, 2)]}
        self.hub, self.live, self.new = FakeDepartment(organisations), FakeDepartment(live), FakeDepartment(new)
        state = GraphState(graph(), {"hub": self.hub, "mottos": self.live}, {"mottos": "mottos"}, 1)
        self.comparison = ShadowComparison(lambda: state, lambda _registration: self.new, Policy(), SystemClock())

    async def compare(self, *recorded: RecordedOperation) -> tuple[list[str], int]:
        registration = Registration("mottos", "mottos", "graphql", MOTTOS)
        found, compared = await self.comparison(registration, graph(), recorded)
        return [f"{each.operation} {each.path}: {each.message}" for each in found], compared


async def test_the_same_answers_are_no_difference() -> None:
    """And the connector that was tried is closed, the live ones are not."""
    shadow = Shadow(mottos("a", "b"), mottos("a", "b"))
    assert await shadow.compare(sent(PUBLIC)) == ([], 1)
    assert (shadow.new.is_closed, shadow.live.is_closed, shadow.hub.is_closed) == (True, False, False)


async def test_a_difference_is_told_by_place_and_kind_and_never_by_value() -> None:
    """What the new version says is not for whoever reads a report."""
    shadow = Shadow(mottos("SECRET", "b"), mottos("OTHER", None))
    found, compared = await shadow.compare(sent(PUBLIC))
    assert found == [
        "Mottos organisations[].motto: another value (a text)",
        "Mottos organisations[].motto: null, and a text before",
    ]
    assert compared == 1


async def test_an_error_of_the_new_version_is_told_by_its_code() -> None:
    """A live version that fails itself is nothing to compare with."""
    failing = errors({"message": "no", "extensions": {"code": "DEPARTMENT_ERROR"}})
    found, _ = await Shadow(mottos("a", "b"), failing).compare(sent(PUBLIC))
    assert found == ["Mottos : Answered with errors: DEPARTMENT_ERROR."]
    assert await Shadow(failing, mottos("a", "b")).compare(sent(PUBLIC)) == ([], 0)


async def test_nothing_of_a_person_and_nothing_incomplete_is_run() -> None:
    """For nobody in particular, so what needs a sign-in is refused before anything is fetched."""
    shadow = Shadow(mottos("a", "b"), mottos("a", "b"))
    personal = sent("query Mine { me { motto } }")
    with_value = sent("query Short { organisations { motto(short: true) } }")
    needs_variable = sent("query Needs($s: Boolean!) { organisations { motto(short: $s) } }")
    elsewhere = sent("query Codes { organisations { code } }")
    too_long = replace(sent(PUBLIC), document="")
    assert await shadow.compare(personal, with_value, needs_variable, elsewhere, too_long) == ([], 0)
    assert shadow.live.requests == shadow.new.requests == []
    optional = sent("query Optional($s: Boolean) { organisations { motto(short: $s) } }")
    assert await shadow.compare(optional) == ([], 1)

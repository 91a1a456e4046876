"""A version that breaks what clients send is refused with their names; what nobody sends waits for an operator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from connectors.clock import SystemClock
from hub.registry.check_findings import Outcome, ProbeLine, ShadowDifference
from hub.registry.registration import ConnectorCheck, Registration, trial_version
from hub.registry.registration_checks import MOST_TOLD, CheckRules, RegistrationChecks
from hub.registry.registry import Registry
from hub.registry.registry_rules import RegistryRules
from hub.storage.database import Database
from schema.affected import ClientUse, RecordedOperation
from schema.errors import DomainError
from schema.supergraph import Supergraph
from schema.usage import usage_of
from tests.hub.registrations import FEDERATION, OPERATOR, OWN, POLICE

NOW = datetime(2026, 11, 20, tzinfo=UTC)
AGES = FEDERATION + 'type Citizen @key(fields: "id") { id: ID! name: String! age: Int }'
NAMES = FEDERATION + 'type Citizen @key(fields: "id") { id: ID! name: String! }'
API = build_schema("type Query { me: Citizen } type Citizen { id: ID! name: String! age: Int }")


def sent(text: str, *clients: str, count: int = 4) -> RecordedOperation:
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    usage = usage_of(API, document, operation)
    uses = tuple(ClientUse(name, "", count, NOW) for name in clients)
    return RecordedOperation(usage.hash, usage.name, usage.kind, usage.document, usage.coordinates, uses, NOW)


def people(sdl: str) -> Registration:
    return Registration("people", "police", "graphql", sdl, "http://127.0.0.1:9/graphql")


@dataclass
class Desk:
    """A registry, and what clients were recorded to send."""

    registry: Registry
    recorded: list[RecordedOperation]

    async def go_live(self, sdl: str = AGES) -> None:
        assert (await self.registry.publish(people(sdl), POLICE)).supergraph_version == 1

    async def check(self, sdl: str) -> ConnectorCheck:
        return await self.registry.check(people(sdl), POLICE)


@pytest.fixture
def open_desk(database: Database) -> Callable[..., Desk]:
    async def describe(_registration: Registration) -> str:
        raise NotImplementedError

    def make(**rules: bool) -> Desk:
        recorded: list[RecordedOperation] = []

        async def read() -> tuple[RecordedOperation, ...]:
            return tuple(recorded)

        checks = RegistrationChecks(OWN, CheckRules(allow_private_addresses=True, **rules), recorded=read)
        clock = SystemClock()
        return Desk(Registry(database, clock, describe, RegistryRules("automatic", True, 3000), checks), recorded)

    return make


async def test_a_version_that_breaks_operations_is_refused_with_their_clients(
    open_desk: Callable[..., Desk],
) -> None:
    """The department reads whom it would stop, and by which change; nothing has changed."""
    desk = open_desk()
    await desk.go_live()
    desk.recorded[:] = [
        sent("query Ages { me { age } }", "portal", "tv"),
        sent("query Names { me { name } }", "x"),
    ]
    refused = await desk.registry.publish(people(NAMES), POLICE)
    assert (refused.check.ok, refused.supergraph_version, refused.connector) == (False, None, None)
    (error,) = refused.check.errors
    assert error.code == "BREAKS_OPERATIONS"
    assert error.message.startswith(
        'Query "Ages" of portal, tv would break (8 in 30 days, last on 2026-11-20): Field Citizen.age was removed.'
    )
    (hit,) = refused.check.affected
    assert [reason.path for reason in hit.because] == ["Citizen.age"]
    assert refused.check.uses["Citizen.age"] == 1
    assert (await desk.registry.live_graph()).version == 1


async def test_an_operator_forces_it_with_a_reason(open_desk: Callable[..., Desk]) -> None:
    """Knowingly: the report says whom it breaks, and a department cannot do it itself."""
    desk = open_desk()
    await desk.go_live()
    desk.recorded[:] = [sent("query Ages { me { age } }", "portal")]
    with pytest.raises(DomainError, match="Only an operator"):
        await desk.registry.publish(people(NAMES), POLICE, "we must", force=True)
    with pytest.raises(DomainError, match="says why"):
        await desk.registry.publish(people(NAMES), OPERATOR, " ", force=True)
    assert not (await desk.registry.publish(people(NAMES), OPERATOR)).check.ok
    forced = await desk.registry.publish(people(NAMES), OPERATOR, "the law forbids it", force=True)
    assert (forced.check.ok, forced.supergraph_version) == (True, 2)
    assert [each.operation.name for each in forced.check.affected] == ["Ages"]


async def test_a_breaking_version_that_nobody_feels_waits_for_an_operator(
    open_desk: Callable[..., Desk],
) -> None:
    """The API promised it: that nobody was seen to use it is for a person to judge."""
    desk = open_desk()
    await desk.go_live()
    desk.recorded[:] = [sent("query Names { me { name } }", "portal")]
    waiting = await desk.registry.publish(people(NAMES), POLICE)
    assert (waiting.check.ok, waiting.check.needs_approval, waiting.supergraph_version) == (True, True, None)
    assert waiting.connector is not None
    assert waiting.connector.waiting_for == "operator"
    assert (await desk.registry.approve("people", OPERATOR)).supergraph_version == 2


async def test_what_breaks_meanwhile_is_seen_at_the_approval(open_desk: Callable[..., Desk]) -> None:
    """Between check and approval somebody began to use it."""
    desk = open_desk()
    await desk.go_live()
    await desk.registry.publish(people(NAMES), POLICE)
    desk.recorded[:] = [sent("query Ages { me { age } }", "portal")]
    assert [error.code for error in (await desk.registry.approve("people", OPERATOR)).check.errors] == [
        "BREAKS_OPERATIONS"
    ]
    forced = await desk.registry.approve("people", OPERATOR, reason="agreed with the portal", force=True)
    assert forced.supergraph_version == 2


async def test_by_rule_only_what_is_used_breaks(open_desk: Callable[..., Desk]) -> None:
    """Where the operator trusts the record, an unused field goes without anybody's approval."""
    desk = open_desk(breaking_only_when_used=True)
    await desk.go_live()
    desk.recorded[:] = [sent("query Names { me { name } }", "portal")]
    published = await desk.registry.publish(people(NAMES), POLICE)
    assert published.supergraph_version == 2
    (change,) = published.check.changes
    assert (change.path, change.criticality) == ("Citizen.age", "DANGEROUS")


async def test_going_back_waits_for_nothing(open_desk: Callable[..., Desk]) -> None:
    """Rolling back is the remedy when a version does harm, also to what clients began to send."""
    desk = open_desk()
    await desk.go_live(NAMES)
    assert (await desk.registry.publish(people(AGES), POLICE)).supergraph_version == 2
    desk.recorded[:] = [sent("query Ages { me { age } }", "portal")]
    assert (await desk.registry.rollback("people", POLICE)).supergraph_version == 3


async def test_a_long_list_of_broken_operations_is_cut(open_desk: Callable[..., Desk]) -> None:
    """The first twenty are told as errors, all of them in the report, the most used first."""
    desk = open_desk()
    await desk.go_live()
    desk.recorded[:] = [
        sent(f"query Ages{number} {{ me {{ age }} }}", *(f"client-{each}" for each in range(7)), count=number + 1)
        for number in range(MOST_TOLD + 5)
    ]
    check = await desk.check(NAMES)
    assert (len(check.errors), len(check.affected)) == (MOST_TOLD + 1, MOST_TOLD + 5)
    assert check.errors[-1].message == "5 more operations would break."
    assert "client-4 and 2 more would break" in check.errors[0].message
    assert check.affected[0].operation.name == f"Ages{MOST_TOLD + 4}"


async def test_the_report_has_advice_which_can_be_left_out(open_desk: Callable[..., Desk]) -> None:
    """Advice refuses nothing."""
    desk = open_desk()
    check = await desk.check(NAMES.replace("name:", "full_name:"))
    assert check.ok
    assert {finding.code for finding in check.lint} == {
        "FIELD_NAME_CASE", "TYPE_DESCRIPTION_MISSING", "FIELD_DESCRIPTION_MISSING",
    }  # fmt: skip
    quiet = replace(people(NAMES), ignored_lint=("TYPE_DESCRIPTION_MISSING", "FIELD_DESCRIPTION_MISSING"))
    assert (await desk.registry.check(quiet, POLICE)).lint == ()


@dataclass
class Looking:
    """A probe and a shadow that note whom they were asked about."""

    probed: list[str]
    shadowed: list[str]

    async def probe(self, registration: Registration) -> tuple[ProbeLine, ...]:
        self.probed.append(registration.url)
        return (ProbeLine("answers", Outcome.FAIL, "away", 1.5),)

    async def shadow(
        self, registration: Registration, supergraph: Supergraph, _recorded: tuple[RecordedOperation, ...]
    ) -> tuple[tuple[ShadowDifference, ...], int]:
        assert "age" in supergraph.sdl
        self.shadowed.append(registration.url)
        return (ShadowDifference("Names", "me.name", "null, and a text before"),), 1


async def test_the_real_system_is_asked_where_it_may_be_and_compared_once_it_is_live() -> None:
    """Never an address that the rules refuse, never one of a version that does not compose."""

    async def read() -> tuple[RecordedOperation, ...]:
        return (sent("query Names { me { name } }", "portal"),)

    looking = Looking([], [])
    rules = CheckRules(allow_private_addresses=False)
    checks = RegistrationChecks(OWN, rules, recorded=read, probe=looking.probe, shadow=looking.shadow)
    open_to_all = replace(people(AGES), url="http://people.test/graphql")
    for refused in (people(AGES), replace(open_to_all, sdl=AGES.replace('"id"', '"nothing"'))):
        assert (await checks.observe(refused, ())).probe == ()
    assert (looking.probed, looking.shadowed) == ([], [])
    seen = await checks.observe(open_to_all, ())
    assert (looking.probed, looking.shadowed) == (["http://people.test/graphql"], [])
    live = trial_version(replace(open_to_all, sdl=NAMES), 3000, NOW)
    seen = await checks.observe(open_to_all, (live,))
    assert looking.shadowed == ["http://people.test/graphql"]
    report = await checks.judge(open_to_all, (live,), seen)
    assert (report.ok, report.probe, report.shadow, report.compared) == (True, seen.probe, seen.shadow, 1)

"""A department is told whose commands go to its agent and never arrive."""

from __future__ import annotations

from datetime import UTC, datetime

from hub.registry.agent_finding import agent_findings
from hub.registry.registration import ConnectorVersion, Registration, trial_version
from hub.registry.registration_checks import CheckRules, RegistrationChecks
from tests.hub.registrations import FEDERATION, OWN

READING = FEDERATION + "type Query { figures: Int }"
WRITING = FEDERATION + "type Query { bills: Int } type Mutation { taxBill: Boolean taxRefund: Boolean }"
AGENT = FEDERATION + "type Query { people: Int } type Mutation { taxRegister(id: ID!): Boolean }"


def handed_in(name: str, sdl: str, kind: str = "graphql", department: str = "taxation") -> Registration:
    return Registration(name, department, kind, sdl, "http://127.0.0.1:9/graphql" if kind == "graphql" else "")


def live(*registrations: Registration) -> tuple[ConnectorVersion, ...]:
    return tuple(trial_version(each, 3000, datetime(2026, 11, 20, tzinfo=UTC)) for each in registrations)


async def report(registration: Registration, *members: Registration) -> list[str]:
    """The codes and places of what the report says of it."""
    checks = RegistrationChecks(OWN, CheckRules(allow_private_addresses=True))
    seen = await checks.observe(registration, live(*members))
    check = await checks.judge(registration, live(*members), seen)
    assert check.ok, check.errors
    return [f"{each.code} {each.path}" for each in check.lint if each.code == "AGENT_TAKES_COMMANDS"]


async def test_mutations_beside_an_agent_are_told() -> None:
    """They compose and clients can ask them; cases and durable requests would go to the agent."""
    agent = handed_in("counter", AGENT, "queue")
    assert await report(handed_in("bills", WRITING), agent) == ["AGENT_TAKES_COMMANDS Mutation.taxBill"]
    (finding,) = agent_findings(handed_in("bills", WRITING), live(agent))
    assert '"taxBill", "taxRefund" of "bills"' in finding.message
    assert 'the agent behind "counter"' in finding.message


async def test_an_agent_that_comes_later_is_told_of_each_connector() -> None:
    """The order in which they are registered does not matter."""
    others = (handed_in("bills", WRITING), handed_in("figures", READING))
    assert await report(handed_in("counter", AGENT, "queue"), *others) == ["AGENT_TAKES_COMMANDS Mutation.taxBill"]


async def test_nothing_is_told_where_every_command_arrives() -> None:
    """Nothing to command, another department's agent, no agent, a new version of the agent, or not wanted."""
    agent = handed_in("counter", AGENT, "queue")
    assert await report(handed_in("figures", READING), agent) == []
    assert await report(handed_in("bills", WRITING), handed_in("counter", AGENT, "queue", "health")) == []
    assert await report(handed_in("bills", WRITING), handed_in("figures", READING)) == []
    assert await report(agent, agent) == []
    ignoring = Registration("bills", "taxation", "graphql", WRITING, ignored_lint=("AGENT_TAKES_COMMANDS",))
    assert agent_findings(ignoring, live(agent)) == ()
    assert agent_findings(handed_in("bills", AGENT), live(agent)) == (), "the agent has it too"

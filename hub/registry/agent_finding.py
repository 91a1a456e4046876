"""A department with an agent and with connectors of its own: whom its commands never reach.

The agent takes all commands of its department (docs/architecture.md, "Queues"): cases and durable mutations that a
connector beside it has are sent to the agent, which cannot do them. A warning, since clients still reach the
connector's mutations themselves. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hub.registry.registration import ConnectorVersion, Registration
from schema.lint import LintFinding, Severity
from schema.mutations import mutations_of

CODE = "AGENT_TAKES_COMMANDS"


def agent_findings(registration: Registration, members: Iterable[ConnectorVersion]) -> tuple[LintFinding, ...]:
    """What is said of a registration beside the live connectors of its department."""
    if CODE in registration.ignored_lint:
        return ()
    beside = [each for each in members if each.department == registration.department]
    beside = [each for each in beside if each.name != registration.name]
    if registration.kind == "queue":
        return tuple(_of_an_agent(registration, beside))
    agents = [each for each in beside if each.kind == "queue"]
    mutations = mutations_of(registration.sdl or "") - _all_of(agents)
    if not agents or not mutations:
        return ()
    return (_finding(f"Mutation.{min(mutations)}", agents[0].name, registration.name, mutations),)


def _of_an_agent(registration: Registration, beside: Iterable[ConnectorVersion]) -> Iterator[LintFinding]:
    own = mutations_of(registration.sdl or "")
    for each in sorted(beside, key=lambda member: member.name):
        mutations = mutations_of(each.sdl) - own
        if each.kind != "queue" and mutations:
            yield _finding(f"Mutation.{min(mutations)}", registration.name, each.name, mutations)


def _all_of(members: Iterable[ConnectorVersion]) -> frozenset[str]:
    return frozenset[str]().union(*(mutations_of(each.sdl) for each in members))


def _finding(path: str, agent: str, connector: str, mutations: frozenset[str]) -> LintFinding:
    named = ", ".join(f'"{each}"' for each in sorted(mutations))
    message = (
        f'All commands of the department go to the agent behind "{agent}", which does not have {named} of '
        f'"{connector}": cases and durable requests never reach them. Move them to the agent, or give the '
        "connector a department of its own."
    )
    return LintFinding(CODE, Severity.WARNING, path, message)

"""A version's life: draft, checked, approved, live, superseded or rejected; and the way back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from auth.actor import Actor
from connectors.clock import Clock, SystemClock
from hub.registry import registry as registry_module
from hub.registry.composing import composed
from hub.registry.registration import ConnectorAction, ConnectorState, VersionState
from hub.registry.registry import Registry
from hub.registry.registry_change import RegistryChange, changing
from hub.registry.supergraph_versions import SupergraphVersions
from hub.storage.database import Database
from schema.errors import DomainError
from tests.hub.registrations import (
    BROKEN,
    LIBRARY,
    NAMES,
    NAMES_AND_AGES,
    OPERATOR,
    OWN,
    POLICE,
    POLICE_STAFF,
    cards,
    names,
)

OpenRegistry = Callable[..., Registry]


@pytest.fixture
def supergraphs(database: Database) -> SupergraphVersions:
    return SupergraphVersions(database, OWN, SystemClock(), lambda: None)


async def _states(registry: Registry, name: str = "people") -> list[VersionState]:
    view = await registry.get(name, OPERATOR)
    return [version.state for version in view.versions] if view else []


async def test_a_draft_is_kept_as_it_is_and_serves_nobody(open_registry: OpenRegistry) -> None:
    """A department saves its work before it is right; what is wrong is told."""
    registry = open_registry()
    kept = await registry.register(names(BROKEN), POLICE)
    assert not kept.check.ok
    assert kept.connector is not None
    assert kept.connector.state is ConnectorState.DRAFT
    assert (await registry.register(names(), POLICE)).check.ok
    assert await _states(registry) == [VersionState.DRAFT, VersionState.CHECKED]
    assert (await registry.live_graph()).version == 0


async def test_what_is_no_registration_at_all_is_not_kept(open_registry: OpenRegistry) -> None:
    """A draft has at least a name, a kind and an address that the hub may call."""
    registry = open_registry(private=False)
    refused = await registry.register(names(), POLICE)
    assert [error.code for error in refused.check.errors] == ["CONNECTOR_ADDRESS_REFUSED"]
    assert await registry.get("people", OPERATOR) is None


async def test_additive_versions_go_live_by_rule_and_others_wait(open_registry: OpenRegistry) -> None:
    """The rule reads the check: what takes something away from clients wants an operator."""
    registry = open_registry(approval="additive")
    assert (await registry.publish(names(NAMES_AND_AGES), POLICE)).supergraph_version == 1
    waiting = await registry.publish(names(NAMES), POLICE)
    assert waiting.check.ok
    assert waiting.supergraph_version is None
    assert waiting.connector is not None
    assert waiting.connector.waiting_for == "operator"
    assert (await registry.approve("people", OPERATOR)).supergraph_version == 2


async def test_an_approved_version_goes_live_when_its_department_wants(open_registry: OpenRegistry) -> None:
    """Approval and going live may be two moments; what was not approved does not go live."""
    registry = open_registry(approval="operator")
    await registry.publish(names(), POLICE)
    with pytest.raises(DomainError, match="Only an approved one"):
        await registry.release("people", 1, POLICE)
    held = await registry.approve("people", OPERATOR, 1, "after the holidays", hold=True)
    assert held.supergraph_version is None
    assert held.connector is not None
    assert (held.connector.state, held.connector.waiting_for) == (ConnectorState.APPROVED, "department")
    assert (await registry.release("people", 1, POLICE)).supergraph_version == 1
    with pytest.raises(DomainError, match="is live"):
        await registry.release("people", 1, POLICE)


async def test_a_rejected_version_stays_out_and_its_department_reads_why(open_registry: OpenRegistry) -> None:
    """Even an operator cannot put it live: a version does not change, so hand in another."""
    registry = open_registry(approval="operator")
    await registry.publish(names(), POLICE)
    with pytest.raises(DomainError, match="Only an operator"):
        await registry.reject("people", POLICE, None, "no")
    with pytest.raises(DomainError, match="Say why"):
        await registry.reject("people", OPERATOR, None, " ")
    assert (await registry.reject("people", OPERATOR, None, "names need a description")).state == "rejected"
    with pytest.raises(DomainError, match="rejected already"):
        await registry.approve("people", OPERATOR)
    with pytest.raises(DomainError, match="is rejected"):
        await registry.release("people", 1, OPERATOR)
    newest = (await registry.history("people", POLICE))[0]
    assert (newest.action, newest.reason) == (ConnectorAction.REJECTED, "names need a description")


async def test_history_tells_who_did_what_when_and_why(open_registry: OpenRegistry) -> None:
    """The newest first, with the graph that each step made; another department sees none of it."""
    registry = open_registry()
    await registry.publish(names(), POLICE, "first version")
    await registry.suspend("people", OPERATOR, "wrong numbers")
    await registry.resume("people", OPERATOR)
    await registry.retire("people", POLICE, "moved to another system")
    told = await registry.history("people", POLICE)
    assert [(event.action, event.version, event.reason, event.supergraph_version) for event in told] == [
        (ConnectorAction.RETIRED, 1, "moved to another system", 4),
        (ConnectorAction.RESUMED, 1, None, 3),
        (ConnectorAction.SUSPENDED, 1, "wrong numbers", 2),
        (ConnectorAction.PUBLISHED, 1, "first version", 1),
        (ConnectorAction.REGISTERED, 1, "first version", None),
    ]
    assert {event.actor for event in told} == {"client"}
    with pytest.raises(DomainError, match="no connector"):
        await registry.history("people", LIBRARY)


async def test_a_state_that_a_connector_has_not_is_not_ended_or_begun(open_registry: OpenRegistry) -> None:
    """Who suspends what is retired is told so, and neither history nor graph says that it happened."""
    registry = open_registry()
    await registry.register(names(), POLICE)
    with pytest.raises(DomainError, match=r"is checked\. Only one that is live can be suspended"):
        await registry.suspend("people", OPERATOR)
    await registry.publish(names(), OPERATOR)
    with pytest.raises(DomainError, match=r"is live\. Only one that is suspended can be resumed"):
        await registry.resume("people", OPERATOR)
    await registry.suspend("people", OPERATOR)
    with pytest.raises(DomainError, match="is suspended"):
        await registry.suspend("people", OPERATOR)
    await registry.retire("people", POLICE)
    for act in (registry.suspend, registry.resume):
        with pytest.raises(DomainError, match=r"is retired\. Only"):
            await act("people", OPERATOR)
    with pytest.raises(DomainError, match="retired already"):
        await registry.retire("people", POLICE)
    assert (await registry.history("people", POLICE))[0].action is ConnectorAction.RETIRED
    assert (await registry.live_graph()).version == 3


async def test_what_was_retired_comes_back_as_it_left(open_registry: OpenRegistry) -> None:
    """Not its newest version, from which its department had gone back."""
    registry = open_registry()
    await registry.publish(names(), POLICE)
    await registry.publish(names(NAMES_AND_AGES), POLICE)
    await registry.rollback("people", POLICE)
    await registry.retire("people", POLICE)
    await registry.register(names(BROKEN), POLICE)
    back = await registry.rollback("people", POLICE)
    assert back.connector is not None
    assert (back.connector.state, back.connector.current.version) == (ConnectorState.LIVE, 1)


async def test_who_works_for_a_department_acts_for_it_alone(open_registry: OpenRegistry) -> None:
    """A person's page does what the department's own client does, and an operator's part is not theirs."""
    registry = open_registry()
    await registry.publish(names(), POLICE_STAFF)
    await registry.publish(cards("library"), LIBRARY)
    assert [view.name for view in await registry.list(POLICE_STAFF)] == ["people"]
    with pytest.raises(DomainError, match="Only an operator"):
        await registry.suspend("people", POLICE_STAFF)
    with pytest.raises(DomainError, match="Only department"):
        await registry.retire("library", POLICE_STAFF)


async def test_a_connector_goes_back_to_any_version_that_was_live(open_registry: OpenRegistry) -> None:
    """Two steps at once too; never to one that was not good enough then."""
    registry = open_registry()
    await registry.publish(names(), POLICE)
    await registry.publish(names(NAMES_AND_AGES), POLICE)
    await registry.publish(replace(names(NAMES_AND_AGES), timeout_ms=700), POLICE)
    await registry.register(names(BROKEN), POLICE)
    with pytest.raises(DomainError, match="go back to one that was live"):
        await registry.rollback("people", POLICE, 4)
    with pytest.raises(DomainError, match="has no version 9"):
        await registry.rollback("people", POLICE, 9)
    back = await registry.rollback("people", POLICE, 1, "ages were wrong")
    assert back.supergraph_version == 4
    assert await _states(registry) == [
        VersionState.LIVE,
        VersionState.SUPERSEDED,
        VersionState.SUPERSEDED,
        VersionState.DRAFT,
    ]


async def test_the_whole_graph_goes_back_to_any_version(
    open_registry: OpenRegistry, supergraphs: SupergraphVersions
) -> None:
    """What joined since stays approved and out of it, what left since is there again."""
    registry = open_registry()
    await registry.publish(names(), POLICE)
    await registry.publish(cards("library"), LIBRARY)
    await registry.publish(names(NAMES_AND_AGES), POLICE)
    await registry.retire("library", LIBRARY)
    with pytest.raises(DomainError, match="Only an operator"):
        await supergraphs.rollback(1, POLICE)
    with pytest.raises(DomainError, match="no supergraph 9"):
        await supergraphs.rollback(9, OPERATOR)
    with pytest.raises(DomainError, match="in force already"):
        await supergraphs.rollback(4, OPERATOR)

    both = await supergraphs.rollback(2, OPERATOR, "the morning's state")
    assert both.supergraph_version == 5
    assert {change.path for change in both.check.changes} >= {"Citizen.age", "Citizen.cards"}
    members = {member.name: member.version for member in (await registry.live_graph()).members}
    assert members == {"library": 1, "people": 1}

    assert (await supergraphs.rollback(1, OPERATOR)).supergraph_version == 6
    library = await registry.get("library", OPERATOR)
    assert library is not None
    assert (library.state, library.waiting_for) == (ConnectorState.APPROVED, "department")
    assert (await registry.release("library", 1, LIBRARY)).supergraph_version == 7


async def test_each_version_of_the_graph_can_be_looked_at(
    open_registry: OpenRegistry, supergraphs: SupergraphVersions
) -> None:
    """What it was made of, what clients saw, and what it changed."""
    registry = open_registry()
    await registry.publish(names(), POLICE)
    await registry.publish(names(NAMES_AND_AGES), POLICE)
    newest, first = await supergraphs.list(OPERATOR)
    assert (newest.version, newest.reason, first.version) == (2, "publish people", 1)
    assert [(member.name, member.version) for member in newest.members] == [("people", 2)]
    assert "age: Int" in await supergraphs.sdl(2, OPERATOR)
    assert "age" not in await supergraphs.sdl(1, OPERATOR)
    assert [change.path for change in await supergraphs.changes(2, OPERATOR)] == ["Citizen.age"]
    assert await supergraphs.list(OPERATOR, 1, before=2) == (first,)
    with pytest.raises(DomainError, match="from 1 to"):
        await supergraphs.list(OPERATOR, 0)


async def test_nobody_waits_for_a_composition_of_somebody_else(
    open_registry: OpenRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The graph is composed before the registry's lock is taken: that may take seconds."""
    made: list[int] = []

    @asynccontextmanager
    async def watched(database: Database, clock: Clock, actor: Actor) -> AsyncIterator[RegistryChange]:
        async with changing(database, clock, actor) as change:
            before = composed.cache_info().misses
            yield change
            made.append(composed.cache_info().misses - before)

    monkeypatch.setattr(registry_module, "changing", watched)
    registry = open_registry(approval="operator")
    steps: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: registry.publish(names(), POLICE),
        lambda: registry.approve("people", OPERATOR, 1, hold=True),
        lambda: registry.release("people", 1, POLICE),
        lambda: registry.publish(names(NAMES_AND_AGES), OPERATOR),
        lambda: registry.rollback("people", POLICE),
    )
    for step in steps:
        composed.cache_clear()
        await step()

    assert made == [0] * len(steps)

"""Connectors come, change and go; a version that breaks the graph is refused and changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from hub.registry.registration import ConnectorState, Registration
from hub.registry.registry import Registry
from schema.errors import DomainError
from tests.hub.registrations import (
    BROKEN,
    FEDERATION,
    LIBRARY,
    NAMES,
    NAMES_AND_AGES,
    OPERATOR,
    POLICE,
    cards,
    names,
)


async def test_a_check_tells_what_is_added_and_changes_nothing(open_registry: Callable[..., Registry]) -> None:
    """A department sees the consequences before anybody else does."""
    registry = open_registry()
    check = await registry.check(names(), POLICE)
    assert check.ok
    assert "Citizen.name" in {change.path for change in check.changes}
    assert (await registry.live_graph()).version == 0


async def test_a_check_tells_whose_part_joins_or_leaves_a_gathered_list(
    open_registry: Callable[..., Registry],
) -> None:
    """The list's type stays as it is: only this tells a department what its version does to it."""
    registry = open_registry()
    await registry.publish(cards("transport"), OPERATOR)
    joining = await registry.check(cards("library"), LIBRARY)
    assert [(change.kind, change.path, change.criticality) for change in joining.changes] == [
        ("GATHERED_PART_ADDED", "Citizen.cards", "SAFE")
    ]
    await registry.publish(cards("library"), LIBRARY)
    leaving = await registry.check(replace(names(), name="library", department="library"), LIBRARY)
    assert ("GATHERED_PART_REMOVED", "Citizen.cards", "DANGEROUS") in [
        (change.kind, change.path, change.criticality) for change in leaving.changes
    ]


async def test_what_is_live_already_makes_no_version(open_registry: Callable[..., Registry]) -> None:
    """A department may publish at each of its starts; what it says anew counts."""
    registry = open_registry()
    await registry.publish(names(), POLICE)
    again = await registry.publish(names(), POLICE)
    assert (again.check.ok, again.supergraph_version) == (True, 1)
    assert again.connector is not None
    assert again.connector.current.version == 1
    changed = await registry.publish(replace(names(), timeout_ms=500), POLICE)
    assert changed.supergraph_version == 2


async def test_a_published_version_is_live_and_the_next_one_takes_its_place(
    open_registry: Callable[..., Registry],
) -> None:
    """At most one version of a connector is live."""
    registry = open_registry()
    first = await registry.publish(names(), POLICE)
    second = await registry.publish(names(NAMES_AND_AGES), POLICE)
    assert (first.supergraph_version, second.supergraph_version) == (1, 2)
    graph = await registry.live_graph()
    assert [(member.name, member.version) for member in graph.members] == [("people", 2)]


async def test_a_version_that_breaks_the_graph_is_refused_with_federations_code(
    open_registry: Callable[..., Registry],
) -> None:
    """The running graph is untouched."""
    registry = open_registry()
    await registry.publish(names(), POLICE)
    refused = await registry.publish(names(BROKEN), POLICE)
    assert not refused.check.ok
    assert "KEY_INVALID_FIELDS" in {error.code for error in refused.check.errors}
    assert (await registry.live_graph()).version == 1


async def test_removing_a_field_is_told_as_breaking(open_registry: Callable[..., Registry]) -> None:
    """What clients use today may be gone tomorrow: say so."""
    registry = open_registry()
    await registry.publish(names(NAMES_AND_AGES), POLICE)
    check = await registry.check(names(), POLICE)
    breaking = {change.path for change in check.changes if change.criticality == "BREAKING"}
    assert breaking == {"Citizen.age"}


async def test_two_publications_at_once_become_two_versions(open_registry: Callable[..., Registry]) -> None:
    """The second checks against the graph with the first in it."""
    registry = open_registry()
    other = Registration("books", "library", "graphql", NAMES_AND_AGES, "http://127.0.0.1:9/graphql")
    results = await asyncio.gather(registry.publish(names(), POLICE), registry.publish(other, LIBRARY))
    versions = sorted(result.supergraph_version or 0 for result in results)
    accepted = [result for result in results if result.check.ok]
    assert len(accepted) == 1, "Citizen.name is not shareable: one of the two must be refused"
    assert versions == [0, 1]


async def test_another_departments_connector_is_out_of_reach(open_registry: Callable[..., Registry]) -> None:
    """Neither to publish nor to see nor to retire; an operator may."""
    registry = open_registry()
    with pytest.raises(DomainError, match="Only department"):
        await registry.publish(names(), LIBRARY)
    await registry.publish(names(), POLICE)
    taken = Registration("people", "library", "graphql", NAMES, "http://127.0.0.1:9/graphql")
    with pytest.raises(DomainError, match="belongs to another department"):
        await registry.publish(taken, LIBRARY)
    assert await registry.list(LIBRARY) == ()
    assert await registry.get("people", LIBRARY) is None
    with pytest.raises(DomainError):
        await registry.retire("people", LIBRARY)
    assert [view.name for view in await registry.list(OPERATOR)] == ["people"]


async def test_a_department_is_not_told_what_others_disagree_about(
    open_registry: Callable[..., Registry],
) -> None:
    """A hint is for whoever can mend it: it names the connector, or nobody was told it before."""
    registry = open_registry()
    dated = 'type Citizen @key(fields: "id") { id: ID! %s: Date } "%s" scalar Date'
    await registry.publish(names(FEDERATION + dated % ("born", "A day.")), POLICE)
    told = await registry.publish(
        replace(cards("library"), sdl=FEDERATION + dated % ("joined", "A date.")), LIBRARY
    )
    assert [hint.code for hint in told.check.hints] == ["INCONSISTENT_DESCRIPTION"]
    third = await registry.check(cards("museum"), OPERATOR)
    assert (third.ok, third.hints) == (True, ())


async def test_a_suspended_connector_stays_in_the_graph_and_a_retired_one_leaves_it(
    open_registry: Callable[..., Registry],
) -> None:
    """Suspended keeps its schema, retired recomposes; both can come back."""
    registry = open_registry()
    await registry.publish(names(), POLICE)
    suspended = await registry.suspend("people", OPERATOR)
    assert suspended.state is ConnectorState.SUSPENDED
    assert (await registry.live_graph()).members[0].is_suspended
    assert (await registry.resume("people", OPERATOR)).state is ConnectorState.LIVE
    assert (await registry.retire("people", POLICE)).state is ConnectorState.RETIRED
    assert (await registry.live_graph()).members == ()
    assert (await registry.publish(names(), POLICE)).check.ok
    assert len((await registry.live_graph()).members) == 1


async def test_where_operators_approve_a_version_waits_for_them(open_registry: Callable[..., Registry]) -> None:
    """The waiting approver is named; approval puts it live."""
    registry = open_registry(approval="operator")
    waiting = await registry.publish(names(), POLICE)
    assert waiting.supergraph_version is None
    assert waiting.connector is not None
    assert waiting.connector.waiting_for == "operator"
    assert (await registry.live_graph()).version == 0
    with pytest.raises(DomainError, match="Only an operator"):
        await registry.approve("people", POLICE)
    assert (await registry.approve("people", OPERATOR)).supergraph_version == 1


async def test_a_department_rolls_its_connector_back(open_registry: Callable[..., Registry]) -> None:
    """The version before comes back as it was."""
    registry = open_registry()
    await registry.publish(names(), POLICE)
    await registry.publish(names(NAMES_AND_AGES), POLICE)
    back = await registry.rollback("people", POLICE)
    assert back.connector is not None
    assert back.connector.current.version == 1
    with pytest.raises(DomainError, match="no earlier version"):
        await registry.rollback("people", POLICE)


@pytest.mark.parametrize(
    ("registration", "code"),
    [
        (Registration("people", "police", "soap", NAMES, "http://127.0.0.1:9"), "UNKNOWN_CONNECTOR_KIND"),
        (Registration("people", "police", "graphql", NAMES, ""), "CONNECTOR_ADDRESS_MISSING"),
        (Registration("hub", "police", "graphql", NAMES, "http://127.0.0.1:9"), "INVALID_SUBGRAPH_NAME"),
        (Registration("people", "police", "graphql", "type {", "http://127.0.0.1:9"), "INVALID_GRAPHQL"),
        (Registration("people", "police", "graphql", None, "http://127.0.0.1:9"), "DEPARTMENT_UNREACHABLE"),
    ],
)
async def test_a_bad_registration_says_what_is_wrong(
    open_registry: Callable[..., Registry], registration: Registration, code: str
) -> None:
    """Each mistake has its own code."""
    check = await open_registry().check(registration, POLICE)
    assert [error.code for error in check.errors] == [code]


async def test_private_addresses_are_refused_unless_allowed(open_registry: Callable[..., Registry]) -> None:
    """A registration must not make the hub call into its own network."""
    check = await open_registry(private=False).check(names(), POLICE)
    assert [error.code for error in check.errors] == ["CONNECTOR_ADDRESS_REFUSED"]


async def test_a_subgraph_that_hides_whose_data_it_shows_is_refused(
    open_registry: Callable[..., Registry],
) -> None:
    """Object checks need an identity field wherever a person appears."""
    sdl = FEDERATION + 'type Citizen @key(fields: "card") { card: ID! points: Int } type Query { x: Int }'
    check = await open_registry().check(names(sdl), POLICE)
    assert "IDENTITY_FIELD_MISSING" in {error.code for error in check.errors} or not check.ok

"""What somebody may do with a connector as it stands: pages and tools offer exactly that."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auth.actor import Actor
from hub.registry.registry import Registry
from schema.errors import DomainError
from tests.hub.registrations import LIBRARY, NAMES, NAMES_AND_AGES, OPERATOR, POLICE, POLICE_STAFF, names

OpenRegistry = Callable[..., Registry]


async def _allowed(registry: Registry, actor: Actor) -> list[str]:
    view = await registry.get("people", OPERATOR)
    assert view is not None
    return [*registry.rules.allowed_on(view, actor)]


async def _on_version(registry: Registry, number: int, actor: Actor) -> list[str]:
    view = await registry.get("people", OPERATOR)
    assert view is not None
    return [*registry.rules.allowed_on_version(view.versions[number - 1], actor)]


async def test_a_version_that_waits_is_the_operators_to_decide(open_registry: OpenRegistry) -> None:
    """Its department looks on; once it is approved, both may put it live."""
    registry = open_registry(approval="operator")
    await registry.publish(names(), POLICE)
    assert await _allowed(registry, OPERATOR) == ["approve", "reject"]
    assert await _allowed(registry, POLICE_STAFF) == []
    await registry.approve("people", OPERATOR, hold=True)
    assert await _allowed(registry, OPERATOR) == ["reject", "release"]
    assert await _allowed(registry, POLICE_STAFF) == ["release"]
    await registry.reject("people", OPERATOR, 1, "not now")
    assert await _allowed(registry, OPERATOR) == []


async def test_what_is_kept_may_go_live_where_the_rule_lets_it(open_registry: OpenRegistry) -> None:
    """Without an operator's approval a department needs nobody for a green version that it kept."""
    registry = open_registry()
    await registry.register(names(), POLICE)
    assert await _allowed(registry, POLICE_STAFF) == ["release"]
    await registry.release("people", 1, POLICE_STAFF)
    assert await _allowed(registry, POLICE_STAFF) == ["retire"]


async def test_what_the_rule_holds_back_is_not_offered_to_its_department(open_registry: OpenRegistry) -> None:
    """A version that takes a field away waits for an operator, and nobody is offered what would be refused."""
    registry = open_registry()
    await registry.publish(names(NAMES_AND_AGES), POLICE)
    assert (await registry.publish(names(NAMES), POLICE)).supergraph_version is None
    assert await _on_version(registry, 2, POLICE_STAFF) == []
    with pytest.raises(DomainError):
        await registry.release("people", 2, POLICE_STAFF)
    assert await _on_version(registry, 2, OPERATOR) == ["approve", "reject"]


async def test_a_live_connector_is_suspended_by_operators_and_retired_by_its_own(
    open_registry: OpenRegistry,
) -> None:
    """What is offered turns with its state, and an earlier version is the way back."""
    registry = open_registry()
    await registry.publish(names(NAMES), POLICE)
    await registry.publish(names(NAMES_AND_AGES), POLICE)
    assert await _allowed(registry, OPERATOR) == ["rollback", "suspend", "retire"]
    assert await _allowed(registry, POLICE) == ["rollback", "retire"]
    assert await _on_version(registry, 1, POLICE) == ["rollback"]
    assert await _on_version(registry, 2, POLICE) == []
    await registry.suspend("people", OPERATOR)
    assert await _allowed(registry, OPERATOR) == ["rollback", "resume", "retire"]
    await registry.resume("people", OPERATOR)
    await registry.retire("people", POLICE)
    assert await _allowed(registry, OPERATOR) == ["rollback"]


async def test_another_department_may_do_nothing(open_registry: OpenRegistry) -> None:
    """Whatever the state, and with any version."""
    registry = open_registry()
    await registry.publish(names(NAMES), POLICE)
    await registry.publish(names(NAMES_AND_AGES), POLICE)
    assert await _allowed(registry, LIBRARY) == []
    assert await _on_version(registry, 1, LIBRARY) == []

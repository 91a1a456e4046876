"""Offices are granted by an operator alone, and only such as there are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auth.persons import PersonRegister
from auth.store import Person
from hub.keys.sealing import Sealer
from hub.people.auth_store import HubAuthStore
from hub.people.staffing import Staffing
from schema.errors import DomainError, RuntimeCode
from tests.hub.world import ANNA, ANNA_NUMBER, BO, OPERATOR, World

OFFICER = replace(BO, roles=frozenset({"citizen", "officer"}))


@pytest.fixture
async def persons(world: World) -> PersonRegister:
    store = HubAuthStore(world.database, Sealer(("k" * 32,)))
    await store.save_person(Person(ANNA.subject, ANNA_NUMBER, "Anna"), world.clock.now())
    return PersonRegister(store, world.clock.now)


async def test_an_office_is_granted_and_taken_away(persons: PersonRegister) -> None:
    staffing = Staffing(persons)
    await staffing.grant(ANNA.subject, "handler", OPERATOR)
    granted = await persons.roles_of(ANNA.subject)
    await staffing.withdraw(ANNA.subject, "handler", OPERATOR)

    assert granted == {"citizen", "handler"}
    assert await persons.roles_of(ANNA.subject) == {"citizen"}


@pytest.mark.parametrize("role", ["king", "citizen", "department-staff", "department-staff:finance", ""])
async def test_what_is_no_office_is_not_granted(persons: PersonRegister, role: str) -> None:
    """Neither by mistake nor to slip into a department by another door."""
    with pytest.raises(DomainError) as refused:
        await Staffing(persons).grant(ANNA.subject, role, OPERATOR)

    assert refused.value.code is RuntimeCode.BAD_USER_INPUT
    assert "supervisor" in str(refused.value)


async def test_nobody_but_an_operator_grants(persons: PersonRegister) -> None:
    for actor in (ANNA, OFFICER):
        with pytest.raises(DomainError) as refused:
            await Staffing(persons).grant(BO.subject, "handler", actor)
        assert refused.value.code is RuntimeCode.FORBIDDEN

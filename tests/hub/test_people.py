"""Who somebody is that has never signed in, told by the identity department; domain.md, section 2; art. 12, 13."""

from __future__ import annotations

from typing import Any, cast

import pytest

from auth.persons import PersonRegister
from connectors.connector import Connector, ConnectorFailure, FetchRequest, FetchResponse
from hub.keys.sealing import Sealer
from hub.people.auth_store import HubAuthStore
from hub.people.identity import ConnectedIdentityProvider
from hub.people.people import RegisteredPeople
from schema.errors import DomainError, RuntimeCode
from tests.hub.world import World

NUMBER = "11010519491231002X"


class PublicSecurity:
    """Knows one person; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[FetchRequest] = []
        self.is_away = False

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        self.asked.append(request)
        if self.is_away:
            raise ConnectorFailure(RuntimeCode.DEPARTMENT_UNREACHABLE, "away")
        number = request.variables["of"][0]["idNumber"]
        return FetchResponse({"_entities": [{"id": "carl", "name": "卡尔"} if number == NUMBER else None]})


def people(world: World, department: Any) -> RegisteredPeople:
    provider = ConnectedIdentityProvider("public-security", lambda _name: cast("Connector | None", department))
    register = PersonRegister(HubAuthStore(world.database, Sealer(("k" * 32,))), world.clock.now)
    return RegisteredPeople(register, provider.person_of)


async def test_the_identity_department_is_asked_once_for_whoever_is_new(world: World) -> None:
    """From then on they are known, and sign in later as the same person."""
    department = PublicSecurity()
    known = people(world, department)
    assert await known.subject_of(NUMBER) is None
    assert [await known.introduced(NUMBER) for _ in range(2)] == ["carl", "carl"]
    assert await known.subject_of(NUMBER) == "carl"
    assert len(department.asked) == 1
    assert department.asked[0].context.purpose == "filing for an applicant"
    assert NUMBER not in department.asked[0].query


async def test_a_number_that_nobody_has_registers_nobody(world: World) -> None:
    """A slip of the pen makes no person."""
    known = people(world, PublicSecurity())
    assert await known.introduced("110105194912310021") is None
    assert await known.subject_of("110105194912310021") is None


@pytest.mark.parametrize("is_connected", [True, False])
async def test_a_department_that_is_away_is_told(world: World, *, is_connected: bool) -> None:
    """And nothing is filed for anybody."""
    department = PublicSecurity()
    department.is_away = True
    with pytest.raises(DomainError) as refused:
        await people(world, department if is_connected else None).introduced(NUMBER)
    assert refused.value.code is RuntimeCode.SERVICE_UNAVAILABLE
    assert NUMBER not in refused.value.message

"""Who somebody is that has never signed in, told by the identity department; domain.md, section 2; art. 12, 13."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from auth.persons import PersonRegister
from connectors.connector import Connector, ConnectorFailure, FetchRequest, FetchResponse
from hub.keys.sealing import Sealer
from hub.people.auth_store import HubAuthStore
from hub.people.identity import ConnectedIdentityProvider
from hub.people.mandate_store import MandateStore
from hub.people.people import RegisteredPeople
from schema.errors import DomainError, RuntimeCode
from tests.hub.world import World

if TYPE_CHECKING:
    from hub.gateway import GraphState

NUMBER = "11010519491231002X"


CARD = "911826198204170028"
OLD_PASSPORT, PASSPORT = "GBR-990000012", "GBR-990000105"
NAMING_DOCUMENTS = cast(
    "GraphState",
    SimpleNamespace(
        supergraph=SimpleNamespace(sources={"Citizen.registeredDocuments": [SimpleNamespace(subgraph="police")]}),
        departments={"police": "public-security"},
    ),
)
"""A graph in which public security names the documents of people."""

CODE = "91110102MA0000000K"


class PublicSecurity:
    """Knows one person; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[FetchRequest] = []
        self.is_away = False
        self.documents: dict[str, str | None] = {}

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        self.asked.append(request)
        if self.is_away:
            raise ConnectorFailure(RuntimeCode.DEPARTMENT_UNREACHABLE, "away")
        number = request.variables["of"][0]["idNumber"]
        if number in self.documents:
            named = [{"idNumber": key, "validUntil": until} for key, until in self.documents.items()]
            first = next(iter(self.documents))
            anna = {"id": "anna", "idNumber": first, "name": "Anna", "registeredDocuments": named}
            return FetchResponse({"_entities": [anna]})
        return FetchResponse({"_entities": [{"id": "carl", "name": "卡尔"} if number == NUMBER else None]})


def people(world: World, department: Any) -> RegisteredPeople:
    provider = ConnectedIdentityProvider(
        "public-security",
        lambda _name: cast("Connector | None", department),
        lambda: NAMING_DOCUMENTS if getattr(department, "documents", None) else None,
    )
    register = PersonRegister(HubAuthStore(world.database, Sealer(("k" * 32,))), world.clock.now)
    return RegisteredPeople(register, provider.person_of, MandateStore(world.database))


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


async def test_an_enterprise_is_known_by_its_code_and_is_nobody_at_the_window(world: World) -> None:
    """Departments know it by the code; who walks in, asks or acts for somebody is a person."""
    known = people(world, PublicSecurity())
    enterprise = await MandateStore(world.database).remember_enterprise(CODE, "示例餐饮管理有限公司")
    assert (await known.identity_of(enterprise.id), await known.subject_of(CODE)) == (CODE, enterprise.id)
    assert await known.introduced(CODE) is None


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


async def test_each_document_of_a_person_leads_to_them(world: World) -> None:
    """A foreigner with a permanent resident card, a passport and the one before it; art. 12, 13."""
    department = PublicSecurity()
    department.documents = {CARD: None, OLD_PASSPORT: "2021-08-08", PASSPORT: "2031-08-08"}
    known = people(world, department)
    assert await known.introduced("gbr-990 000 105") == "anna"
    assert [await known.subject_of(key) for key in (CARD, OLD_PASSPORT, PASSPORT)] == ["anna"] * 3
    assert await known.identity_of("anna") == CARD
    assert [(each.key, each.valid_until) for each in await known.documents_of("anna")] == [
        (CARD, None),
        (PASSPORT, date(2031, 8, 8)),
        (OLD_PASSPORT, date(2021, 8, 8)),
    ]
    assert len(department.asked) == 1
    assert not any(key in department.asked[0].query for key in department.documents)


async def test_a_renewed_passport_is_added_and_the_old_one_stays(world: World) -> None:
    """Also where departments know the person by the passport, and where the old one is named no more."""
    department = PublicSecurity()
    department.documents = {OLD_PASSPORT: "2021-08-08"}
    known = people(world, department)
    assert await known.introduced(OLD_PASSPORT) == "anna"
    department.documents = {PASSPORT: "2031-08-08", OLD_PASSPORT: "2021-08-09"}
    assert await known.introduced(PASSPORT) == "anna"
    assert await known.identity_of("anna") == PASSPORT
    department.documents = {"GBR-990000999": None, PASSPORT: "2031-08-08"}
    assert await known.introduced("GBR-990000999") == "anna"
    assert [each.key for each in await known.documents_of("anna")] == ["GBR-990000999", PASSPORT, OLD_PASSPORT]
    assert await known.subject_of(OLD_PASSPORT) == "anna"


async def test_nobody_takes_over_a_document(world: World) -> None:
    """Whatever the department says: a document that is somebody's stays theirs, a person stays who they are."""
    department = PublicSecurity()
    known = people(world, department)
    assert await known.introduced(NUMBER) == "carl"
    department.documents = {CARD: None, NUMBER: None}
    department.asked.clear()
    again = people(world, department)
    with pytest.raises(DomainError) as refused:
        await again.introduced(CARD)
    assert refused.value.code is RuntimeCode.CONFLICT
    assert NUMBER not in refused.value.message
    assert CARD not in refused.value.message
    assert await again.subject_of(CARD) is None
    assert await again.subject_of(NUMBER) == "carl"
    department.documents = {CARD: None}
    assert await again.introduced(CARD) == "anna"
    department.documents = {PASSPORT: None}
    with pytest.raises(DomainError):
        await again.introduced(PASSPORT)
    assert await again.subject_of(PASSPORT) is None


async def test_a_document_that_the_department_does_not_name_introduces_nobody(world: World) -> None:
    """Its answer is about another one."""
    department = PublicSecurity()
    known = people(world, department)
    department.documents = {CARD: None}
    assert await known.introduced(PASSPORT) is None

"""Acting for another: a person or an enterprise lets an agent file, pay and read, within a scope and a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from auth.actor import Actor
from auth.tokens import InvalidToken
from hub.cases.case_content import GivenMaterial
from hub.cases.case_drafts import DraftContent
from hub.cases.case_filing import Submission
from hub.people.mandates import GRANTS, Grant
from hub.people.represented_enterprises import Represented
from schema.domain.case import Case, Channel
from schema.domain.mandate import REPRESENTS_FOR, Mandate, Power
from schema.domain.page import PageRequest
from schema.errors import DomainError
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, ANNA_NUMBER, BO, BO_NUMBER, FREE, OPERATOR, WITH_FEE, World, citizen

CASES, FEES, RECORDS = Power.HANDLE_CASES, Power.PAY_FEES, Power.USE_RECORDS
CODE = "91110102MA0000000K"
SHOP = Represented(CODE, "示例餐饮管理有限公司")
FOR_ENTERPRISES = Submission(
    "FI-BOOKKEEPING-PERMIT",
    {"creditCode": CODE, "accountants": 3},
    materials=(GivenMaterial("LICENCE", "paper:1"), GivenMaterial("PLEDGE", "paper:2")),
)


async def granted(world: World, *powers: Power, items: tuple[str, ...] = (), days: int = 30) -> Mandate:
    """Anna lets Bo act."""
    until = world.clock.now() + timedelta(days=days)
    return await world.mandates.grant(ANNA, Grant(BO_NUMBER, "薄熙", frozenset(powers), items, until))


async def bo_for_anna(world: World, *powers: Power, items: tuple[str, ...] = ()) -> Actor:
    return await world.acting(BO, await granted(world, *powers, items=items))


async def refusal(call: Any) -> str:
    with pytest.raises(DomainError) as refused:
        await call
    return refused.value.code


async def test_an_agent_files_and_goes_on_in_the_partys_name(world: World) -> None:
    """The case is the party's; each event of the agent names who acted, and under which mandate."""
    mandate = await granted(world, CASES)
    agent = await world.acting(BO, mandate)
    case = await world.cases.submit_case(agent, WITH_FEE)
    assert (case.applicant, case.agent, case.filing_officer) == ("anna", "bo", None)
    await world.applicant.remind(agent, case.id, "please", Channel.WEB)
    await world.applicant.withdraw(agent, case.id, "changed our mind")
    events = (await world.cases.events_of((case.id,)))[case.id]
    assert [(each.actor, each.data["agent"], each.data["mandate"]) for each in events] == [
        ("applicant", "bo", mandate.id)
    ] * 3
    assert [each.id for each in await world.cases.cases_of(ANNA, "anna")] == [case.id]
    assert await world.cases.cases_of(BO, "bo") == ()


async def test_a_mandate_for_some_items_shows_and_moves_no_other_case(world: World) -> None:
    """In every list, by id, as a draft, and for whoever knows the receipt number."""
    hidden = await world.cases.submit_case(ANNA, FREE)
    kept = await world.drafts.save(ANNA, DraftContent(FREE.item_code, {}))
    agent = await bo_for_anna(world, CASES, items=(WITH_FEE.item_code,))
    shown = await world.cases.submit_case(agent, WITH_FEE)
    page = await world.cases.page_of(agent, "anna", PageRequest(20))
    listed = await world.cases.cases_of(agent, "anna")
    assert [each.id for each in page.elements] == [each.id for each in listed] == [shown.id]
    assert await world.cases.case(agent, hidden.receipt_number) is None
    assert (await world.drafts.drafts_of(agent), await world.drafts.draft(agent, kept.id)) == ((), None)
    last = await world.cases.last_changed(agent)
    assert last is not None
    assert last.id == shown.id
    for refused in (
        world.applicant.withdraw(agent, hidden.id, None),
        world.drafts.discard(agent, kept.id),
        world.drafts.submit(agent, kept.id),
    ):
        assert await refusal(refused) == "NOT_FOUND"
    assert await refusal(world.cases.submit_case(agent, FREE)) == "FORBIDDEN"
    assert await refusal(world.drafts.save(agent, DraftContent(FREE.item_code, {}))) == "FORBIDDEN"


async def due_order(world: World) -> tuple[Case, str]:
    case = await world.decided(WITH_FEE)
    (order,) = await world.fees.orders_of(ANNA, "anna")
    return case, order.number


async def test_paying_is_a_power_of_its_own(world: World) -> None:
    """Who may handle cases pays nothing by that; who may pay sees what is to be paid, for the items covered."""
    _, number = await due_order(world)
    handles = await bo_for_anna(world, CASES)
    elsewhere = await bo_for_anna(world, FEES, items=(FREE.item_code,))
    for agent in (handles, elsewhere):
        assert await world.fees.orders_of(agent, "anna") == ()
        assert await refusal(world.fees.pay_fees(agent, [number], None)) == "NOT_FOUND"
    pays = await bo_for_anna(world, FEES, items=(WITH_FEE.item_code,))
    assert [each.number for each in await world.fees.orders_of(pays, "anna")] == [number]
    assert (await world.fees.pay_fees(pays, [number], "once")).orders == (number,)
    assert await refusal(world.cases.submit_case(pays, WITH_FEE)) == "FORBIDDEN"
    assert await refusal(world.cases.cases_of(pays, "anna")) == "FORBIDDEN"


async def test_records_are_read_with_that_power_alone(world: World) -> None:
    """Licences of the hub's own register stand for all that hangs on the party."""
    assert await refusal(world.licences.of(await bo_for_anna(world, CASES, FEES), "anna")) == "FORBIDDEN"
    assert await world.licences.of(await bo_for_anna(world, RECORDS), "anna") == []


async def test_either_side_ends_a_mandate_and_its_tokens_end_at_once(world: World) -> None:
    """Nobody else does; ending it twice ends it once, and what was done stands."""
    for by in (ANNA, BO):
        mandate = await granted(world, CASES)
        case = await world.cases.submit_case(await world.acting(BO, mandate), FREE)
        assert await refusal(world.mandates.end(citizen("carl"), mandate.id)) == "NOT_FOUND"
        ended = await world.mandates.end(by, mandate.id)
        world.clock.move(hours=1)
        assert (await world.mandates.end(by, mandate.id)).ended_at == ended.ended_at
        with pytest.raises(InvalidToken, match="mandate has ended"):
            await world.acting(BO, mandate)
        assert (await world.read(case)).applicant == "anna"


async def test_a_mandate_ends_by_itself(world: World) -> None:
    """A token of it is not good for longer either."""
    mandate = await granted(world, CASES, days=1)
    assert (await world.acting(BO, mandate)).expires_at == mandate.until
    world.clock.move(days=1)
    with pytest.raises(InvalidToken):
        await world.acting(BO, mandate)


async def test_an_agent_hands_nothing_on_and_ends_nothing(world: World) -> None:
    """Whoever acts for somebody has the mandate's powers and no more."""
    mandate = await granted(world, *Power)
    agent = await world.acting(BO, mandate)
    grant = Grant(ANNA_NUMBER, "安娜", frozenset(Power), (), world.clock.now() + timedelta(days=1))
    assert await refusal(world.mandates.grant(agent, grant)) == "FORBIDDEN"
    assert await refusal(world.mandates.given(agent)) == "FORBIDDEN"
    assert await refusal(world.mandates.end(agent, mandate.id)) == "NOT_FOUND"
    assert await refusal(world.mandates.represent(agent, CODE)) == "FORBIDDEN"


@pytest.mark.parametrize(
    ("number", "name", "code"),
    [
        (BO_NUMBER, "别人", "NOT_FOUND"),
        ("110102195001010011", "薄熙", "NOT_FOUND"),
        (ANNA_NUMBER, "安娜", "BAD_USER_INPUT"),
    ],
)
async def test_the_agent_is_named_by_number_and_name(world: World, number: str, name: str, code: str) -> None:
    """One that does not fit the other is told as one that nobody has."""
    grant = Grant(number, name, frozenset({CASES}), (), world.clock.now() + timedelta(days=1))
    assert await refusal(world.mandates.grant(ANNA, grant)) == code


async def test_naming_agents_by_trial_is_counted(world: World) -> None:
    """Else one would learn which numbers and names belong together."""
    grant = Grant(BO_NUMBER, "别人", frozenset({CASES}), (), world.clock.now() + timedelta(days=1))
    codes = [await refusal(world.mandates.grant(ANNA, grant)) for _ in range(GRANTS.count + 1)]
    assert codes == ["NOT_FOUND"] * GRANTS.count + ["RATE_LIMITED"]


async def test_items_and_times_are_checked_before_anybody_is_looked_up(world: World) -> None:
    """All that is wrong at once."""
    past = Grant(BO_NUMBER, "薄熙", frozenset(), ("NO-SUCH",), world.clock.now())
    with pytest.raises(DomainError, match=r"`powers`.*`until`.*NO-SUCH"):
        await world.mandates.grant(ANNA, past)


async def test_a_legal_representative_acts_for_the_enterprise(world: World) -> None:
    """By the register's word of half a day; the enterprise is the applicant and its code goes to departments."""
    world.register.told = {"bo": (SHOP,)}
    mandate = await world.mandates.represent(BO, f" {CODE.lower()} ")
    assert (mandate.until - world.clock.now(), mandate.party_name) == (REPRESENTS_FOR, SHOP.name)
    acting = await world.acting(BO, mandate)
    case = await world.cases.submit_case(acting, FOR_ENTERPRISES)
    assert (case.applicant, case.agent) == (mandate.party, "bo")
    assert await world.cases.cases_of(BO, "bo") == ()
    world.clock.move(seconds=REPRESENTS_FOR.total_seconds())
    with pytest.raises(InvalidToken):
        await world.acting(BO, mandate)
    again = await world.mandates.represent(BO, CODE)
    assert again.party == mandate.party
    world.register.told = {}
    assert await refusal(world.mandates.represent(BO, CODE)) == "FORBIDDEN"
    world.register.told = None
    assert await refusal(world.mandates.represent(BO, CODE)) == "SERVICE_UNAVAILABLE"


async def test_an_enterprise_grants_by_its_representative(world: World) -> None:
    """The clerk acts for the enterprise, grants nothing, and is told apart from the representative."""
    world.register.told = {"bo": (SHOP,)}
    boss = await world.acting(BO, await world.mandates.represent(BO, CODE))
    until = world.clock.now() + timedelta(days=365)
    clerk_mandate = await world.mandates.grant(boss, Grant(ANNA_NUMBER, "安娜", frozenset({CASES}), (), until))
    assert (clerk_mandate.party_name, clerk_mandate.represents) == (SHOP.name, False)
    clerk = await world.acting(ANNA, clerk_mandate)
    case = await world.cases.submit_case(clerk, FOR_ENTERPRISES)
    assert [each.id for each in await world.cases.cases_of(boss, boss.subject)] == [case.id]
    assert await refusal(world.mandates.given(clerk)) == "FORBIDDEN"
    assert [each.id for each in await world.mandates.given(boss)] == [clerk_mandate.id]
    await world.mandates.end(boss, clerk_mandate.id)
    with pytest.raises(InvalidToken):
        await world.acting(ANNA, clerk_mandate)


async def test_an_item_for_persons_alone_is_not_for_an_enterprise(world: World) -> None:
    """It is said for whom it is."""
    world.register.told = {"bo": (SHOP,)}
    boss = await world.acting(BO, await world.mandates.represent(BO, CODE))
    with pytest.raises(DomainError, match="CITIZEN"):
        await world.cases.submit_case(boss, WITH_FEE)


GRANT = """mutation Grant($input: MandateInput!) {
  grantMandate(input: $input) { id partyName agentName powers items isInForce represents }
}"""


async def test_an_agent_is_named_by_any_document(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them, which can be right; the name must belong to it all the same."""
    graph = Graph(world)
    monkeypatch.setattr(world.people, "numbers", {"anna": ANNA_NUMBER, "bo": "810000198809150044"})
    permit = {"type": "HONG_KONG_MACAO_PERMIT", "number": "810000 19880915 0044"}
    until = (world.clock.now() + timedelta(days=9)).isoformat()
    named = {"agentName": "薄熙", "powers": ["HANDLE_CASES"], "until": until}
    for wrong, code in (
        ({}, "BAD_USER_INPUT"),
        ({"agentDocument": permit, "agentIdNumber": BO_NUMBER}, "BAD_USER_INPUT"),
        ({"agentDocument": {**permit, "type": "TAIWAN_PERMIT"}}, "BAD_USER_INPUT"),
        ({"agentDocument": permit, "agentName": "甄示例"}, "NOT_FOUND"),
    ):
        assert await graph.refused(GRANT, ANNA, input=named | wrong) == [code]
    granted = await graph.ask(GRANT, ANNA, input={**named, "agentDocument": permit})
    assert granted["grantMandate"]["agentName"] == "薄熙"


async def test_the_graph_grants_shows_and_ends(world: World) -> None:
    """Both sides see it; the agent sees it in the notices too, and whose case it is stands with the case."""
    graph = Graph(world)
    given = {
        "agentIdNumber": BO_NUMBER,
        "agentName": "薄熙",
        "powers": ["HANDLE_CASES"],
        "items": [FREE.item_code],
        "until": (world.clock.now() + timedelta(days=9)).isoformat(),
    }
    mandate = (await graph.ask(GRANT, ANNA, input=given))["grantMandate"]
    assert {name: mandate[name] for name in ("partyName", "agentName", "powers", "items", "isInForce")} == {
        "partyName": "安娜",
        "agentName": "薄熙",
        "powers": ["HANDLE_CASES"],
        "items": [FREE.item_code],
        "isInForce": True,
    }
    for actor, field in ((ANNA, "mandatesGiven"), (BO, "mandatesHeld")):
        assert (await graph.ask(f"{{ {field} {{ id }} }}", actor))[field] == [{"id": mandate["id"]}]
    assert (await graph.ask("{ notices { kind } }", BO))["notices"] == [{"kind": "MANDATE"}]
    held = await world.mandate_store.mandate(mandate["id"])
    assert held is not None
    case = await world.cases.submit_case(await world.acting(BO, held), FREE)
    query = (
        "query Case($id: ID!) { case(id: $id) { isFiledByOfficer filedUnder { agentName } party { __typename } } }"
    )
    for reader in (ANNA, OPERATOR):
        assert (await graph.ask(query, reader, id=case.id))["case"] == {
            "isFiledByOfficer": False,
            "filedUnder": {"agentName": "薄熙"},
            "party": {"__typename": "Citizen"},
        }
    end = "mutation End($id: ID!) { endMandate(id: $id) { isInForce } }"
    assert (await graph.ask(end, BO, id=mandate["id"]))["endMandate"] == {"isInForce": False}


async def test_an_enterprises_case_names_the_enterprise(world: World) -> None:
    """No person is its applicant; `party` says whose it is."""
    world.register.told = {"bo": (SHOP,)}
    graph = Graph(world)
    made = await graph.ask(f'mutation {{ representEnterprise(creditCode: "{CODE}") {{ id }} }}', BO)
    mandate = await world.mandate_store.mandate(made["representEnterprise"]["id"])
    assert mandate is not None
    boss = await world.acting(BO, mandate)
    case = await world.cases.submit_case(boss, FOR_ENTERPRISES)
    query = """query Mine($id: ID!) {
      me { id }
      party { ... on Enterprise { creditCode cases { id applicant { id } party { __typename } } fees { number } } }
      case(id: $id) { applicant { id } }
    }"""
    assert await graph.ask(query, boss, id=case.id) == {
        "me": None,
        "party": {
            "creditCode": CODE,
            "cases": [{"id": case.id, "applicant": None, "party": {"__typename": "Enterprise"}}],
            "fees": [],
        },
        "case": {"applicant": None},
    }

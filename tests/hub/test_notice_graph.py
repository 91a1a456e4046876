"""Notices outside the hub through the graph: preferences, addresses, proofs, and what operators see.

Source: domain.md, 9.10; docs/notices.md.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from auth.roles import HANDLER
from connectors.http_client import HttpClient
from hub.keys.sealing import Sealer
from hub.notices.notice_proofs import NoticeProofs
from hub.notices.notice_resending import NoticeResending
from hub.notices.notice_services import NoticeServices, PushService
from schema.domain.notice_delivery import News
from schema.domain.notice_preference import NoticeChannel
from tests.hub.notice_world import CODE, PHONE, NoticeWorld
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, BO, OPERATOR, World

MINE = (
    "{ myNoticePreferences { language quietFrom quietUntil off { channel group } offered addresses { shown } } }"
)
SET = """mutation Set($input: NoticePreferencesInput!) { setNoticePreferences(input: $input) {
  language quietFrom quietUntil off { channel group } } }"""
ADD = "mutation Add($to: String!) { addNoticeAddress(channel: SMS, address: $to) { id shown isConfirmed } }"
CONFIRM = (
    "mutation Confirm($id: ID!, $code: String!) { confirmNoticeAddress(id: $id, code: $code) { isConfirmed } }"
)
REMOVE = "mutation Remove($id: ID!) { removeNoticeAddress(id: $id) }"
TOLD = "{ notices { kind deliveries { channel state deliveredAt deemedAt mayBeDouble } } }"
PROOFS = """query Proofs($case: ID!) { case(id: $case) {
  noticeDeliveries { kind channel state deliveredAt deemedAt } } }"""
QUEUE = "{ undeliveredNotices { kind channel state gateway attempts lastError } }"
RESEND = """mutation Resend($ids: [ID!]!, $reason: String!) {
  resendNotices(ids: $ids, reason: $reason) { resent left } }"""
VAIN = "{ undeliveredNotices(states: [FAILED, GIVEN_UP]) { id state resends { by reason } } }"
GATEWAYS = "{ noticeGateways { name channel failures why underWay } noticeCounts { channel state count } }"
CLERK = replace(ANNA, subject="clerk", roles=frozenset({HANDLER}), department="civil-affairs")


@pytest.fixture
def notices(world: World) -> NoticeWorld:
    return NoticeWorld(world)


@pytest.fixture
def graph(notices: NoticeWorld) -> Graph:
    world = notices.world
    gateways = [(NoticeChannel.SMS, "sms-1"), (NoticeChannel.SMS, "sms-2")]
    services = NoticeServices(
        notices.preferences,
        notices.addresses,
        notices.sending,
        notices.receipts,
        NoticeProofs(world.database, world.clock, gateways),
        NoticeResending(world.database, world.clock, world.wakeups),
        PushService(world.database, Sealer(), world.clock, HttpClient(), ""),
        None,  # type: ignore[arg-type]  # nothing goes out
    )
    return Graph(world, notices=services)


async def test_preferences_are_ones_own(graph: Graph) -> None:
    """What one sets the other does not have."""
    at_first = (await graph.ask(MINE))["myNoticePreferences"]
    assert (at_first["language"], at_first["quietFrom"], at_first["quietUntil"]) == ("ZH", "22:00:00", "08:00:00")
    assert (at_first["off"], at_first["offered"], at_first["addresses"]) == ([], ["SMS"], [])
    chosen = {"language": "EN", "off": [{"channel": "SMS", "group": "LICENCES"}]}
    answer = (await graph.ask(SET, input=chosen))["setNoticePreferences"]
    assert (answer["language"], answer["quietFrom"], answer["off"]) == ("EN", None, chosen["off"])
    assert (await graph.ask(MINE, BO))["myNoticePreferences"]["language"] == "ZH"


@pytest.mark.parametrize(
    "chosen",
    [
        {"quietFrom": "20:00:00", "quietUntil": "09:00:00"},
        {"off": [{"channel": "IN_APP", "group": "CASES"}]},
        {"off": [{"channel": "SMS", "group": "OFFICE"}]},
    ],
)
async def test_preferences_that_cannot_be(graph: Graph, chosen: dict[str, object]) -> None:
    """Thirteen quiet hours; the hub itself; what is for the office."""
    assert await graph.refused(SET, input=chosen) == ["BAD_USER_INPUT"]


async def test_an_address_is_added_confirmed_and_removed_by_its_owner_alone(graph: Graph) -> None:
    """Another is told that there is none."""
    added = (await graph.ask(ADD, to=PHONE))["addNoticeAddress"]
    assert (added["shown"], added["isConfirmed"]) == ("138****8000", False)
    assert await graph.refused(CONFIRM, BO, id=added["id"], code=CODE) == ["NOT_FOUND"]
    assert await graph.refused(REMOVE, BO, id=added["id"]) == ["NOT_FOUND"]
    assert (await graph.ask(CONFIRM, id=added["id"], code=CODE))["confirmNoticeAddress"]["isConfirmed"]
    assert (await graph.ask(REMOVE, id=added["id"]))["removeNoticeAddress"]
    assert (await graph.ask(MINE))["myNoticePreferences"]["addresses"] == []


async def test_proofs_for_the_person_and_for_who_handles_the_case(graph: Graph, notices: NoticeWorld) -> None:
    """A supplement notice: by SMS with its receipt, and in the hub once it was read. Strangers see nothing."""
    await notices.confirmed()
    case = await notices.world.decided()
    await notices.work()
    row = await notices.row()
    await notices.receipt("sms-1", f"{row.id}.1")
    sms = {
        "channel": "SMS",
        "state": "DELIVERED",
        "deliveredAt": "2026-11-23T09:00:00+00:00",
        "deemedAt": "2026-11-23T09:00:00+00:00",
    }
    assert (await graph.ask(TOLD))["notices"] == [
        {"kind": "DECIDED", "deliveries": [sms | {"mayBeDouble": False}]}
    ]
    in_app = {
        "channel": "IN_APP",
        "state": "HANDED_OVER",
        "deliveredAt": None,
        "deemedAt": "2026-11-26T09:00:00+00:00",
    }
    for reader in (ANNA, CLERK):
        proofs = (await graph.ask(PROOFS, reader, case=case.id))["case"]["noticeDeliveries"]
        assert proofs == [{"kind": "DECIDED", **in_app}, {"kind": "DECIDED", **sms}]
    assert (await graph.ask(PROOFS, BO, case=case.id))["case"] is None
    await graph.ask("mutation Read($id: ID!) { markNoticeRead(id: $id) { readAt } }", id=str(row.notice_id))
    proofs = (await graph.ask(PROOFS, case=case.id))["case"]["noticeDeliveries"]
    assert [each["state"] for each in proofs] == ["DELIVERED", "DELIVERED"]


async def test_operators_see_the_queue_and_the_gateways_but_no_person(graph: Graph, notices: NoticeWorld) -> None:
    """What waits, on which gateway, why; for nobody else."""
    await notices.confirmed()
    notices.first.mood = notices.second.mood = News.NOT_TAKEN
    await notices.tell()
    await notices.work()
    (waiting,) = (await graph.ask(QUEUE, OPERATOR))["undeliveredNotices"]
    assert waiting == {
        "kind": "SUPPLEMENT_REQUESTED",
        "channel": "SMS",
        "state": "WAITING",
        "gateway": "sms-2",
        "attempts": 2,
        "lastError": "as it was told to",
    }
    answer = await graph.ask(GATEWAYS, OPERATOR)
    assert [(each["name"], each["failures"]) for each in answer["noticeGateways"]] == [("sms-1", 1), ("sms-2", 1)]
    assert answer["noticeCounts"] == [{"channel": "SMS", "state": "WAITING", "count": 1}]
    for query in (QUEUE, GATEWAYS, "{ refusedReceipts { count } }"):
        assert set(await graph.refused(query, ANNA)) == {"FORBIDDEN"}


async def test_what_was_given_up_is_sent_again_once_with_a_reason(graph: Graph, notices: NoticeWorld) -> None:
    """domain.md, 9.10: five who press at once send one message; what arrived is left alone; the reason is kept."""
    await notices.confirmed()
    notices.first.mood = notices.second.mood = News.NOT_TAKEN
    await notices.tell()
    await notices.work()
    (early,) = (await graph.ask("{ undeliveredNotices { id } }", OPERATOR))["undeliveredNotices"]
    waits = (await graph.ask(RESEND, OPERATOR, ids=[early["id"]], reason="x"))["resendNotices"]
    notices.world.clock.move(days=4)
    await notices.work()
    (vain,) = (await graph.ask(VAIN, OPERATOR))["undeliveredNotices"]
    refused = [
        await graph.refused(RESEND, who, ids=ids, reason=why)
        for who, ids, why in ((OPERATOR, [vain["id"]], " "), (OPERATOR, [], "x"), (ANNA, [vain["id"]], "x"))
    ]
    notices.first.mood = News.TAKEN
    asked = {"ids": [vain["id"], "unknown"], "reason": "网关合同已续"}
    pressed = await asyncio.gather(*(graph.ask(RESEND, OPERATOR, **asked) for _ in range(5)))
    await notices.work()
    row = await notices.row()
    await notices.receipt("sms-1", f"{row.id}.{row.round}")
    arrived = (await graph.ask(RESEND, OPERATOR, **asked))["resendNotices"]
    (proof,) = (await graph.ask(TOLD))["notices"][0]["deliveries"]

    assert waits == {"resent": [], "left": [early["id"]]}
    assert vain == {"id": early["id"], "state": "GIVEN_UP", "resends": []}
    assert refused == [["BAD_USER_INPUT"], ["BAD_USER_INPUT"], ["FORBIDDEN"]]
    assert sorted(len(each["resendNotices"]["resent"]) for each in pressed) == [0, 0, 0, 0, 1]
    assert list(notices.messages().values()) == [1]
    assert arrived == {"resent": [], "left": sorted(asked["ids"])}
    assert (proof["state"], proof["mayBeDouble"]) == ("DELIVERED", False)
    kept = (await graph.ask(VAIN.replace("FAILED, GIVEN_UP", "DELIVERED"), OPERATOR))["undeliveredNotices"]
    assert kept[0]["resends"] == [{"by": OPERATOR.subject, "reason": "网关合同已续"}]

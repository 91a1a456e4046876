"""Notices leave the hub once in effect. Source: domain.md, 9.10; docs/notices.md."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import Random

import pytest
from sqlmodel import select

from hub.doors.signed_callback import BadCallback, CallbackFault
from hub.tables.notice import NoticeAddressRow, NoticeGatewayRow, NoticeReceiptRefusalRow
from schema.domain.notice import NoticeKind
from schema.domain.notice_delivery import News
from schema.domain.notice_preference import NoticeChannel, NoticeGroup, NoticePreferences
from schema.errors import DomainError, RuntimeCode
from tests.hub.notice_world import CODE, PHONE, NoticeWorld, signed
from tests.hub.world import ANNA, BO, World


@pytest.fixture
async def notices(world: World) -> NoticeWorld:
    made = NoticeWorld(world)
    await made.confirmed()
    # 17:00 in Beijing: nobody is asleep.
    return made


async def test_a_notice_goes_to_the_confirmed_address_and_says_nothing(notices: NoticeWorld) -> None:
    """The text is the template's; that of the notice stays in the hub."""
    await notices.tell()
    await notices.work()

    row = await notices.row()
    message = notices.first.known[f"{row.id}.1"]
    assert (message.address, row.state) == (PHONE, "HANDED_OVER")
    assert message.text == "【一网通办】您的办件（尾号6789-4）有限期办理的通知，请尽快登录一网通办查看。"
    assert message.link == "http://hub/notices"


async def test_without_a_confirmed_address_nothing_leaves(world: World) -> None:
    """Typed is not confirmed."""
    notices = NoticeWorld(world)
    await notices.addresses.add(ANNA, NoticeChannel.SMS, PHONE)
    await notices.tell()
    assert await notices.rows() == []


async def test_a_preference_turns_a_group_off(notices: NoticeWorld) -> None:
    """Of this channel alone, and never what has a date that can be missed."""
    off = frozenset({(NoticeChannel.SMS, NoticeGroup.CASES)})
    await notices.preferences.set(ANNA, NoticePreferences(off=off))
    assert (await notices.preferences.of(ANNA)).off == off
    assert (await notices.preferences.of(BO)).off == frozenset()
    await notices.tell("a", NoticeKind.DUE_DATE_MOVED)
    await notices.tell("b", NoticeKind.DECIDED)
    assert [row.kind for row in await notices.rows()] == ["DECIDED"]


async def test_what_was_decided_is_told_with_the_decision(notices: NoticeWorld) -> None:
    """One transaction: the case moves, the notice stands, its delivery waits."""
    await notices.world.decided()
    assert [row.kind for row in await notices.rows()] == ["DECIDED"]


async def test_at_night_it_waits_for_the_morning(notices: NoticeWorld) -> None:
    """22:30 in Beijing: held until 8:00, and then sent."""
    notices.world.clock.move(hours=5, minutes=30)
    await notices.tell()
    await notices.work()
    assert notices.messages() == {}
    notices.world.clock.move(hours=9, minutes=30)
    await notices.work()
    assert notices.messages().total() == 1


async def test_the_second_gateway_takes_over_and_gives_back(notices: NoticeWorld) -> None:
    """At once where the first certainly did not take it; back, once its rest is over and it is well."""
    notices.first.mood = News.NOT_TAKEN
    await notices.tell("a")
    await notices.work()
    await notices.tell("b")
    await notices.work()
    assert (len(notices.first.known), len(notices.second.known)) == (0, 2)

    notices.first.mood = News.TAKEN
    notices.world.clock.move(seconds=20)
    await notices.tell("c")
    await notices.work()
    await notices.tell("d")
    await notices.work()
    assert (len(notices.first.known), len(notices.second.known)) == (2, 2)
    async with notices.world.database.reading() as session:
        (health,) = (await session.exec(select(NoticeGatewayRow))).all()
    assert (health.name, health.failures, health.well_at) == ("sms-1", 0, notices.world.clock.now())


async def test_while_both_are_down_it_waits_and_is_given_up_after_72_hours(notices: NoticeWorld) -> None:
    """The end is an end: no try after it."""
    notices.first.mood = notices.second.mood = News.NOT_TAKEN
    await notices.tell()
    for _ in range(80):
        await notices.work()
        notices.world.clock.move(hours=1)
    row = await notices.row()
    assert (row.state, row.next_at, row.delivered_at) == ("GIVEN_UP", None, None)
    tries = row.attempts
    notices.world.clock.move(days=1)
    await notices.work()
    assert (await notices.row()).attempts == tries


@pytest.mark.parametrize("kills", ["before", "after"])
async def test_killed_in_the_middle_of_sending(notices: NoticeWorld, kills: str) -> None:
    """The same gateway gets the same key again, though the other one is well: one message, either way."""
    notices.first.kills = kills
    await notices.tell()
    await notices.work()
    notices.world.clock.move(minutes=2)
    await notices.work()
    row = await notices.row()
    assert (row.state, row.gateway, row.may_be_double) == ("HANDED_OVER", "sms-1", False)
    assert notices.messages() == {f"{row.id}.1": 1}


async def test_two_workers_send_it_once(notices: NoticeWorld) -> None:
    """Whoever has the lease sends; the other one finds nothing."""
    await notices.tell()
    await asyncio.gather(*(notices.sending.send_due() for _ in range(3)))
    assert (await notices.row()).attempts == 1
    assert notices.messages().total() == 1


async def test_a_receipt_is_the_proof(notices: NoticeWorld) -> None:
    """Doubles and failures that come late change nothing."""
    await notices.tell()
    await notices.work()
    row = await notices.row()
    at = notices.world.clock.now() + timedelta(seconds=3)
    notices.world.clock.move(minutes=1)
    assert await notices.receipt("sms-1", f"{row.id}.1", at=at)
    for state in ("delivered", "failed", "refused"):
        assert await notices.receipt("sms-1", f"{row.id}.1", state)
    found = await notices.row()
    assert (found.state, found.delivered_at, found.next_at) == ("DELIVERED", at, None)


async def test_a_receipt_may_overtake_the_answer(notices: NoticeWorld) -> None:
    """The worker dies after the gateway took it; the receipt alone tells of it."""
    notices.first.kills = "after"
    await notices.tell()
    await notices.work()
    row = await notices.row()
    await notices.receipt("sms-1", f"{row.id}.1")
    notices.world.clock.move(minutes=2)
    await notices.work()
    assert (await notices.row()).state == "DELIVERED"
    assert notices.messages().total() == 1


@pytest.mark.parametrize(
    ("secret", "seconds", "fault"),
    [("x" * 32, 0, CallbackFault.FORGED), ("s" * 32, 600, CallbackFault.TOO_OLD)],
)
async def test_forged_and_old_receipts_prove_nothing(
    notices: NoticeWorld, secret: str, seconds: int, fault: CallbackFault
) -> None:
    """They are refused, and counted by whoever opens the door."""
    await notices.tell()
    await notices.work()
    row = await notices.row()
    body = f'{{"key": "{row.id}.1", "state": "delivered"}}'.encode()
    header = signed(body, notices.world.clock.now() - timedelta(seconds=seconds), secret)
    with pytest.raises(BadCallback) as refused:
        await notices.receipts.take("sms-1", header, body)
    assert refused.value.fault is fault
    for _ in range(3):
        await notices.receipts.refuse(refused.value.fault, body)
    async with notices.world.database.reading() as session:
        (counted,) = (await session.exec(select(NoticeReceiptRefusalRow))).all()
    assert (counted.reason, counted.count) == (fault.value, 3)
    assert (await notices.row()).state == "HANDED_OVER"


async def test_a_gateway_that_loses_a_message_is_asked_and_replaced(notices: NoticeWorld) -> None:
    """Taken, then unknown: the other one gets it, under a new key."""
    await notices.tell()
    await notices.work()
    notices.first.known.clear()
    notices.world.clock.move(minutes=3)
    await notices.work()
    row = await notices.row()
    assert (row.gateway, row.round, row.state) == ("sms-2", 2, "HANDED_OVER")
    assert notices.messages() == {f"{row.id}.2": 1}


async def test_a_failure_of_a_replaced_message_is_no_news(notices: NoticeWorld) -> None:
    """The first one failed and was replaced; its receipt comes again when the second is under way."""
    await notices.tell()
    await notices.work()
    row = await notices.row()
    await notices.receipt("sms-1", f"{row.id}.1", "failed")
    notices.world.clock.move(minutes=1)
    await notices.work()
    await notices.receipt("sms-1", f"{row.id}.1", "failed")
    found = await notices.row()
    assert (found.state, found.round, found.gateway) == ("HANDED_OVER", 2, "sms-2")


async def test_a_removed_address_gets_nothing_more(notices: NoticeWorld) -> None:
    """What waits is suppressed."""
    notices.first.mood = notices.second.mood = News.NOT_TAKEN
    await notices.tell()
    await notices.work()
    (address,) = await notices.addresses.of(ANNA)
    await notices.addresses.remove(ANNA, address.id)
    notices.world.clock.move(hours=1)
    await notices.work()
    assert (await notices.row()).state == "SUPPRESSED"


@pytest.mark.parametrize("seed", range(12))
async def test_sent_once_whatever_order_of_kills_receipts_and_doubles(notices: NoticeWorld, seed: int) -> None:
    """Gateways go down and come back, workers are killed, receipts double: the person has one message."""
    chance = Random(seed)
    await notices.tell()
    both = (notices.first, notices.second)
    for _ in range(30):
        gateway = chance.choice(both)
        gateway.mood = chance.choice((News.TAKEN, News.TAKEN, News.NOT_TAKEN))
        gateway.kills = chance.choice((None, None, "before", "after"))
        await notices.work()
        if notices.messages() and chance.random() < 0.3:
            key = chance.choice(sorted(notices.messages()))
            holder = next(each for each in both if key in each.known)
            for _ in range(chance.randrange(1, 3)):
                await notices.receipt(holder.name, key)
        notices.world.clock.move(seconds=chance.randrange(1, 120))
    for gateway in both:
        gateway.mood, gateway.kills = News.TAKEN, None
    notices.world.clock.move(hours=1)
    await notices.work()
    row = await notices.row()
    assert notices.messages().total() == 1 or row.may_be_double
    assert row.state in {"HANDED_OVER", "DELIVERED"}
    if not row.may_be_double:
        assert notices.messages() == {f"{row.id}.1": 1}


async def test_an_address_is_confirmed_by_its_code(world: World) -> None:
    """A wrong one is refused, five are too many, the right one comes too late then."""
    notices = NoticeWorld(world)
    added = await notices.addresses.add(ANNA, NoticeChannel.SMS, "+86 138 0013 8000")
    assert (added.shown, added.is_confirmed) == ("138****8000", False)
    assert notices.first.known[f"{added.id}.code"].address == PHONE
    with pytest.raises(DomainError, match="no such address"):
        await notices.addresses.confirm(BO, added.id, CODE)
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(DomainError, match=f"{left} more tries"):
            await notices.addresses.confirm(ANNA, added.id, "000000")
    with pytest.raises(DomainError, match="good no more"):
        await notices.addresses.confirm(ANNA, added.id, CODE)


async def test_codes_are_limited_and_kept_hashed(world: World) -> None:
    """Five an hour; neither number nor code stands in the table."""
    notices = NoticeWorld(world)
    for _ in range(5):
        await notices.addresses.add(ANNA, NoticeChannel.SMS, PHONE)
    with pytest.raises(DomainError) as refused:
        await notices.addresses.add(ANNA, NoticeChannel.SMS, PHONE)
    assert refused.value.code is RuntimeCode.RATE_LIMITED
    with pytest.raises(DomainError, match="Too many"):
        await notices.addresses.add(BO, NoticeChannel.SMS, PHONE)
    async with world.database.reading() as session:
        (row,) = (await session.exec(select(NoticeAddressRow))).all()
    assert PHONE not in str(row.model_dump())
    assert CODE not in str(row.model_dump())


async def test_a_new_address_takes_over_when_it_is_confirmed(notices: NoticeWorld) -> None:
    """Until then the one before is good."""
    added = await notices.addresses.add(ANNA, NoticeChannel.SMS, "13900139000")
    assert [each.shown for each in await notices.addresses.of(ANNA) if each.is_confirmed] == ["138****8000"]
    await notices.addresses.confirm(ANNA, added.id, CODE)
    assert [(each.shown, each.is_confirmed) for each in await notices.addresses.of(ANNA)] == [
        ("139****9000", True)
    ]


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        (NoticeChannel.SMS, "12345"),
        (NoticeChannel.SMS, "01088886666"),
        (NoticeChannel.EMAIL, "name@example.com"),
        (NoticeChannel.IN_APP, PHONE),
    ],
)
async def test_what_is_no_address_here_is_refused(world: World, channel: NoticeChannel, text: str) -> None:
    """Also one of a channel that this hub has no gateway for."""
    with pytest.raises(DomainError) as refused:
        await NoticeWorld(world).addresses.add(ANNA, channel, text)
    assert refused.value.code is RuntimeCode.BAD_USER_INPUT

"""The whole way of a case over a real broker: outbox, queue, command, event, inbox; and its crashes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlmodel import col, select

from connectors import topology
from connectors.broker import BrokerUnavailable, Delivery, Handler, Message
from connectors.clock import SystemClock
from connectors.embedded import EmbeddedBroker
from hub.background import LAPSE_INTERVAL
from hub.messages import outbox
from hub.messages.broker_store import DatabaseBrokerStore
from hub.messages.relay import Relay
from hub.tables.outbox import OutboxRow
from hub.worker import Periodic, Work, Worker
from schema.domain.case import Case, CaseState
from tests.hub.world import ANNA, FREE, WITH_FEE, World


async def until(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    for _ in range(400):
        if await condition():
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"did not happen: {what}")


@dataclass
class Department:
    """Takes commands as an agent would, and tells what comes of them; every message goes out twice."""

    name: str
    broker: EmbeddedBroker
    world: World
    took: list[str] = field(default_factory=list)

    async def handle(self, delivery: Delivery) -> None:
        message = delivery.message
        self.took.append(f"{message.data['operationName']} {message.data['idempotencyKey']}")
        receipt = {"data": {"receipt": {"accepted": True}}, "errors": []}
        await self.tell(
            Message(
                f"{message.id}.outcome",
                "jiyi.command.outcome",
                self.name,
                message.time,
                {"command": message.id, "response": receipt},
                subject=message.subject,
                partition_key=message.partition_key,
                correlation_id=message.id,
            )
        )
        case = message.subject or ""
        if message.data["operationName"] == "ReceiveCase":
            for step, data in (
                ("jiyi.case.accepted", {}),
                ("jiyi.case.review-started", {}),
                ("jiyi.case.decided", {"decision": "approved"}),
            ):
                await self.tell(self.world.event(case, step, self.name, **data))
        if message.data["operationName"] == "IssueLicence":
            issued = {"number": "MZ1", "issuerCode": "110102-MZ"}
            await self.tell(self.world.event(case, "jiyi.licence.issued", self.name, **issued))
        await delivery.acknowledge()

    async def tell(self, message: Message) -> None:
        for _ in range(2):
            await self.broker.publish(topology.event_address(self.name, message.partition_key), message)


@dataclass
class Running:
    world: World
    broker: EmbeddedBroker
    departments: dict[str, Department]

    def handlers(self) -> dict[str, Handler]:
        return {name: department.handle for name, department in self.departments.items()}

    def work(self) -> Work:
        world = self.world
        relay = Relay(world.database, self.broker, world.clock, world.wakeups)
        return Work(
            self.broker,
            relay,
            world.inbox,
            world.wakeups,
            self.handlers,
            (
                Periodic("payments", world.payments.poll, timedelta(seconds=1)),
                Periodic("lapses", world.deadlines.lapse_unpaid, LAPSE_INTERVAL),
            ),
        )

    async def is_in(self, case: Case, state: CaseState) -> bool:
        return (await self.world.read(case)).state is state


@asynccontextmanager
async def running(world: World) -> AsyncIterator[Running]:
    world.clock.tick()
    broker = EmbeddedBroker(DatabaseBrokerStore(world.database), SystemClock())
    await broker.connect()
    names = ("civil-affairs", "finance")
    try:
        yield Running(world, broker, {name: Department(name, broker, world) for name in names})
    finally:
        await broker.close()


async def open_rows(world: World) -> int:
    async with world.database.reading() as session:
        return len((await session.exec(select(OutboxRow.id).where(col(OutboxRow.done_at).is_(None)))).all())


async def test_a_case_goes_all_the_way_and_every_message_may_come_twice(world: World) -> None:
    """Filed, accepted, approved, paid, licensed, completed: each effect once, nothing left over."""
    async with running(world) as hub, Worker(hub.work(), "one"):
        case = await world.cases.submit_case(ANNA, WITH_FEE)
        await until(lambda: hub.is_in(case, CaseState.APPROVED), "approval")
        payment = await world.fees.pay_fees(ANNA, [f"FO-{case.receipt_number}-1"], None)
        for _ in range(2):
            await world.payments.money_arrived(payment.number, 900, world.clock.now())
        await until(lambda: hub.is_in(case, CaseState.COMPLETED), "completion")

        async def is_quiet() -> bool:
            return await open_rows(world) == 0

        await until(is_quiet, "all commands have their outcome")
        dead = await hub.broker.dead_letters()

    assert await world.events(case) == [
        "submitted", "accepted", "review-started", "approved", "fee-ordered",
        "fee-paid", "licence-ordered", "licence-issued", "completed",
    ]  # fmt: skip
    assert [took.split()[0] for took in hub.departments["civil-affairs"].took] == ["ReceiveCase", "IssueLicence"]
    assert [took.split()[0] for took in hub.departments["finance"].took] == ["SettleFeeOrder"]
    assert dead == ()


async def test_a_case_accepted_without_a_worker_is_sent_by_the_next_one(world: World) -> None:
    """The process died between accepting and publishing."""
    case = await world.cases.submit_case(ANNA, FREE)

    async with running(world) as hub, Worker(hub.work(), "two"):
        await until(lambda: hub.is_in(case, CaseState.COMPLETED), "completion")

    assert await world.events(case) == [
        "submitted", "accepted", "review-started", "approved", "licence-ordered", "licence-issued", "completed",
    ]  # fmt: skip


class AwayBroker(EmbeddedBroker):
    """A broker that confirms nothing."""

    async def publish(self, address: str, message: Message, *, durable: bool = True) -> None:
        raise BrokerUnavailable("cut")


async def test_while_the_broker_is_away_messages_wait(world: World) -> None:
    """Back-off, never loss: the row stays due."""
    await world.cases.submit_case(ANNA, FREE)
    away = AwayBroker(DatabaseBrokerStore(world.database), SystemClock())
    relay = Relay(world.database, away, world.clock, world.wakeups)

    await relay.step()
    assert await relay.step() is False
    world.clock.move(seconds=1)
    assert await relay.step() is True

    async with world.database.reading() as session:
        row = (await session.exec(select(OutboxRow))).one()
    assert (row.published_at, row.attempts) == (None, 2)
    assert (row.last_error or "").startswith("BrokerUnavailable")


async def test_two_relays_never_hold_the_same_message(world: World) -> None:
    """A claim is a lease; what a dead relay held is free again when it is over."""
    for _ in range(4):
        await world.cases.submit_case(ANNA, FREE)

    async def claim() -> tuple[outbox.Claimed, ...]:
        async with world.database.transaction() as session:
            return await outbox.claim(session, world.clock.now(), 3)

    hands = await asyncio.gather(claim(), claim(), claim())
    held = [each.sequence for hand in hands for each in hand]
    assert len(held) == len(set(held)) == 4
    assert await claim() == ()

    world.clock.move(seconds=11)
    assert len(await claim()) == 3


async def test_a_later_command_of_a_case_waits_for_the_outcome_of_the_earlier(world: World) -> None:
    """Order per case, also past a dead letter: no licence is ordered for a case that nobody could receive."""
    case = await world.decided(FREE)

    async with world.database.transaction() as session:
        first = await outbox.claim(session, world.clock.now(), 10)
        assert [each.message.data["operationName"] for each in first] == ["ReceiveCase"]
    async with world.database.transaction() as session:
        assert await outbox.claim(session, world.clock.now(), 10) == ()
        await outbox.mark_published(session, first[:1], world.clock.now())
        assert await outbox.claim(session, world.clock.now(), 10) == ()
        await outbox.close_commands(session, "civil-affairs", [first[0].message.id], "done", world.clock.now())
        second = await outbox.claim(session, world.clock.now(), 10)

    assert [(each.message.data["operationName"], each.message.subject) for each in second] == [
        ("IssueLicence", case.receipt_number)
    ]


async def test_an_outcome_that_overtakes_the_note_of_sending_frees_the_next_message(world: World) -> None:
    """A fast department answers before the relay has written that the command is out."""
    await world.decided(FREE)
    now = world.clock.now()

    async with world.database.transaction() as session:
        [first] = await outbox.claim(session, now, 10)
        assert await outbox.close_commands(session, "civil-affairs", [first.message.id], "done", now)
        await outbox.mark_published(session, [first], now)
        [second] = await outbox.claim(session, now, 10)

    assert second.message.data["operationName"] == "IssueLicence"


async def test_a_command_without_an_outcome_is_sent_again_with_the_same_id(world: World) -> None:
    """A department can empty its own queue; its idempotency makes the second harmless."""
    await world.cases.submit_case(ANNA, FREE)

    async def sent() -> list[str]:
        async with world.database.transaction() as session:
            claimed = await outbox.claim(session, world.clock.now(), 10)
            await outbox.mark_published(session, claimed, world.clock.now())
        return [each.message.id for each in claimed]

    first = await sent()
    assert await sent() == []
    world.clock.move(seconds=61)
    assert await sent() == first
    async with world.database.transaction() as session:
        assert await outbox.close_commands(session, "civil-affairs", first, "done", world.clock.now()) == set(
            first
        )
        assert await outbox.close_commands(session, "civil-affairs", first, "late", world.clock.now()) == set()
    world.clock.move(days=1)
    assert await sent() == []


async def test_a_department_that_joins_is_served_and_one_that_leaves_is_not(world: World) -> None:
    """Connectors come and go while the worker runs."""
    async with running(world) as hub:
        finance = hub.departments.pop("finance")
        async with Worker(hub.work(), "three"):
            hub.departments["finance"] = finance

            async def consumers(expected: int) -> bool:
                return await hub.broker.consumers("finance.commands.0") == expected

            await until(lambda: consumers(1), "consuming begins")
            del hub.departments["finance"]
            await until(lambda: consumers(0), "consuming ends")

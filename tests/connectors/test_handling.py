"""The order of a partition, for handlers that take one at a time and for those that take many."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.broker import Delivery, Message
from connectors.handling import Handling, HeldBack

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@dataclass
class Held:
    message: Message
    attempt: int = 1
    is_ended: bool = False
    endings: list[str] = field(default_factory=list)

    async def acknowledge(self) -> None:
        self.is_ended = True
        self.endings.append("acknowledged")

    async def retry(self, delay: timedelta, reason: str) -> None:
        self.is_ended = True
        self.endings.append(f"retry: {reason}")

    async def dead_letter(self, reason: str) -> None:
        self.is_ended = True
        self.endings.append(f"dead: {reason}")


def held(name: str, case: str = "k") -> Held:
    return Held(Message(name, "t", "s", NOW, None, partition_key=case))


async def ended(handling: Handling, deliveries: list[Held]) -> None:
    open_ = [asyncio.Event() for _ in deliveries]
    for delivery, event in zip(deliveries, open_, strict=True):
        handling.start(delivery, event.set)
    await asyncio.gather(*(each.wait() for each in open_))


def noting(begun: list[str], together: list[int]) -> Callable[[Delivery], Awaitable[None]]:
    """Notes who was begun, and how many were in hand at that moment."""
    in_hand: set[str] = set()

    async def handle(delivery: Delivery) -> None:
        in_hand.add(delivery.message.id)
        begun.append(delivery.message.id)
        together.append(len(in_hand))
        await asyncio.sleep(0)
        in_hand.discard(delivery.message.id)
        await delivery.acknowledge()

    return handle


async def test_of_one_partition_one_is_in_hand_at_a_time() -> None:
    """What every handler may count on."""
    begun: list[str] = []
    together: list[int] = []
    await ended(Handling(noting(begun, together), ordered=True), [held("a"), held("b"), held("c")])
    assert (begun, together) == (["a", "b", "c"], [1, 1, 1])


async def test_a_handler_that_keeps_the_order_gets_what_follows_at_once() -> None:
    """So that a batch can hold all that was said of a case."""
    begun: list[str] = []
    together: list[int] = []
    await ended(Handling(noting(begun, together), ordered=True, follows=True), [held("a"), held("b"), held("c")])
    assert (begun, together) == (["a", "b", "c"], [1, 2, 3])


async def test_what_was_held_back_comes_again_in_its_order_and_loses_no_try() -> None:
    """Behind one that waits for its next try nothing is begun, also of what arrives meanwhile."""
    tried: list[str] = []
    pausing, goes_on = asyncio.Event(), asyncio.Event()

    async def handle(delivery: Held) -> None:
        tried.append(delivery.message.id)
        if delivery.message.id == "a" and delivery.attempt == 1:
            delivery.is_ended = True
            pausing.set()
            await goes_on.wait()
            delivery.is_ended, delivery.attempt = False, 2
        elif not first.endings:
            raise HeldBack
        await delivery.acknowledge()

    first, rest = held("a"), [held("b"), held("c"), held("d")]
    handling = Handling(handle, ordered=True, follows=True)  # type: ignore[arg-type]  # it gets what it is given
    running = asyncio.create_task(ended(handling, [first, rest[0]]))
    await pausing.wait()
    later = asyncio.create_task(ended(handling, rest[1:]))
    await asyncio.sleep(0.01)
    assert tried == ["a"]
    goes_on.set()
    await asyncio.gather(running, later)
    assert tried == ["a", "b", "c", "d"]
    assert [(each.endings, each.attempt) for each in (first, *rest)] == [
        (["acknowledged"], 2),
        *[(["acknowledged"], 1)] * 3,
    ]


async def test_held_back_in_hand_it_waits_for_the_end_of_what_failed() -> None:
    """The handler had both when the first failed; the second is begun anew once the first is ended."""
    told: list[str] = []
    has_both = asyncio.Event()

    async def handle(delivery: Held) -> None:
        if delivery.message.id == "a":
            await has_both.wait()
            delivery.is_ended = True
            await asyncio.sleep(0.01)
            delivery.is_ended = False
        elif "a" not in told:
            has_both.set()
            await asyncio.sleep(0)
            raise HeldBack
        told.append(delivery.message.id)
        await delivery.acknowledge()

    deliveries = [held("a"), held("b")]
    await ended(Handling(handle, ordered=True, follows=True), deliveries)  # type: ignore[arg-type]
    assert told == ["a", "b"]
    assert [each.endings for each in deliveries] == [["acknowledged"], ["acknowledged"]]

"""Commands have their effect at most once, and how they ended is always told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.broker import BrokerUnavailable, Delivery, Message
from connectors.clock import SystemClock
from connectors.command_handler import CommandHandler, Verdict, judge
from connectors.command_notes import CommandNotes, FileCommandNotes
from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse, RequestContext
from connectors.embedded import EmbeddedBroker
from connectors.queue_messages import COMMAND, request_data
from connectors.topology import (
    command_address,
    command_queues,
    inbox_queues,
)
from schema.errors import RuntimeCode
from tests.connectors.message_fixtures import DEPARTMENT, FakeConnector, embedded_broker
from tests.contracts.broker.stacks import until

CLOCK = SystemClock()
REQUEST = FetchRequest(
    "mutation($input: X!) { civilAffairsReceiveCase(input: $input) { accepted } }",
    {"input": {"receiptNumber": "r-1"}},
    kind="mutation",
    context=RequestContext(actor="opaque", purpose="case", case="r-1"),
    idempotency_key="key-1",
)
ACCEPTED = FetchResponse({"civilAffairsReceiveCase": {"accepted": True}})


class Desk:
    """The hub's side of the command road: sends commands, collects outcomes."""

    def __init__(self, broker: EmbeddedBroker) -> None:
        self.broker = broker
        self.outcomes: list[Message] = []

    async def open(self) -> None:
        for queue in inbox_queues():
            await self.broker.consume(queue, self._collect)

    async def _collect(self, delivery: Delivery) -> None:
        self.outcomes.append(delivery.message)
        await delivery.acknowledge()

    async def send(self, name: str = "c-1", data: Any = None, **more: Any) -> None:
        data = request_data(REQUEST) if data is None else data
        message = Message(name, COMMAND, "hub", CLOCK.now(), data, subject="r-1", partition_key="r-1", **more)
        await self.broker.publish(command_address(DEPARTMENT, "r-1"), message)

    async def outcome(self) -> dict[str, Any]:
        await until(lambda: bool(self.outcomes))
        return dict(self.outcomes[0].data)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with embedded_broker(tmp_path / "broker.db") as broker:
        opened = Desk(broker)
        await opened.open()
        yield opened


async def run_department(
    desk: Desk, *answers: FetchResponse | ConnectorFailure | None, notes: CommandNotes | None = None
) -> FakeConnector:
    """A department that gives these answers one after the other, then the last for ever; ``None`` hangs."""
    left = list(answers)

    async def answer(_request: FetchRequest) -> FetchResponse:
        told = left.pop(0) if len(left) > 1 else left[0]
        if told is None:
            await asyncio.Event().wait()
            raise AssertionError
        if isinstance(told, ConnectorFailure):
            raise told
        return told

    system = FakeConnector(answer)
    handler = CommandHandler(
        DEPARTMENT, system, desk.broker, CLOCK, notes=notes, longest_wait=timedelta(milliseconds=300)
    )
    for queue in command_queues(DEPARTMENT):
        await desk.broker.consume(queue, handler.handle)
    return system


def away(code: RuntimeCode = RuntimeCode.DEPARTMENT_TIMEOUT, *, never_sent: bool = False) -> ConnectorFailure:
    return ConnectorFailure(code, "away", never_sent=never_sent)


async def test_a_command_is_executed_and_its_outcome_told(desk: Desk) -> None:
    """The outcome names the command, the case, and carries the department's own answer."""
    system = await run_department(desk, ACCEPTED)
    await desk.send()
    assert await desk.outcome() == {
        "command": "c-1",
        "response": {"data": {"civilAffairsReceiveCase": {"accepted": True}}},
    }
    (message,) = desk.outcomes
    assert (message.id, message.source, message.subject, message.correlation_id, message.type) == (
        "c-1.outcome",
        DEPARTMENT,
        "r-1",
        "c-1",
        "jiyi.command.outcome",
    )
    assert system.asked == [REQUEST]


async def test_a_refusal_by_the_department_is_an_outcome(desk: Desk) -> None:
    """It said no: trying again would be rude."""
    refused = FetchResponse(None, ({"message": "unknown item"},))
    system = await run_department(desk, refused)
    await desk.send()
    assert (await desk.outcome())["response"] == {"data": None, "errors": [{"message": "unknown item"}]}
    assert len(system.asked) == 1


async def test_a_department_that_is_away_is_waited_for(desk: Desk) -> None:
    """The command stays in hand, with the same idempotency key at each try, and nothing counts as failure."""
    failures = [away(RuntimeCode.DEPARTMENT_UNREACHABLE, never_sent=True), away(), away(), away(), away(), away()]
    system = await run_department(desk, *failures, ACCEPTED)
    await desk.send()
    assert "response" in await desk.outcome()
    assert [request.idempotency_key for request in system.asked] == ["key-1"] * 7
    assert await desk.broker.dead_letters() == ()


async def test_a_command_without_a_key_is_sent_with_its_own_id(desk: Desk) -> None:
    """No command travels without a key."""
    system = await run_department(desk, ACCEPTED)
    await desk.send(data={"query": "mutation { a }"})
    await desk.outcome()
    assert system.asked[0].idempotency_key == "c-1"


async def test_nonsense_from_the_department_is_tried_again_then_shown(desk: Desk) -> None:
    """A broken answer is a retry that counts."""
    await run_department(desk, away(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER), ACCEPTED)
    await desk.send()
    assert "response" in await desk.outcome()


@pytest.mark.parametrize(
    "data", ["text", {}, {"query": 5}, {"query": "{a}", "variables": []}, {"query": "a", "case": 1}]
)
async def test_a_malformed_command_becomes_a_dead_letter_at_once(desk: Desk, data: Any) -> None:
    """Trying again cannot help, and dropping it would lose a case."""
    system = await run_department(desk, ACCEPTED)
    await desk.send(data=data)

    async def is_dead() -> bool:
        return len(await desk.broker.dead_letters()) == 1

    await until(is_dead)
    assert system.asked == []


async def test_an_expired_command_is_not_executed(desk: Desk) -> None:
    """Whoever set the deadline is told that it passed."""
    system = await run_department(desk, ACCEPTED)
    await desk.send(expires_at=CLOCK.now() - timedelta(seconds=1))
    assert (await desk.outcome())["failure"]["code"] == "DEPARTMENT_TIMEOUT"
    assert system.asked == []


async def test_an_outcome_waits_for_the_broker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the department did is told, however long the broker is away; the department is not asked again."""
    system = await run_department(desk, ACCEPTED)
    await desk.send()
    publish, refused = desk.broker.publish, 0

    async def refuse_twice(address: str, message: Message, *, durable: bool = True) -> None:
        nonlocal refused
        if refused < 2:
            refused += 1
            raise BrokerUnavailable("away")
        await publish(address, message, durable=durable)

    monkeypatch.setattr(desk.broker, "publish", refuse_twice)
    await desk.outcome()
    assert (refused, len(system.asked)) == (2, 1)


def notes_in(folder: Path) -> FileCommandNotes:
    return FileCommandNotes(folder / "state" / "commands.db", CLOCK.now())


async def test_without_idempotency_a_begun_command_is_never_executed_again(desk: Desk, tmp_path: Path) -> None:
    """The agent died in the middle: nobody can know, and the outcome says so."""
    notes = notes_in(tmp_path)
    await notes.begin("c-1", CLOCK.now())
    notes.close()
    system = await run_department(desk, ACCEPTED, notes=notes_in(tmp_path))
    await desk.send()
    assert (await desk.outcome())["failure"]["code"] == "OUTCOME_UNKNOWN"
    assert system.asked == []


async def test_without_idempotency_a_finished_command_tells_its_outcome_again(desk: Desk, tmp_path: Path) -> None:
    """The hub sends again until it knows; the second answer is the first."""
    notes = notes_in(tmp_path)
    system = await run_department(desk, ACCEPTED, notes=notes)
    await desk.send()
    await desk.outcome()
    await desk.send()
    await until(lambda: len(desk.outcomes) == 2)
    assert desk.outcomes[0].data == desk.outcomes[1].data
    assert len(system.asked) == 1


async def test_without_idempotency_a_doubtful_end_is_not_tried_again(desk: Desk, tmp_path: Path) -> None:
    """A timeout may hide an effect."""
    system = await run_department(desk, away(), ACCEPTED, notes=notes_in(tmp_path))
    await desk.send()
    assert (await desk.outcome())["failure"]["code"] == "OUTCOME_UNKNOWN"
    assert len(system.asked) == 1


async def test_without_idempotency_a_department_never_reached_is_waited_for(desk: Desk, tmp_path: Path) -> None:
    """A refused connection has no effect that could be doubled; a restart meanwhile changes nothing."""
    notes = notes_in(tmp_path)
    await notes.postpone("c-1", CLOCK.now())
    system = await run_department(
        desk, away(RuntimeCode.DEPARTMENT_UNREACHABLE, never_sent=True), ACCEPTED, notes=notes
    )
    await desk.send()
    assert "response" in await desk.outcome()
    assert len(system.asked) == 2


async def test_without_idempotency_what_another_agent_had_in_hand_is_not_executed(tmp_path: Path) -> None:
    """The second agent has no note of the first one's work: it must not guess."""
    async with embedded_broker(tmp_path / "broker.db") as broker:
        desk = Desk(broker)
        await desk.open()
        in_hand = asyncio.Event()

        async def hold(_delivery: Delivery) -> None:
            in_hand.set()
            await asyncio.Event().wait()

        first = [await broker.consume(queue, hold) for queue in command_queues(DEPARTMENT)]
        await desk.send()
        await in_hand.wait()
        for consumption in first:
            await consumption.cancel()
        system = await run_department(desk, ACCEPTED, notes=notes_in(tmp_path))
        assert (await desk.outcome())["failure"]["code"] == "OUTCOME_UNKNOWN"
        assert system.asked == []


@pytest.mark.parametrize(
    ("failure", "with_key", "without_key"),
    [
        (away(RuntimeCode.DEPARTMENT_UNREACHABLE, never_sent=True), Verdict.WAIT, Verdict.WAIT),
        (away(RuntimeCode.CIRCUIT_OPEN), Verdict.WAIT, Verdict.WAIT),
        (away(RuntimeCode.DEPARTMENT_BUSY), Verdict.WAIT, Verdict.WAIT),
        (away(RuntimeCode.DEPARTMENT_UNREACHABLE), Verdict.WAIT, Verdict.UNKNOWN),
        (away(RuntimeCode.DEPARTMENT_TIMEOUT), Verdict.WAIT, Verdict.UNKNOWN),
        (away(RuntimeCode.DEPARTMENT_BAD_STATUS), Verdict.RETRY, Verdict.UNKNOWN),
        (away(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER), Verdict.RETRY, Verdict.UNKNOWN),
        (away(RuntimeCode.BAD_USER_INPUT), Verdict.FINAL, Verdict.FINAL),
    ],
)
def test_what_a_failure_means(failure: ConnectorFailure, with_key: Verdict, without_key: Verdict) -> None:
    """The whole rule as a table."""
    assert judge(failure, is_repeatable=True) is with_key
    assert judge(failure, is_repeatable=False) is without_key

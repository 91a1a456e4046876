"""Many messages in one transaction have the effect of the same messages one by one, whatever is among them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.broker import Message
from connectors.handling import Handling, HeldBack
from hub.messages.inbox import LARGEST_BATCH, Effect, Inbox
from hub.storage.database import Database
from hub.tables.case import CaseRefusalRow
from hub.tables.outbox import OutboxRow
from schema.domain.case import Case, CaseState
from tests.hub.world import ANNA, FREE, WITH_FEE, Delivery, World

CASES = 3
STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("jiyi.case.accepted", {}),
    ("jiyi.case.review-started", {}),
    ("jiyi.case.decided", {"decision": "approved"}),
    ("jiyi.case.decided", {"decision": "perhaps"}),
    ("jiyi.case.terminated", {"reason": "closed"}),
    ("jiyi.licence.issued", {"number": "MZ1", "issuerCode": "110102-MZ"}),
    ("jiyi.licence.issued", {}),
    ("jiyi.nonsense", {}),
    ("poison", {}),
)


@dataclass(frozen=True)
class Said:
    """A message before it is known which cases there are. Equal ``identity`` and sender: a double."""

    case: int
    step: int
    identity: int
    sender: str

    def message(self, world: World, cases: Sequence[Case]) -> Message:
        type_, data = STEPS[self.step]
        number = cases[self.case].receipt_number if self.case < CASES else "JY20260101-00000000-0"
        made = world.event(number, type_, self.sender, **data)
        return replace(made, id=f"m{self.identity}")


def outcome(world: World, command: str, receipt: str, *, accepted: bool, name: str) -> Message:
    response = {"data": {"receipt": {"accepted": accepted}}, "errors": []}
    made = world.event(receipt, "jiyi.command.outcome", command=command, response=response)
    return replace(made, id=name)


MESSAGES = st.lists(
    st.builds(
        Said,
        case=st.integers(0, CASES),
        step=st.integers(0, len(STEPS) - 1),
        identity=st.integers(0, 12),
        sender=st.sampled_from(["civil-affairs", "civil-affairs", "civil-affairs", "transport"]),
    ),
    max_size=14,
)
LIKELY = [Said(case, step, 20 + case * 3 + step, "civil-affairs") for step in range(3) for case in range(2)]
"""Without these most cases would never be accepted."""


@settings(max_examples=14, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(said=st.just([]) | MESSAGES, begins=st.integers(0, len(LIKELY)), refused=st.booleans(), stray=st.booleans())
def test_a_batch_has_the_effect_of_its_messages_one_by_one(
    made_sqlite: Path, tmp_path: Path, said: list[Said], begins: int, refused: bool, stray: bool
) -> None:
    """Doubles, refusals, other departments' cases and failures included: same cases, same traces, same endings."""
    wanted = [*LIKELY[:begins], *said]
    alone = asyncio.run(effects(made_sqlite, tmp_path, wanted, _one_by_one, refused=refused, stray=stray))
    together = asyncio.run(effects(made_sqlite, tmp_path, wanted, _together, refused=refused, stray=stray))
    assert together == alone


Deliver = Callable[[Inbox, Sequence[Message]], Awaitable[list[str]]]


async def _one_by_one(inbox: Inbox, messages: Sequence[Message]) -> list[str]:
    return [await ending(inbox, each) for each in messages]


async def _together(inbox: Inbox, messages: Sequence[Message]) -> list[str]:
    return list(await asyncio.gather(*(ending(inbox, each) for each in messages)))


async def ending(inbox: Inbox, message: Message) -> str:
    delivery = Delivery(message)
    while True:
        try:
            await inbox.handle(delivery)
        except HeldBack:
            await asyncio.sleep(0)
        except RuntimeError as error:
            return f"fails: {error}"
        else:
            return delivery.ending


async def effects(
    made: Path, folder: Path, said: Sequence[Said], deliver: Deliver, *, refused: bool, stray: bool
) -> dict[str, Any]:
    """What is left behind, in words that do not depend on receipt numbers."""
    database = Database(f"sqlite:///{shutil.copy(made, folder / 'jiyi.db')}")
    try:
        world = World(database)
        cases = [await world.cases.submit_case(ANNA, each) for each in (FREE, WITH_FEE, FREE)]
        inbox = Inbox(database, world.clock, world.wakeups, poisoned(world))
        commands = {row.partition_key: row.id for row in await rows(database, OutboxRow, OutboxRow.sequence)}
        messages = [each.message(world, cases) for each in said]
        first, number = commands[cases[0].receipt_number], cases[0].receipt_number
        for name, accepted in (("o1", not refused), ("o1", not refused), ("o2", refused)):
            messages.append(outcome(world, first, number, accepted=accepted, name=name))
        if stray:
            messages.append(outcome(world, "unknown", number, accepted=True, name="o3"))
        endings = await deliver(inbox, messages)
        names = {name: f"case {at}" for at, each in enumerate(cases) for name in (each.receipt_number, each.id)}
        traces = await rows(database, CaseRefusalRow, CaseRefusalRow.id)
        sent = await rows(database, OutboxRow, OutboxRow.sequence)
        return {
            "cases": [await history(world, each, names) for each in cases],
            "endings": [plain(each, {**names, first: "first"}) for each in endings],
            "traces": sorted((names.get(row.case_id, ""), row.attempted, row.message_id) for row in traces),
            "commands": sorted(
                (names[row.partition_key], row.message["data"]["operationName"], row.outcome or "") for row in sent
            ),
        }
    finally:
        await database.close()


def poisoned(world: World) -> Any:
    """The effects of the hub, and a message that nobody can handle."""

    async def make(session: AsyncSession, messages: Sequence[Message]) -> Effect:
        effect = await world.department_events.effects(session, messages)

        async def poison(message: Message) -> None:
            if message.type == "poison":
                raise RuntimeError("poison")
            await effect(message)

        return poison

    return make


async def rows(database: Database, table: Any, order: Any) -> list[Any]:
    async with database.reading() as session:
        return list((await session.exec(select(table).order_by(col(order)))).all())


async def history(world: World, case: Case, names: dict[str, str]) -> list[Any]:
    events = (await world.cases.events_of((case.id,)))[case.id]
    now = await world.read(case)
    told = [(each.version, each.type.value, each.state.value, plain(each.reason or "", names)) for each in events]
    return [now.state.value, now.version, now.licence_number, told]


def plain(text: str, names: dict[str, str]) -> str:
    for known, name in names.items():
        text = text.replace(known, name)
    return text


async def test_what_arrives_together_is_one_transaction(world: World) -> None:
    """That is what makes it quick: whatever is said, the statements do not grow with the messages, notices of a
    decision included."""
    cases = [await world.cases.submit_case(ANNA, FREE) for _ in range(8)]
    statements: list[str] = []
    event.listen(
        world.database.engine.sync_engine, "before_cursor_execute", lambda *told: statements.append(told[2])
    )
    for type_, data in (*STEPS[:3], STEPS[5]):
        statements.clear()
        await world.deliver(world.event(cases[0], type_, **data))
        alone = len(statements)
        statements.clear()
        messages = [world.event(each, type_, **data) for each in cases[1:]]
        assert await _together(world.inbox, messages) == ["acknowledged"] * 7
        assert len(statements) <= alone + 1, type_
    assert {(await world.read(each)).state for each in cases} == {CaseState.COMPLETED}


async def test_the_rows_of_a_batch_say_what_the_events_say(world: World) -> None:
    """They are written by one statement: none may take another's state, and none be left behind."""
    cases = [await world.cases.submit_case(ANNA, FREE) for _ in range(CASES)]
    said = [world.event(case, type_, **data) for type_, data in STEPS[:3] for case in cases[1:]]
    said.append(world.event(cases[0], "jiyi.case.accepted"))

    await asyncio.gather(*(world.inbox.handle(Delivery(each)) for each in said))

    now = [await world.read(case) for case in cases]
    assert [(case.state, case.version) for case in now] == [("ACCEPTED", 2), ("APPROVED", 5), ("APPROVED", 5)]
    assert [await world.cases.at_version(case.id, case.version) for case in now] == now


async def test_what_is_said_of_one_case_at_one_moment_is_one_transaction(world: World) -> None:
    """A department that decides at once says three things: together they cost little more than the first alone:
    of the decision a notice is due, for which the applicant's addresses are looked up."""
    one, other = [await world.cases.submit_case(ANNA, FREE) for _ in range(2)]
    statements: list[str] = []
    event.listen(
        world.database.engine.sync_engine, "before_cursor_execute", lambda *told: statements.append(told[2])
    )
    await world.deliver(world.event(one, "jiyi.case.accepted"))
    alone = len(statements)
    statements.clear()
    handling = Handling(world.inbox.handler, ordered=True, follows=True)
    said = [Kept(world.event(other, type_, **data)) for type_, data in STEPS[:3]]
    await _all_ended(handling, said)
    assert [each.ending for each in said] == ["acknowledged"] * 3
    assert len(statements) <= alone + 3
    assert await world.events(other) == ["submitted", "accepted", "review-started", "approved", "licence-ordered"]


async def test_behind_one_that_is_tried_again_everything_of_its_case_waits(world: World) -> None:
    """And nothing of another case does. The second try of the failed one has its effect before what followed."""
    one, other = [await world.cases.submit_case(ANNA, FREE) for _ in range(2)]
    fails = [RuntimeError("for once"), RuntimeError("together"), None]

    async def make(session: AsyncSession, messages: Sequence[Message]) -> Effect:
        effect = await world.department_events.effects(session, messages)

        async def fail_first(message: Message) -> None:
            if message.subject == one.receipt_number and message.type == "jiyi.case.accepted":
                error = fails.pop(0)
                if error is not None:
                    raise error
            await effect(message)

        return fail_first

    inbox = Inbox(world.database, world.clock, world.wakeups, make)
    said = [Kept(world.event(case, type_, **data)) for type_, data in STEPS[:3] for case in (one, other)]

    async def until_ended(delivery: Any) -> None:
        while not delivery.ending:
            try:
                await inbox.handle(delivery)
            except RuntimeError:
                delivery.attempt += 1
                delivery.is_ended = True
                await asyncio.sleep(0.01)
                delivery.is_ended = False

    handling = Handling(until_ended, ordered=True, follows=True)
    await _all_ended(handling, said)
    assert [(each.ending, each.attempt) for each in said] == [("acknowledged", 2), *[("acknowledged", 1)] * 5]
    for case in (one, other):
        steps = ["submitted", "accepted", "review-started", "approved", "licence-ordered"]
        assert await world.events(case) == steps


@dataclass
class Kept(Delivery):
    """A delivery that knows, as a broker's do, whether it was ended."""

    is_ended: bool = False

    async def acknowledge(self) -> None:
        self.is_ended = True
        await super().acknowledge()

    async def dead_letter(self, reason: str) -> None:
        self.is_ended = True
        await super().dead_letter(reason)


async def _all_ended(handling: Handling, deliveries: Sequence[Kept]) -> None:
    open_ = [asyncio.Event() for _ in deliveries]
    for delivery, ended in zip(deliveries, open_, strict=True):
        handling.start(delivery, ended.set)
    await asyncio.gather(*(each.wait() for each in open_))


async def test_more_than_a_batch_holds_is_taken_too(world: World) -> None:
    """Every message ends, and a double has no second effect though it comes in another transaction."""
    case = await world.cases.submit_case(ANNA, FREE)
    double = world.event(case, "jiyi.case.accepted")
    messages = [double] * (LARGEST_BATCH + 20)
    assert await _together(world.inbox, messages) == ["acknowledged"] * len(messages)
    assert await world.events(case) == ["submitted", "accepted"]


@pytest.mark.parametrize("waiting", [1, 5])
async def test_whoever_stops_waiting_is_left_out_and_may_come_again(world: World, waiting: int) -> None:
    """The wire was cut with messages in hand: the broker delivers them again, and each has its effect once."""
    cases = [await world.cases.submit_case(ANNA, FREE) for _ in range(waiting)]
    messages = [world.event(each, "jiyi.case.accepted") for each in cases]
    handling = [asyncio.create_task(ending(world.inbox, each)) for each in messages]
    await asyncio.sleep(0)
    for each in handling:
        each.cancel()
    await asyncio.gather(*handling, return_exceptions=True)
    await world.inbox.close()
    assert await _together(world.inbox, messages) == ["acknowledged"] * waiting
    assert [await world.events(each) for each in cases] == [["submitted", "accepted"]] * waiting

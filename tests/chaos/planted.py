"""``python -m tests.chaos.planted PLANT ARGUMENTS…``: ``jiyi`` with a bug, to see that the verdict finds it.

Each plant takes away one of the promises from outside, in the process that it is loaded into.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.broker import Delivery, Message
from schema.domain.ledger import Entry

EVERY = 20
"""Of so many occasions one goes wrong."""


def drop_an_outbox_row() -> None:
    """A command is decided, and never written down."""
    from hub.messages import outbox

    put, occasion = outbox.put, _one_in(EVERY)

    def forgetful(
        session: AsyncSession, address: str, message: Message, now: datetime, *, awaits_outcome: bool
    ) -> None:
        if not occasion():
            put(session, address, message, now, awaits_outcome=awaits_outcome)

    outbox.put = forgetful


def double_a_command() -> None:
    """A command is written down twice, each with a key of its own."""
    from hub.messages import outbox

    put, occasion = outbox.put, _one_in(EVERY)

    def eager(
        session: AsyncSession, address: str, message: Message, now: datetime, *, awaits_outcome: bool
    ) -> None:
        put(session, address, message, now, awaits_outcome=awaits_outcome)
        if occasion():
            key = str(uuid4())
            data: dict[str, Any] = {**message.data, "idempotencyKey": key}
            put(session, address, replace(message, id=key, data=data), now, awaits_outcome=awaits_outcome)

    outbox.put = eager


def skip_the_inbox() -> None:
    """Nobody remembers which messages had their effect."""
    from hub.messages import inbox

    async def always(_session: object, _table: object, rows: Sequence[dict[str, Any]]) -> set[tuple[Any, Any]]:
        return {(row["source"], row["id"]) for row in rows}

    vars(inbox)["insert_absent"] = always


def lose_an_event() -> None:
    """An event is acknowledged before it had its effect."""
    from hub.messages.inbox import Inbox

    handle, occasion = Inbox.handle, _one_in(EVERY)

    async def careless(self: Inbox, delivery: Delivery) -> None:
        if occasion():
            await delivery.acknowledge()
        else:
            await handle(self, delivery)

    Inbox.handle = careless  # type: ignore[method-assign]  # it is the bug


def refund_twice() -> None:
    """Money that goes back is decided twice, each with a key of its own."""
    from hub.fees import fee_store

    order_refund = fee_store.order_refund

    def generous(*given: Any) -> object:
        session, order, key, amount_fen, *rest = given
        made = order_refund(session, order, key, amount_fen, *rest)
        order_refund(session, order, str(uuid4()), amount_fen, *rest)
        return made

    vars(fee_store)["order_refund"] = generous


def forget_a_hold() -> None:
    """What is to be let go is noted as done, and nobody tells the provider."""
    from hub.fees.holds import Holds
    from hub.fees.payment_provider import HoldReport
    from hub.tables.fee import HoldCommandRow
    from schema.domain.hold import HoldAct, HoldCommandState

    ask = Holds._ask

    async def forgetful(self: Holds, row: HoldCommandRow, payment: str | None) -> None:
        if row.act == HoldAct.CAPTURE:
            await ask(self, row, payment)
        else:
            await self.reported(HoldReport(row.id, HoldAct.VOID, HoldCommandState.DONE, row.amount_fen))

    Holds._ask = forgetful  # type: ignore[method-assign]  # it is the bug


def book_a_payment_twice() -> None:
    """A payment stands in the books twice, under another name."""
    from hub.fees import payments
    from hub.fees.books import book

    occasion = _one_in(5)

    def careless(session: AsyncSession, entry: Entry, at: datetime) -> None:
        book(session, entry, at)
        if occasion():
            book(session, replace(entry, key=f"{entry.key}/again"), at)

    vars(payments)["book"] = careless


PLANTS: Mapping[str, Callable[[], None]] = {
    "outbox-row-dropped": drop_an_outbox_row,
    "command-doubled": double_a_command,
    "inbox-skipped": skip_the_inbox,
    "event-lost": lose_an_event,
    "refund-doubled": refund_twice,
    "hold-forgotten": forget_a_hold,
    "payment-booked-twice": book_a_payment_twice,
}


def _one_in(number: int) -> Callable[[], bool]:
    count = 0

    def is_its_turn() -> bool:
        nonlocal count
        count += 1
        return count % number == 0

    return is_its_turn


def main() -> None:
    plant, *arguments = sys.argv[1:]
    PLANTS[plant]()
    sys.argv = ["jiyi", *arguments]
    from hub.cli import main as jiyi

    jiyi()


if __name__ == "__main__":
    main()

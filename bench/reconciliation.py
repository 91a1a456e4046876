"""``python -m bench.reconciliation``: how long does it take to compare a day of 100,000 payments?

A SQLite database with that many payments, a statement of as many lines as text, a hundred differences planted:
read, compared, named and kept, as the worker does it.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import insert

from auth.actor import Actor
from hub.fees.http_payment_provider import read_statement
from hub.fees.reconciliation import Reconciliations
from hub.migrations import migrate
from hub.storage.database import Database
from hub.tables.fee import PaymentRow
from schema.domain.reconciliation import Movement

DAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
FEN = 900
PLANTED = 100


@dataclass(frozen=True, slots=True)
class Stated:
    """A provider that gives its statement as text, as over HTTP."""

    text: str

    async def statement(self, day: date) -> tuple[Movement, ...]:
        return await asyncio.to_thread(read_statement, self.text)


class Clock:
    def now(self) -> datetime:
        return AT + timedelta(days=1)


def statement(number: int) -> str:
    """Every hundredth of the first planted ones is missing, doubled, another amount, or unknown here, in turns."""
    lines = ["movement,key,number,amountFen,state"]
    for each in range(number):
        line = f"payment,k{each},P{each},{FEN},paid"
        kind = each % 4 if each < PLANTED else None
        if kind == 0:
            continue
        if kind == 1:
            lines.append(line)
        if kind == 2:
            line = f"payment,k{each},P{each},{FEN - 1},paid"
        if kind == 3:
            line = f"payment,unknown{each},X{each},{FEN},paid"
        lines.append(line)
    return "\n".join(lines) + "\n"


async def fill(database: Database, number: int) -> None:
    rows = [
        {
            "id": f"k{each}",
            "number": f"P{each}",
            "payer": f"c{each}",
            "amount_fen": FEN,
            "state": "PAID",
            "created_at": AT,
            "expires_at": AT,
            "paid_at": AT,
            "next_poll_at": AT,
        }
        for each in range(number)
    ]
    async with database.transaction() as session:
        await session.exec(insert(PaymentRow), params=rows)


async def measure(number: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite:///{Path(directory) / 'bench.db'}"
        migrate(url)
        database = Database(url)
        await fill(database, number)
        provider = cast("Any", Stated(statement(number)))
        nobody = cast("Any", None)
        reconciliations = Reconciliations(database, provider, nobody, nobody, nobody, Clock(), "finance")
        operator = Actor("bench", "bench", frozenset(), frozenset({"operator"}), AT + timedelta(days=2))
        begun = time.perf_counter()
        found = await reconciliations.reconcile(operator, DAY)
        seconds = time.perf_counter() - begun
        await database.close()
    kinds = Counter(each.kind for each in found.differences)
    print(f"{number} payments reconciled in {seconds:.2f} s; differences: {dict(sorted(kinds.items()))}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.reconciliation", description=__doc__)
    parser.add_argument("--payments", type=int, default=100_000)
    asyncio.run(measure(parser.parse_args().payments))

"""Workers are killed while they send notices over real gateways: every person has each message, and has it once.

Source: domain.md, 9.10; docs/notices.md, "States".
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlmodel import col, func, select

from hub.demo.processes import ManagedProcess
from hub.demo.waiting import wait_for
from hub.migrations import migrate
from hub.notices.notices import citizen, put_notice
from hub.storage.database import Database
from hub.tables.notice import NoticeAddressRow, NoticeDeliveryRow, NoticePreferenceRow
from schema.domain.notice import NoticeKind, NoticeText
from tests.mocks.stranger import Stranger

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
NUMBER, KILLS = 40, 4
ROOT = Path(__file__).resolve().parents[2]
TEXT = NoticeText("有通知", "a notice")


@pytest.fixture
def messengers() -> Iterator[Stranger]:
    """Two gateways; the first one takes its time, so that kills fall into the middle of sending."""
    stranger = Stranger("messengers", environment={"MESSENGER_SECRET": "s" * 32})
    assert stranger.post("/sms-1/__mood", {"slowSeconds": 0.3, "copies": 0}).status == 200
    yield stranger
    stranger.kill()


async def prepared(database: Database) -> None:
    """Forty notices to one person who has confirmed a number and does not sleep."""
    now = datetime.now(UTC)
    async with database.transaction() as session:
        session.add(NoticePreferenceRow(subject="anna", language="ZH", off=[], changed_at=now))
        session.add(
            NoticeAddressRow(
                id="a",
                subject="anna",
                channel="SMS",
                digest="a",
                content="13800138000",
                shown="138****8000",
                added_at=now,
                confirmed_at=now,
            )
        )
    async with database.transaction() as session:
        for number in range(NUMBER):
            put_notice(session, citizen("anna"), NoticeKind.LICENCE, f"n{number}", TEXT, now)


async def states(database: Database) -> Counter[str]:
    async with database.reading() as session:
        counted = select(NoticeDeliveryRow.state, func.count()).group_by(col(NoticeDeliveryRow.state))
        return Counter(dict((await session.exec(counted)).all()))


async def test_each_message_arrives_once_though_workers_are_killed(
    database_url: str, tmp_path: Path, messengers: Stranger
) -> None:
    """Killed by SIGKILL amid sending, again and again; the clock is moved over the leases of the dead."""
    await asyncio.to_thread(migrate, database_url)
    database, clock, chance = Database(database_url), tmp_path / "clock", Random(7)
    await prepared(database)
    moved = 0

    def records() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = messengers.get("/__records").json["messages"]
        return found

    def move(seconds: int) -> None:
        nonlocal moved
        moved += seconds
        clock.write_text(str(moved), "ascii")

    def worker() -> ManagedProcess:
        settings = tmp_path / "hub.toml"
        settings.write_text("", encoding="utf-8")
        environment = {
            "PYTHONPATH": str(ROOT),
            "JIYI_DATABASE_URL": database_url,
            "JIYI_STATE_DIRECTORY": str(tmp_path / "state"),
            "JIYI_SMS_GATEWAY_URL": f"{messengers.url}/sms-1",
            "JIYI_SMS_SECOND_GATEWAY_URL": f"{messengers.url}/sms-2",
            "JIYI_TEST_CLOCK_FILE": str(clock),
        }
        arguments = ("-m", "hub.cli", "worker", "--settings", str(settings))
        return ManagedProcess("worker", arguments, tmp_path / "worker.log", environment)

    async def has_more() -> bool | None:
        return len(records()) > before or None

    move(0)
    for _ in range(KILLS):
        before = len(records())
        victim = worker()
        await victim.start()
        await wait_for("something is sent", has_more, 60)
        await asyncio.sleep(chance.random() * 0.4)
        await victim.kill()
        move(90)
    last = worker()
    await last.start()

    async def all_taken() -> bool | None:
        return (await states(database))["WAITING"] == 0 or None

    try:
        await wait_for("all are taken", all_taken, 90)
    finally:
        await last.kill()
    move(300)
    asking = worker()
    await asking.start()

    async def all_proved() -> bool | None:
        return (await states(database))["DELIVERED"] == NUMBER or None

    try:
        await wait_for("all are proved", all_proved, 90)
    finally:
        await asking.stop()
        await database.close()
    sent = Counter(each["key"].partition(".")[0] for each in records())
    assert len(sent) == NUMBER
    assert [key for key, times in sent.items() if times > 1] == []

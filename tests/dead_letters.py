"""Make a dead letter at a running hub on the embedded broker: an event that no rule of the domain knows."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.broker import Message
from connectors.clock import SystemClock
from connectors.embedded import EmbeddedBroker
from connectors.topology import event_address
from hub.messages.broker_store import DatabaseBrokerStore
from hub.storage.database import Database
from tests.contracts.broker.stacks import until

DEPARTMENT = "civil-affairs"


async def bury(database_url: str, *names: str, case: str = "JY-UNKNOWN") -> None:
    """Return once the hub has given up on each of them."""
    database = Database(database_url)
    broker = EmbeddedBroker(DatabaseBrokerStore(database), SystemClock())
    await broker.connect()
    try:
        await broker.declare_department(DEPARTMENT)
        for name in names:
            message = Message(name, "jiyi.case.dreamt", DEPARTMENT, datetime.now(UTC), {}, case, case)
            await broker.publish(event_address(DEPARTMENT, case), message)

        async def are_dead() -> bool:
            return set(names) <= {each.message.id for each in await broker.dead_letters()}

        await until(are_dead, within=30)
    finally:
        await broker.close()
        await database.close()

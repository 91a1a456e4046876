"""A department's process that takes one message, says so, and never ends it: made to be killed."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from typing import Any

from connectors.broker import Broker, Delivery
from connectors.clock import SystemClock


def open_broker(description: dict[str, Any]) -> Broker:
    if description["kind"] == "embedded":
        from connectors.embedded import EmbeddedBroker
        from hub.messages.broker_store import DatabaseBrokerStore
        from hub.storage.database import Database

        store = DatabaseBrokerStore(Database(description["url"]))
        return EmbeddedBroker(store, SystemClock(), namespace=description["namespace"], lease=timedelta(seconds=1))
    if description["kind"] == "rabbitmq":
        from connectors.rabbitmq import RabbitMQBroker

        return RabbitMQBroker(
            description["url"],
            SystemClock(),
            department=description["department"],
            namespace=description["namespace"],
        )
    if description["kind"] == "remote":
        from connectors.remote_broker import RemoteBroker

        async def token() -> str:
            return str(description["token"])

        return RemoteBroker(description["url"], token)
    raise ValueError(description["kind"])


async def main(description: dict[str, Any], queue: str) -> None:
    broker = open_broker(description)
    await broker.connect()

    async def hold(delivery: Delivery) -> None:
        print(delivery.message.id, flush=True)
        await asyncio.Event().wait()

    await broker.consume(queue, hold)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1]), sys.argv[2]))

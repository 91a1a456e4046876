"""What a walk on a real broker leaves there: queues and exchanges under the demo's own namespace."""

from __future__ import annotations

import aio_pika

from connectors.rabbitmq.topology import IN_EXCHANGE, all_queues
from connectors.topology import HUB_EXCHANGE, out_exchange
from hub.demo.places import DEPARTMENTS


async def forget_namespace(broker_url: str, namespace: str) -> None:
    """Delete them, messages and all. The reply queues of hubs that are gone expire by themselves."""
    if not namespace:
        raise ValueError("Without a namespace the queues may be somebody's real ones.")
    connection = await aio_pika.connect(broker_url)
    async with connection, connection.channel() as channel:
        for queue in all_queues(frozenset(DEPARTMENTS), frozenset({"any"})):
            await channel.queue_delete(f"{namespace}{queue}")
        for exchange in (HUB_EXCHANGE, IN_EXCHANGE, *map(out_exchange, DEPARTMENTS)):
            await channel.exchange_delete(f"{namespace}{exchange}")

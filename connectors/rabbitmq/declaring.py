"""Make on RabbitMQ what a topology says, over one open channel; harmless when repeated."""

from __future__ import annotations

from aio_pika.abc import AbstractChannel

from connectors.rabbitmq.topology import Topology


async def declare(channel: AbstractChannel, topology: Topology) -> None:
    """Raises aio-pika's errors; what stands with other arguments is refused by RabbitMQ and closes the channel."""
    exchanges = {
        each.name: await channel.declare_exchange(each.name, each.kind, durable=True, internal=each.is_internal)
        for each in topology.exchanges
    }
    queues = {
        each.name: await channel.declare_queue(each.name, durable=True, arguments=dict(each.arguments))
        for each in topology.queues
    }
    for binding in topology.bindings:
        if binding.to == "exchange":
            await exchanges[binding.destination].bind(binding.source, binding.key)
        else:
            await queues[binding.destination].bind(binding.source, binding.key)

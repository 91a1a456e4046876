"""What the tests of the suite share: both sides opened, a handler that collects, the case's queue."""

from __future__ import annotations

from connectors.broker import Broker, Delivery
from connectors.topology import commands_queue, partition_of
from tests.contracts.broker.stacks import Stack, until


class Collector:
    """A handler that keeps what it got and acknowledges it."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.deliveries: list[Delivery] = []

    async def __call__(self, delivery: Delivery) -> None:
        self.names.append(delivery.message.id)
        self.deliveries.append(delivery)
        await delivery.acknowledge()

    async def wait_for(self, number: int) -> list[str]:
        await until(lambda: len(self.names) >= number)
        return self.names


async def opened(stack: Stack) -> tuple[Broker, Broker]:
    hub = await stack.hub_broker()
    await hub.declare_hub("one")
    await hub.declare_department(stack.department)
    return hub, await stack.department_broker()


def commands_of(stack: Stack, key: str) -> str:
    return commands_queue(stack.department, partition_of(key))

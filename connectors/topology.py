"""Names of exchanges, queues and addresses; pure, so that hub, agent and administrator agree on them.

``<department>.requests``      reads; transient, an expired request is dropped
``<department>.commands.<n>``  writes; durable, one active consumer per partition, ordered by case
``<department>.agents.<id>``   what one running agent is told: its welcome, what to stop; transient
``<department>.out``           all that a department may write: ``event.<n>``, ``reply.<instance>``, ``presence``
``hub.inbox.<n>``              events of all departments and outcomes of commands, ordered by case
``hub.replies.<instance>``     answers to reads of one hub process; transient
An address is ``exchange/routing-key``. Source: docs/architecture.md, "Queues".
"""

from __future__ import annotations

from zlib import crc32

PARTITIONS = 4
HUB_EXCHANGE = "jiyi.hub"
DEAD_LETTER_QUEUE = "jiyi.dead"
DELIVERY_LIMIT = 5
PRESENCE_KEY = "presence"


def partition_of(partition_key: str) -> int:
    """The partition of a case, the same on every machine."""
    return crc32(partition_key.encode()) % PARTITIONS


def requests_queue(department: str) -> str:
    return f"{department}.requests"


def commands_queue(department: str, partition: int) -> str:
    return f"{department}.commands.{partition}"


def command_queues(department: str) -> tuple[str, ...]:
    return tuple(commands_queue(department, n) for n in range(PARTITIONS))


def agent_queue(department: str, agent: str) -> str:
    return f"{department}.agents.{agent}"


def inbox_queue(partition: int) -> str:
    return f"hub.inbox.{partition}"


def inbox_queues() -> tuple[str, ...]:
    return tuple(inbox_queue(n) for n in range(PARTITIONS))


def replies_queue(instance: str) -> str:
    return f"hub.replies.{instance}"


def out_exchange(department: str) -> str:
    return f"{department}.out"


def request_address(department: str) -> str:
    """Where the hub sends a read."""
    return f"{HUB_EXCHANGE}/{requests_queue(department)}"


def command_address(department: str, partition_key: str) -> str:
    """Where the hub sends a command about one case."""
    return f"{HUB_EXCHANGE}/{commands_queue(department, partition_of(partition_key))}"


def event_address(department: str, partition_key: str) -> str:
    """Where a department's agent sends an event or the outcome of a command."""
    return f"{out_exchange(department)}/event.{partition_of(partition_key)}"


def agent_address(department: str, agent: str) -> str:
    """Where the hub tells one running agent something."""
    return f"{HUB_EXCHANGE}/{agent_queue(department, agent)}"


def presence_address(department: str) -> str:
    """Where an agent says that it is there; every hub process hears it, with the replies."""
    return f"{out_exchange(department)}/{PRESENCE_KEY}"


def reply_address(department: str, instance: str) -> str:
    """Where a department's agent answers a read; ``Message.reply_to`` carries the instance."""
    return f"{out_exchange(department)}/reply.{instance}"

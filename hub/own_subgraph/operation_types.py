"""GraphQL types about the running of the hub: queues, dead letters, figures. Nothing of a person is in them."""

from __future__ import annotations

from typing import Self

import strawberry

from connectors.broker import QueueStatistics
from schema.domain.case import CaseState


@strawberry.type(description="One queue of the broker.")
class Queue:
    name: str = strawberry.field(description="Name of the queue.")
    ready: int = strawberry.field(description="Messages that wait for a consumer.")
    unacknowledged: int = strawberry.field(description="Messages in the hands of consumers.")
    consumers: int = strawberry.field(description="Consumers that are connected.")

    @classmethod
    def of(cls, queue: QueueStatistics) -> Self:
        return cls(
            name=queue.name,
            ready=queue.ready,
            unacknowledged=queue.unacknowledged,
            consumers=queue.consumers,
        )


@strawberry.type(description="How many cases are in one state.")
class CaseCount:
    state: CaseState = strawberry.field(description="The state.")
    count: int = strawberry.field(description="Number of cases in it.")

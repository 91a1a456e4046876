"""GraphQL types about the running of the hub: queues, dead letters, figures. Nothing of a person is in them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from connectors.broker import DeadLetter as LyingMessage
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


@strawberry.type(description="A message that nobody could handle. Its content is not shown.")
class DeadLetter:
    id: strawberry.ID = strawberry.field(description="The message's id; redriveDeadLetter takes it.")
    queue: str = strawberry.field(description="The queue that it came from.")
    type: str = strawberry.field(description="CloudEvents type.")
    source: str = strawberry.field(description="CloudEvents source.")
    subject: str | None = strawberry.field(description="The case's receipt number.")
    reason: str = strawberry.field(description="Why it lies here.")
    attempts: int = strawberry.field(description="How often it was tried.")
    since: datetime = strawberry.field(description="Since when it lies here.")

    @classmethod
    def of(cls, letter: LyingMessage) -> Self:
        return cls(
            id=strawberry.ID(letter.message.id),
            queue=letter.queue,
            type=letter.message.type,
            source=letter.message.source,
            subject=letter.message.subject,
            reason=letter.reason,
            attempts=letter.attempts,
            since=letter.since,
        )


@strawberry.type(description="How many cases are in one state.")
class CaseCount:
    state: CaseState = strawberry.field(description="The state.")
    count: int = strawberry.field(description="Number of cases in it.")

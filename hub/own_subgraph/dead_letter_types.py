"""GraphQL types about dead letters. What is in a message is never shown."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from hub.messages.dead_letters import LyingLetter, Redriven
from hub.messages.dead_letters import Redrive as NotedRedrive


@strawberry.type(description="A dead letter was put back to its queue.")
class Redrive:
    at: datetime = strawberry.field(description="When.")
    by: str = strawberry.field(description="The subject of the operator's token.")
    reason: str = strawberry.field(description="Why, in the operator's words.")
    was_found: bool | None = strawberry.field(
        description="Whether it was there to be put back; null where the hub was stopped meanwhile."
    )

    @classmethod
    def of(cls, noted: NotedRedrive) -> Self:
        return cls(at=noted.at, by=noted.by, reason=noted.reason, was_found=noted.was_found)


@strawberry.type(description="A message that nobody could handle. Its content is not shown.")
class DeadLetter:
    id: strawberry.ID = strawberry.field(description="The message's id; redriveDeadLetters takes it.")
    queue: str = strawberry.field(description="The queue that it came from.")
    type: str = strawberry.field(description="CloudEvents type.")
    source: str = strawberry.field(description="CloudEvents source: who sent it.")
    sent_at: datetime = strawberry.field(description="CloudEvents time.")
    subject: str | None = strawberry.field(description="The case's receipt number.")
    parked_case: str | None = strawberry.field(
        description="The receipt number of the case whose later messages wait for this one."
    )
    reason: str = strawberry.field(description="Why it lies here; numbers of persons are taken out.")
    attempts: int = strawberry.field(description="How often it was tried.")
    since: datetime = strawberry.field(description="Since when it lies here.")
    traceparent: str | None = strawberry.field(description="W3C trace context, to find it in the logs.")
    redrives: list[Redrive] = strawberry.field(description="When it was put back before, the oldest first.")

    @classmethod
    def of(cls, lying: LyingLetter) -> Self:
        letter = lying.letter
        return cls(
            id=strawberry.ID(letter.message.id),
            queue=letter.queue,
            type=letter.message.type,
            source=letter.message.source,
            sent_at=letter.message.time,
            subject=letter.message.subject,
            parked_case=lying.parked_case,
            reason=lying.reason,
            attempts=letter.attempts,
            since=letter.since,
            traceparent=letter.message.traceparent,
            redrives=[Redrive.of(each) for each in lying.redrives],
        )


@strawberry.type(description="What became of the wish to put dead letters back.")
class RedriveResult:
    redriven: list[strawberry.ID] = strawberry.field(description="Those that are in their queues again.")
    gone: list[strawberry.ID] = strawberry.field(description="Those that did not lie there any more.")

    @classmethod
    def of(cls, result: Redriven) -> Self:
        return cls(
            redriven=[strawberry.ID(each) for each in result.driven],
            gone=[strawberry.ID(each) for each in result.gone],
        )

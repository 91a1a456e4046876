"""Tables of the embedded broker: queues, messages, dead letters, and who consumes.

A body is a CloudEvent as JSON text. ``sequence`` is the order of a queue.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class BrokerQueue(SQLModel, table=True):
    """A declared queue. Publishing to one that is not here is refused."""

    __tablename__ = "broker_queue"

    name: str = Field(primary_key=True)
    declared_at: datetime = Field(sa_type=UtcDateTime)


class BrokerMessage(SQLModel, table=True):
    """A message in a queue; leased to ``lease_owner`` while somebody handles it."""

    __tablename__ = "broker_message"
    __table_args__ = (
        Index("ix_broker_message_queue", "queue", "available_at"),
        Index("ix_broker_message_partition", "queue", "partition_key", "sequence"),
        # A late acknowledgement must never meet a new message with a number used before.
        {"sqlite_autoincrement": True},
    )

    sequence: int | None = Field(default=None, primary_key=True)
    queue: str
    partition_key: str
    body: str = Field(sa_type=Text)
    attempts: int = 0
    available_at: datetime = Field(sa_type=UtcDateTime)
    drop_after: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_owner: str | None = Field(default=None, index=True)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class BrokerDeadLetter(SQLModel, table=True):
    """A message nobody could handle, until an operator sends it again."""

    __tablename__ = "broker_dead_letter"

    number: int | None = Field(default=None, primary_key=True)
    message_id: str = Field(index=True)
    queue: str
    body: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    attempts: int
    since: datetime = Field(sa_type=UtcDateTime)


class BrokerConsumer(SQLModel, table=True):
    """How many consumers one running broker has on one queue, and when it last said so."""

    __tablename__ = "broker_consumer"

    owner: str = Field(primary_key=True)
    queue: str = Field(primary_key=True, index=True)
    number: int
    seen_at: datetime = Field(sa_type=UtcDateTime)

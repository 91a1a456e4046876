"""Dead letters that an operator put back: what it was, who did it, when, and why. Rows are only added."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class RedriveRow(SQLModel, table=True):
    """``letter_reason`` is why it had died; ``was_found`` is empty while the broker is being asked."""

    __tablename__ = "redrive"

    id: int | None = Field(default=None, primary_key=True)
    message_id: str = Field(index=True)
    queue: str
    type: str
    subject: str | None = None
    letter_reason: str = Field(sa_type=Text)
    attempts: int
    dead_since: datetime = Field(sa_type=UtcDateTime)
    reason: str = Field(sa_type=Text)
    by: str
    at: datetime = Field(sa_type=UtcDateTime)
    was_found: bool | None = None

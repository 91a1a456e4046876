"""Commands begun at departments that cannot tell a repeated one from a new one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class CommandNoteRow(SQLModel, table=True):
    """``is_begun``: it may have been executed. ``outcome``: how it ended, once that is known."""

    __tablename__ = "command_note"

    id: str = Field(primary_key=True)
    is_begun: bool
    outcome: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    noted_at: datetime = Field(sa_type=UtcDateTime)

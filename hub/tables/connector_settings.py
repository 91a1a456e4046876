"""How the hub treats each connector: every change that an operator made, the newest in force."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class ConnectorSettingsRow(SQLModel, table=True):
    """``changed`` is what differs from the default, by operators' names; ``number`` counts from 1."""

    __tablename__ = "connector_settings"

    name: str = Field(primary_key=True, foreign_key="connector.name")
    number: int = Field(primary_key=True)
    changed: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    reason: str
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by: str

"""Ratings: one row per case, so that a second one cannot exist."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class RatingRow(SQLModel, table=True):
    __tablename__ = "rating"

    case_id: str = Field(primary_key=True, foreign_key="service_case.id")
    item_code: str = Field(index=True)
    stars: int
    comment: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)

"""Ratings: one row per case, so that a second one cannot exist; how ratings came about, and flags on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class RatingRow(SQLModel, table=True):
    __tablename__ = "rating"

    case_id: str = Field(primary_key=True, foreign_key="service_case.id")
    item_code: str = Field(index=True)
    stars: int
    comment: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)


class GivenRatingRow(SQLModel, table=True):
    """How the rating of a case, an answer or an appointment came about, for as long as ratings are compared.

    ``officer`` did what was rated; ``at_counter`` says that rater and officer were face to face, or that the
    officer filed it; ``ended_at`` is when it could be rated."""

    __tablename__ = "given_rating"
    __table_args__ = (
        Index("ix_given_rating_officer_at", "officer", "at"),
        Index("ix_given_rating_department_at", "department", "at"),
    )

    occasion: str = Field(primary_key=True)
    about_id: str = Field(primary_key=True)
    rater: str = Field(index=True)
    officer: str | None = None
    department: str
    item_code: str | None = None
    stars: int
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    ended_at: datetime = Field(sa_type=UtcDateTime)
    at_counter: bool = False
    is_asked_early: bool = False


class RatingFlagRow(SQLModel, table=True):
    """That a rating is doubtful, on which grounds, and what a supervisor decided, once. It names nobody who rated
    or was rated."""

    __tablename__ = "rating_flag"
    __table_args__ = (
        UniqueConstraint("occasion", "about_id"),
        Index("ix_rating_flag_state", "state", "flagged_at"),
    )

    id: str = Field(primary_key=True)
    occasion: str
    about_id: str
    department: str
    item_code: str | None = None
    stars: int
    rated_at: datetime = Field(sa_type=UtcDateTime)
    grounds: Any = Field(sa_column=Column(JSON, nullable=False))
    state: str
    flagged_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = None

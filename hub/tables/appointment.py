"""Appointments: slots with a capacity, and who booked them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime

_HELD = text("state = 'BOOKED'")


class AppointmentSlotRow(SQLModel, table=True):
    """A time that can be booked. ``booked`` counts the appointments that hold it; it never passes ``capacity``."""

    __tablename__ = "appointment_slot"
    __table_args__ = (
        UniqueConstraint("place", "department", "service_form", "item_code", "begins_at"),
        Index("ix_appointment_slot_place_begins", "place", "begins_at"),
    )

    id: str = Field(primary_key=True)
    place: str
    department: str = ""
    """Who serves it; empty where only the place's own officers do."""
    service_form: str
    item_code: str = ""
    """Empty where any item may be handled."""
    begins_at: datetime = Field(sa_type=UtcDateTime, index=True)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    capacity: int
    booked: int = 0
    closed_because: str | None = None
    opened_by: str


class AppointmentKeyRow(SQLModel, table=True):
    """A key by which somebody asked for a slot that they held already, and what it was answered with."""

    __tablename__ = "appointment_key"

    owner: str = Field(primary_key=True)
    idempotency_key: str = Field(primary_key=True)
    appointment_id: str = Field(foreign_key="appointment.id")


class AppointmentRow(SQLModel, table=True):
    """One booking. The same person holds a slot once."""

    __tablename__ = "appointment"
    __table_args__ = (
        UniqueConstraint("owner", "idempotency_key"),
        Index(
            "ix_appointment_held_once",
            "owner",
            "slot_id",
            unique=True,
            sqlite_where=_HELD,
            postgresql_where=_HELD,
        ),
        Index("ix_appointment_slot_state", "slot_id", "state"),
        Index("ix_appointment_owner_begins", "owner", "begins_at"),
    )

    id: str = Field(primary_key=True)
    number: str = Field(unique=True)
    slot_id: str = Field(foreign_key="appointment_slot.id")
    owner: str
    item_code: str | None = None
    case_id: str | None = None
    address: str | None = None
    state: str = Field(index=True)
    begins_at: datetime = Field(sa_type=UtcDateTime)
    booked_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by: str
    reason: str | None = None
    channel: str
    idempotency_key: str | None = None

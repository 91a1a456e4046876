"""Slots that can be booked, and who booked them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "appointments"
down_revision = "case_clock"

_HELD = sa.text("state = 'BOOKED'")


def upgrade() -> None:
    op.create_table(
        "appointment_slot",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("service_form", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("begins_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("booked", sa.Integer(), nullable=False),
        sa.Column("closed_because", sa.String(), nullable=True),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.UniqueConstraint("place", "department", "service_form", "item_code", "begins_at"),
    )
    op.create_index("ix_appointment_slot_begins_at", "appointment_slot", ["begins_at"])
    op.create_index("ix_appointment_slot_place_begins", "appointment_slot", ["place", "begins_at"])
    op.create_table(
        "appointment",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("number", sa.String(), nullable=False, unique=True),
        sa.Column("slot_id", sa.String(), sa.ForeignKey("appointment_slot.id"), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=True),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("begins_at", UtcDateTime(), nullable=False),
        sa.Column("booked_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.UniqueConstraint("owner", "idempotency_key"),
    )
    op.create_index("ix_appointment_state", "appointment", ["state"])
    op.create_index("ix_appointment_slot_state", "appointment", ["slot_id", "state"])
    op.create_index("ix_appointment_owner_begins", "appointment", ["owner", "begins_at"])
    op.create_index(
        "ix_appointment_held_once",
        "appointment",
        ["owner", "slot_id"],
        unique=True,
        sqlite_where=_HELD,
        postgresql_where=_HELD,
    )

"""Tickets of durable requests, and the keys under which they may be repeated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "tickets"
down_revision = "sub_cases"

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("state IN ('ACCEPTED', 'OUTCOME_UNKNOWN')")


def upgrade() -> None:
    op.create_table(
        "ticket",
        sa.Column("sequence", _SERIAL, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("subgraph", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_message", sa.String(), nullable=True),
        sa.Column("resolved_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("sequence"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_ticket_owner", "ticket", ["owner", "sequence"])
    op.create_index(
        "ix_ticket_open", "ticket", ["state", "expires_at"], sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_index("ix_ticket_key", "ticket", ["owner", "key", "part"])
    op.create_index("ix_ticket_department", "ticket", ["department", "state", "sequence"])
    op.create_index("ix_ticket_done", "ticket", ["done_at"])
    op.create_table(
        "ticket_key",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key"),
    )
    op.create_index("ix_ticket_key_at", "ticket_key", ["at"])

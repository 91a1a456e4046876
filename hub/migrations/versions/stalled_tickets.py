"""Since when a ticket's command lies with the dead letters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "stalled_tickets"
down_revision = "licences"

_SENT = sa.text("state = 'SENT'")


def upgrade() -> None:
    op.add_column("ticket", sa.Column("stalled_at", UtcDateTime(), nullable=True))
    op.create_index("ix_ticket_under_way", "ticket", ["sent_at"], sqlite_where=_SENT, postgresql_where=_SENT)

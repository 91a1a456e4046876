"""A message waits for whatever older one of its case is open, sent or not: the index follows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "outbox_by_case"
down_revision = "portal_state"

_OPEN = sa.text("done_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.drop_index("ix_outbox_unsent")
        batch_op.create_index(
            "ix_outbox_case", ["partition_key", "sequence"], sqlite_where=_OPEN, postgresql_where=_OPEN
        )

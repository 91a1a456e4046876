"""Cases, tickets and notices share one change feed: what changed, of which kind, and whose it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "one_change_feed"
down_revision = "previous_secret"

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITING = sa.text("position IS NULL")


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("position", _SERIAL, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("position"),
    )
    # Without their old ids: what has a position keeps it, what waits for one keeps its order.
    op.execute(
        "INSERT INTO change (position, kind, subject, version, owner, at) "
        "SELECT position, 'case', case_id, version, applicant, at FROM case_change ORDER BY id"
    )
    op.create_index("ix_change_waiting", "change", ["id"], sqlite_where=_WAITING, postgresql_where=_WAITING)
    op.create_index("ix_change_owner", "change", ["owner", "position"])
    op.drop_table("case_change")

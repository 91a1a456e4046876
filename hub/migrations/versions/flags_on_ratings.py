"""How ratings came about, and flags on those that may be farmed or forced."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "flags_on_ratings"
down_revision = "notices_sent_again"


def upgrade() -> None:
    op.create_table(
        "given_rating",
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("about_id", sa.String(), nullable=False),
        sa.Column("rater", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=True),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=False),
        sa.Column("at_counter", sa.Boolean(), nullable=False),
        sa.Column("is_asked_early", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("occasion", "about_id"),
    )
    op.create_index("ix_given_rating_rater", "given_rating", ["rater"])
    op.create_index("ix_given_rating_at", "given_rating", ["at"])
    op.create_index("ix_given_rating_officer_at", "given_rating", ["officer", "at"])
    op.create_index("ix_given_rating_department_at", "given_rating", ["department", "at"])
    op.create_table(
        "rating_flag",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("about_id", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=True),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("rated_at", UtcDateTime(), nullable=False),
        sa.Column("grounds", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("flagged_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("occasion", "about_id"),
    )
    op.create_index("ix_rating_flag_state", "rating_flag", ["state", "flagged_at"])


def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

"""Money of fees that is held and not taken, and what the provider is told to do with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "holds_of_fees"
down_revision = "cases_that_are_over"


def upgrade() -> None:
    with op.batch_alter_table("fee_order") as batch:
        batch.add_column(sa.Column("hold_ends_at", UtcDateTime(), nullable=True))
        batch.create_index("ix_fee_order_hold_ends", ["state", "hold_ends_at"])
    with op.batch_alter_table("payment") as batch:
        batch.add_column(sa.Column("is_to_hold", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("authorised_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("hold_ends_at", UtcDateTime(), nullable=True))
        batch.create_index("ix_payment_authorised_at", ["authorised_at"])
    op.create_table(
        "hold_command",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("order_number", sa.String(), nullable=True),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ordered_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("refusal", sa.String(), nullable=True),
        sa.Column("next_ask_at", UtcDateTime(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"]),
        sa.ForeignKeyConstraint(["order_number"], ["fee_order.number"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_hold_command_state_next", "hold_command", ["state", "next_ask_at"])
    op.create_index("ix_hold_command_payment_id", "hold_command", ["payment_id"])
    op.create_index("ix_hold_command_order_number", "hold_command", ["order_number"])
    op.create_index("ix_hold_command_done_at", "hold_command", ["done_at"])
    if op.get_bind().dialect.name == "postgresql":
        # As for the other tables that loops wait for (told_changes).
        op.execute(
            "CREATE TRIGGER tell AFTER INSERT ON hold_command FOR EACH STATEMENT EXECUTE FUNCTION jiyi_tell()"
        )


def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

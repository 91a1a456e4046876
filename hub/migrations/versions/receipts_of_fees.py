"""Receipts of fees. Written by `python -m hub.migrations`, then read."""
# fmt: off

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = 'receipts_of_fees'
down_revision = 'inspections'


def upgrade() -> None:
    with op.batch_alter_table('fee_receipt', schema=None) as batch_op:
        batch_op.alter_column('number',
               existing_type=sa.String(),
               nullable=True)
        batch_op.alter_column('issued_at',
               existing_type=UtcDateTime(),
               nullable=True)
        batch_op.alter_column('signed',
               existing_type=sa.String(),
               nullable=True)
        batch_op.create_index(batch_op.f('ix_fee_receipt_issued_at'), ['issued_at'], unique=False)
    # What was paid before gets its receipt too.
    op.execute(
        "INSERT INTO fee_receipt (subject, order_number, amount_fen) SELECT 'order/' || number, number, amount_fen"
        " FROM fee_order WHERE state IN ('PAID', 'REFUNDING', 'REFUNDED') AND payment IS NOT NULL"
    )


def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

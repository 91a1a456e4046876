"""Connector versions that wait for an operator. Written by `python -m hub.migrations`, then read."""
# fmt: off

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = 'connector_waiting'
down_revision = 'admission_of_items'


def upgrade() -> None:
    with op.batch_alter_table('connector_version', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('waits_for_operator', sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

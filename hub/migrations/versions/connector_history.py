"""Connector history. Written by `python -m hub.migrations`, then read."""
# fmt: off

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = 'connector_history'
down_revision = 'outbox_by_case'


def upgrade() -> None:
    op.create_table('connector_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=True),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('supergraph_version', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('connector_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_connector_event_name'), ['name'], unique=False)



def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

"""Connector access. Written by `python -m hub.migrations`, then read."""
# fmt: off

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = 'connector_access'
down_revision = 'connector_settings'


def upgrade() -> None:
    op.create_table('allowed_host',
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('host', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('allowed_at', UtcDateTime(), nullable=False),
    sa.Column('allowed_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('department', 'host')
    )
    op.create_table('connector_access_revision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('connector_secret',
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('connector', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('sealed', sa.String(), nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.Column('changed_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('department', 'connector', 'name')
    )
    with op.batch_alter_table('connector_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('configuration', sa.JSON(), server_default='{}', nullable=False))



def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

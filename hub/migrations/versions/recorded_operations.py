"""Recorded operations. Written by `python -m hub.migrations`, then read."""
# fmt: off

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = 'recorded_operations'
down_revision = 'connector_access'


def upgrade() -> None:
    op.create_table('connector_duration',
    sa.Column('connector', sa.String(), nullable=False),
    sa.Column('minute', UtcDateTime(), nullable=False),
    sa.Column('bucket', sa.Integer(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('connector', 'minute', 'bucket')
    )
    op.create_table('connector_traffic',
    sa.Column('connector', sa.String(), nullable=False),
    sa.Column('minute', UtcDateTime(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('connector', 'minute', 'code')
    )
    op.create_table('recorded_duration',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('operation', sa.String(), nullable=False),
    sa.Column('bucket', sa.Integer(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'operation', 'bucket')
    )
    op.create_table('recorded_operation',
    sa.Column('hash', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('document', sa.String(), nullable=False),
    sa.Column('has_values', sa.Boolean(), nullable=False),
    sa.Column('coordinates', sa.JSON(), nullable=False),
    sa.Column('first_seen', UtcDateTime(), nullable=False),
    sa.Column('last_seen', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('hash')
    )
    op.create_table('recorded_use',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('operation', sa.String(), nullable=False),
    sa.Column('client', sa.String(), nullable=False),
    sa.Column('version', sa.String(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('errors', sa.Integer(), nullable=False),
    sa.Column('last_seen', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'operation', 'client', 'version')
    )
    op.create_table('recorded_value',
    sa.Column('operation', sa.String(), nullable=False),
    sa.Column('coordinate', sa.String(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('operation', 'coordinate')
    )


def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

"""Portal state. Written by `python -m hub.migrations`, then read."""
# fmt: off

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = 'portal_state'
down_revision = 'all_tables_of_the_first_version'


def upgrade() -> None:
    op.create_table('portal_state',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('sealed', sa.String(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('token_hash')
    )
    with op.batch_alter_table('portal_state', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_portal_state_expires_at'), ['expires_at'], unique=False)



def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

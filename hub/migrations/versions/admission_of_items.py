"""Admission of items. Written by `python -m hub.migrations`, then read."""
# fmt: off

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = 'admission_of_items'
down_revision = 'appointments'


def upgrade() -> None:
    op.create_table('admission_event',
    sa.Column('item', sa.String(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('office', sa.String(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('proposal', sa.String(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=True),
    sa.Column('effective_from', UtcDateTime(), nullable=True),
    sa.Column('successor', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('item', 'sequence')
    )
    with op.batch_alter_table('admission_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_admission_event_proposal'), ['proposal'], unique=False)

    op.create_table('item_proposal',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('item', sa.String(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('proposed_by', sa.String(), nullable=False),
    sa.Column('proposed_at', UtcDateTime(), nullable=False),
    sa.Column('charges_fee', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('item_proposal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_item_proposal_item'), ['item'], unique=False)
        batch_op.create_index(batch_op.f('ix_item_proposal_state'), ['state'], unique=False)



def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

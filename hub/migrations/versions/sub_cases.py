"""Sub cases. Written by `python -m hub.migrations`, then read."""
# fmt: off

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = 'sub_cases'
down_revision = 'one_change_feed'


def upgrade() -> None:
    op.create_table('sub_case',
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('organisation', sa.String(), nullable=False),
    sa.Column('department', sa.String(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('command', sa.String(), nullable=True),
    sa.Column('command_id', sa.String(), nullable=True),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('started_at', UtcDateTime(), nullable=True),
    sa.Column('due_at', UtcDateTime(), nullable=True),
    sa.Column('decided_at', UtcDateTime(), nullable=True),
    sa.Column('opinion', sa.String(), nullable=True),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('remedy', sa.String(), nullable=True),
    sa.Column('not_accepted', sa.Boolean(), nullable=False),
    sa.Column('licence_kind', sa.String(), nullable=True),
    sa.Column('licence_number', sa.String(), nullable=True),
    sa.Column('licence_issuer', sa.String(), nullable=True),
    sa.Column('failed', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['service_case.id'], ),
    sa.PrimaryKeyConstraint('case_id', 'code')
    )
    with op.batch_alter_table('sub_case', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sub_case_command_id'), ['command_id'], unique=False)
        batch_op.create_index('ix_sub_case_department_state', ['department', 'state', 'started_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_sub_case_due_at'), ['due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_sub_case_failed'), ['failed'], unique=False)

    with op.batch_alter_table('service_case', schema=None) as batch_op:
        batch_op.add_column(sa.Column('awaits_opinions', sa.Boolean(), nullable=False, server_default=sa.false()))



def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

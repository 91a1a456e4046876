"""case clock. Written by `python -m hub.migrations`, then read."""
# fmt: off
# ruff: noqa: E501

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = 'case_clock'
down_revision = 'case_handling'


def upgrade() -> None:
    op.create_table('notice',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('recipient', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('case_id', sa.String(), nullable=True),
    sa.Column('receipt_number', sa.String(), nullable=True),
    sa.Column('text_zh', sa.String(), nullable=False),
    sa.Column('text_en', sa.String(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('read_at', UtcDateTime(), nullable=True),
    sa.Column('read_by', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('recipient', 'key')
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index('ix_notice_recipient_id', ['recipient', 'id'], unique=False)

    op.create_table('working_calendar',
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('holidays', sa.JSON(), nullable=False),
    sa.Column('adjusted', sa.JSON(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('is_estimated', sa.Boolean(), nullable=False),
    sa.Column('loaded_at', UtcDateTime(), nullable=False),
    sa.Column('loaded_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('version')
    )
    with op.batch_alter_table('working_calendar', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_working_calendar_year'), ['year'], unique=False)

    op.create_table('supervision_card',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('receipt_number', sa.String(), nullable=False),
    sa.Column('item_code', sa.String(), nullable=False),
    sa.Column('item_version', sa.Integer(), nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('trigger', sa.String(), nullable=False),
    sa.Column('level', sa.String(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=True),
    sa.Column('raised_at', UtcDateTime(), nullable=False),
    sa.Column('told_at', UtcDateTime(), nullable=True),
    sa.Column('explanation', sa.String(), nullable=True),
    sa.Column('explained_by', sa.String(), nullable=True),
    sa.Column('explained_at', UtcDateTime(), nullable=True),
    sa.Column('returned_reason', sa.String(), nullable=True),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.Column('closed_by', sa.String(), nullable=True),
    sa.Column('closed_why', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['service_case.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('case_id', 'trigger', 'level', 'at')
    )
    with op.batch_alter_table('supervision_card', schema=None) as batch_op:
        batch_op.create_index('ix_supervision_card_open', ['department', 'at'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.create_index('ix_supervision_card_untold', ['id'], unique=False, sqlite_where=sa.text('told_at IS NULL'), postgresql_where=sa.text('told_at IS NULL'))

    with op.batch_alter_table('service_case', schema=None) as batch_op:
        batch_op.add_column(sa.Column('clock_at', UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('clock_seen', UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('due_at', UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('statutory_due_at', UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('calendar_version', sa.Integer(), nullable=True))
        batch_op.create_index('ix_service_case_clock', ['clock_at'], unique=False, sqlite_where=sa.text('clock_at IS NOT NULL'), postgresql_where=sa.text('clock_at IS NOT NULL'))



def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

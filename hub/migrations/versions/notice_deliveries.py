"""Deliveries of notices outside the hub. Written by `python -m hub.migrations`, then read."""
# fmt: off
# ruff: noqa: E501

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = 'notice_deliveries'
down_revision = 'receipts_of_fees'


def upgrade() -> None:
    op.create_table('notice_address',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('content', sa.String(), nullable=False),
    sa.Column('shown', sa.String(), nullable=False),
    sa.Column('added_at', UtcDateTime(), nullable=False),
    sa.Column('confirmed_at', UtcDateTime(), nullable=True),
    sa.Column('code_hash', sa.String(), nullable=True),
    sa.Column('code_ends_at', UtcDateTime(), nullable=True),
    sa.Column('tries_left', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('subject', 'channel', 'digest')
    )
    with op.batch_alter_table('notice_address', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_address_subject'), ['subject'], unique=False)

    op.create_table('notice_delivery',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('notice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('case_id', sa.String(), nullable=True),
    sa.Column('receipt_number', sa.String(), nullable=True),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('address_id', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('noticed_at', UtcDateTime(), nullable=False),
    sa.Column('next_at', UtcDateTime(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('questions', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('gateway', sa.String(), nullable=True),
    sa.Column('in_hand_since', UtcDateTime(), nullable=True),
    sa.Column('handed_over_at', UtcDateTime(), nullable=True),
    sa.Column('delivered_at', UtcDateTime(), nullable=True),
    sa.Column('may_be_double', sa.Boolean(), nullable=False),
    sa.Column('last_error', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('notice_delivery', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_delivery_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_notice_delivery_notice_id'), ['notice_id'], unique=False)
        batch_op.create_index('ix_notice_delivery_open', ['next_at'], unique=False, sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))
        batch_op.create_index('ix_notice_delivery_state', ['state', 'noticed_at'], unique=False)

    op.create_table('notice_gateway',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('rests_until', UtcDateTime(), nullable=True),
    sa.Column('failed_at', UtcDateTime(), nullable=True),
    sa.Column('well_at', UtcDateTime(), nullable=True),
    sa.Column('why', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('notice_preference',
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('quiet_begins', sa.String(), nullable=True),
    sa.Column('quiet_ends', sa.String(), nullable=True),
    sa.Column('off', sa.JSON(), nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('subject')
    )
    op.create_table('notice_receipt_refusal',
    sa.Column('minute', UtcDateTime(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('body_digest', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('minute', 'reason')
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER tell AFTER INSERT ON notice_delivery FOR EACH STATEMENT EXECUTE FUNCTION jiyi_tell()"
        )


def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

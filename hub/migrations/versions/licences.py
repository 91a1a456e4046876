"""Licences. Written by `python -m hub.migrations`, then read."""
# fmt: off

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = 'licences'
down_revision = 'cards_of_parts'


def upgrade() -> None:
    op.create_table('licence',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.Column('issuer', sa.String(), nullable=False),
    sa.Column('department', sa.String(), nullable=True),
    sa.Column('holder', sa.String(), nullable=False),
    sa.Column('case_id', sa.String(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('said', sa.JSON(), nullable=False),
    sa.Column('issued_at', UtcDateTime(), nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('succeeds', sa.String(), nullable=True),
    sa.Column('look_on', sa.Date(), nullable=True),
    sa.Column('status_index', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('issuer', 'number'),
    sa.UniqueConstraint('status_index')
    )
    with op.batch_alter_table('licence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_licence_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_licence_department'), ['department'], unique=False)
        batch_op.create_index('ix_licence_holder_kind', ['holder', 'kind'], unique=False)
        batch_op.create_index(batch_op.f('ix_licence_look_on'), ['look_on'], unique=False)

    op.create_table('licence_key',
    sa.Column('key_id', sa.String(), nullable=False),
    sa.Column('slot', sa.Integer(), nullable=False),
    sa.Column('private_jwk', sa.String(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('retired_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('key_id'),
    sa.UniqueConstraint('slot')
    )
    op.create_table('licence_status',
    sa.Column('index', sa.Integer(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('index')
    )
    with op.batch_alter_table('licence_status', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_licence_status_value'), ['value'], unique=False)

    op.create_table('licence_event',
    sa.Column('licence_id', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('type', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['licence_id'], ['licence.id'], ),
    sa.PrimaryKeyConstraint('licence_id', 'version')
    )
    op.create_table('licence_share',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('issuer', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('licence_id', sa.String(), nullable=True),
    sa.Column('copy', sa.JSON(), nullable=True),
    sa.Column('told_at', UtcDateTime(), nullable=True),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('holder', sa.String(), nullable=False),
    sa.Column('recipient_kind', sa.String(), nullable=False),
    sa.Column('recipient', sa.String(), nullable=False),
    sa.Column('recipient_name', sa.String(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('shows', sa.JSON(), nullable=False),
    sa.Column('begins_at', UtcDateTime(), nullable=False),
    sa.Column('ends_at', UtcDateTime(), nullable=False),
    sa.Column('withdrawn_at', UtcDateTime(), nullable=True),
    sa.Column('status_index', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['licence_id'], ['licence.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('status_index')
    )
    with op.batch_alter_table('licence_share', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_licence_share_holder'), ['holder'], unique=False)
        batch_op.create_index(batch_op.f('ix_licence_share_licence_id'), ['licence_id'], unique=False)
        batch_op.create_index('ix_licence_share_recipient', ['recipient_kind', 'recipient'], unique=False)



def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

"""All tables of the first version. Written by `python -m hub.migrations`, then read."""
# fmt: off
# ruff: noqa: E501

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = 'all_tables_of_the_first_version'
down_revision = None


def upgrade() -> None:
    op.create_table('access_record',
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('reader', sa.String(), nullable=False),
    sa.Column('client', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('departments', sa.JSON(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('trace', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('number')
    )
    with op.batch_alter_table('access_record', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_access_record_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_access_record_reader'), ['reader'], unique=False)
        batch_op.create_index(batch_op.f('ix_access_record_subject'), ['subject'], unique=False)

    op.create_table('attempt',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('window_began_at', UtcDateTime(), nullable=False),
    sa.Column('ends_at', UtcDateTime(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', 'window_began_at')
    )
    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attempt_ends_at'), ['ends_at'], unique=False)

    op.create_table('authorization_code',
    sa.Column('code_hash', sa.String(), nullable=False),
    sa.Column('grant_id', sa.String(), nullable=False),
    sa.Column('client_id', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('scope', sa.String(), nullable=False),
    sa.Column('redirect_uri', sa.String(), nullable=True),
    sa.Column('code_challenge', sa.String(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('taken_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('code_hash')
    )
    with op.batch_alter_table('authorization_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_authorization_code_expires_at'), ['expires_at'], unique=False)

    op.create_table('broker_consumer',
    sa.Column('owner', sa.String(), nullable=False),
    sa.Column('queue', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('seen_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('owner', 'queue')
    )
    with op.batch_alter_table('broker_consumer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_broker_consumer_queue'), ['queue'], unique=False)

    op.create_table('broker_dead_letter',
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('queue', sa.String(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('since', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('number')
    )
    with op.batch_alter_table('broker_dead_letter', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_broker_dead_letter_message_id'), ['message_id'], unique=False)

    op.create_table('broker_message',
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('queue', sa.String(), nullable=False),
    sa.Column('partition_key', sa.String(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('available_at', UtcDateTime(), nullable=False),
    sa.Column('drop_after', UtcDateTime(), nullable=True),
    sa.Column('lease_owner', sa.String(), nullable=True),
    sa.Column('lease_until', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('sequence'),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('broker_message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_broker_message_lease_owner'), ['lease_owner'], unique=False)
        batch_op.create_index('ix_broker_message_partition', ['queue', 'partition_key', 'sequence'], unique=False)
        batch_op.create_index('ix_broker_message_queue', ['queue', 'available_at'], unique=False)

    op.create_table('broker_queue',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('declared_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('case_change',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('applicant', sa.String(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('position')
    )
    with op.batch_alter_table('case_change', schema=None) as batch_op:
        batch_op.create_index('ix_case_change_waiting', ['id'], unique=False, sqlite_where=sa.text('position IS NULL'), postgresql_where=sa.text('position IS NULL'))

    op.create_table('case_refusal',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('attempted', sa.String(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('why', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('case_refusal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_refusal_case_id'), ['case_id'], unique=False)

    op.create_table('catalogue_entry',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('in_force_since', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'code', 'version')
    )
    op.create_table('change_counter',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('position', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('command_note',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('is_begun', sa.Boolean(), nullable=False),
    sa.Column('outcome', sa.JSON(), nullable=True),
    sa.Column('noted_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('connector',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('live_version', sa.Integer(), nullable=True),
    sa.Column('is_suspended', sa.Boolean(), nullable=False),
    sa.Column('is_retired', sa.Boolean(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    with op.batch_alter_table('connector', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_connector_department'), ['department'], unique=False)

    op.create_table('device_request',
    sa.Column('device_code_hash', sa.String(), nullable=False),
    sa.Column('user_code', sa.String(), nullable=False),
    sa.Column('client_id', sa.String(), nullable=False),
    sa.Column('scope', sa.String(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('interval_seconds', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=True),
    sa.Column('polled_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('device_code_hash'),
    sa.UniqueConstraint('user_code')
    )
    with op.batch_alter_table('device_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_device_request_expires_at'), ['expires_at'], unique=False)

    op.create_table('inbox_seen',
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('source', 'id')
    )
    with op.batch_alter_table('inbox_seen', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_inbox_seen_at'), ['at'], unique=False)

    op.create_table('oauth_client',
    sa.Column('client_id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.Column('secret_hash', sa.String(), nullable=True),
    sa.Column('redirect_uris', sa.JSON(), nullable=False),
    sa.Column('grants', sa.JSON(), nullable=False),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('roles', sa.JSON(), nullable=False),
    sa.Column('department', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('client_id')
    )
    op.create_table('outbox',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('partition_key', sa.String(), nullable=False),
    sa.Column('message', sa.JSON(), nullable=False),
    sa.Column('awaits_outcome', sa.Boolean(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('next_attempt_at', UtcDateTime(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('published_at', UtcDateTime(), nullable=True),
    sa.Column('done_at', UtcDateTime(), nullable=True),
    sa.Column('outcome', sa.String(), nullable=True),
    sa.Column('last_error', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('sequence'),
    sa.UniqueConstraint('id')
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_open', ['next_attempt_at'], unique=False, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))
        batch_op.create_index('ix_outbox_unsent', ['partition_key', 'sequence'], unique=False, sqlite_where=sa.text('published_at IS NULL'), postgresql_where=sa.text('published_at IS NULL'))

    op.create_table('payment',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=True),
    sa.Column('payer', sa.String(), nullable=False),
    sa.Column('idempotency_key', sa.String(), nullable=True),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('pay_url', sa.String(), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('paid_at', UtcDateTime(), nullable=True),
    sa.Column('next_poll_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number'),
    sa.UniqueConstraint('payer', 'idempotency_key')
    )
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_payment_state'), ['state'], unique=False)

    op.create_table('person',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('id_number', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=True),
    sa.Column('seen_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('id_number')
    )
    op.create_table('person_role',
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('subject', 'role')
    )
    op.create_table('refresh_token',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('grant_id', sa.String(), nullable=False),
    sa.Column('client_id', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('scope', sa.String(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('rotated_at', UtcDateTime(), nullable=True),
    sa.Column('revoked_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('token_hash')
    )
    with op.batch_alter_table('refresh_token', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_refresh_token_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_refresh_token_grant_id'), ['grant_id'], unique=False)

    op.create_table('registry_lock',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('holder', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('service_case',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('receipt_number', sa.String(), nullable=False),
    sa.Column('item_code', sa.String(), nullable=False),
    sa.Column('item_version', sa.Integer(), nullable=False),
    sa.Column('applicant', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('form', sa.JSON(), nullable=False),
    sa.Column('form_digest', sa.String(), nullable=False),
    sa.Column('idempotency_key', sa.String(), nullable=True),
    sa.Column('submitted_at', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('remedy', sa.String(), nullable=True),
    sa.Column('licence_number', sa.String(), nullable=True),
    sa.Column('licence_issuer', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('applicant', 'idempotency_key'),
    sa.UniqueConstraint('receipt_number')
    )
    with op.batch_alter_table('service_case', schema=None) as batch_op:
        batch_op.create_index('ix_service_case_applicant_submitted', ['applicant', 'submitted_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_service_case_state'), ['state'], unique=False)

    op.create_table('signing_key',
    sa.Column('key_id', sa.String(), nullable=False),
    sa.Column('slot', sa.Integer(), nullable=False),
    sa.Column('private_jwk', sa.String(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('retired_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('key_id'),
    sa.UniqueConstraint('slot')
    )
    op.create_table('sso_session',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('begun_at', UtcDateTime(), nullable=False),
    sa.Column('seen_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('token_hash')
    )
    with op.batch_alter_table('sso_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sso_session_seen_at'), ['seen_at'], unique=False)

    op.create_table('supergraph_version',
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('members', sa.JSON(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('version')
    )
    op.create_table('case_event',
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('type', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['service_case.id'], ),
    sa.PrimaryKeyConstraint('case_id', 'version')
    )
    op.create_table('connector_version',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('sdl', sa.String(), nullable=False),
    sa.Column('url', sa.String(), nullable=False),
    sa.Column('timeout_ms', sa.Integer(), nullable=False),
    sa.Column('idempotency', sa.String(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.String(), nullable=False),
    sa.Column('approved_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['name'], ['connector.name'], ),
    sa.PrimaryKeyConstraint('name', 'version')
    )
    op.create_table('fee_order',
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('applicant', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('payee', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=True),
    sa.Column('paid_at', UtcDateTime(), nullable=True),
    sa.Column('payment', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['service_case.id'], ),
    sa.PrimaryKeyConstraint('number')
    )
    with op.batch_alter_table('fee_order', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_fee_order_applicant'), ['applicant'], unique=False)
        batch_op.create_index(batch_op.f('ix_fee_order_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_fee_order_state'), ['state'], unique=False)

    op.create_table('rating',
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('item_code', sa.String(), nullable=False),
    sa.Column('stars', sa.Integer(), nullable=False),
    sa.Column('comment', sa.String(), nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['service_case.id'], ),
    sa.PrimaryKeyConstraint('case_id')
    )
    with op.batch_alter_table('rating', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rating_item_code'), ['item_code'], unique=False)

    op.create_table('payment_order',
    sa.Column('payment_id', sa.String(), nullable=False),
    sa.Column('order_number', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['order_number'], ['fee_order.number'], ),
    sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], ),
    sa.PrimaryKeyConstraint('payment_id', 'order_number')
    )


def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

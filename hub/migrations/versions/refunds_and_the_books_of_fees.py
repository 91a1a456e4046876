"""Refunds and the books of fees. Written by `python -m hub.migrations`, then read."""
# fmt: off
# ruff: noqa: E501

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = 'refunds_and_the_books_of_fees'
down_revision = 'enquiries'


def upgrade() -> None:
    op.create_table('fee_receipt_series',
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('year')
    )
    op.create_table('ledger_posting',
    sa.Column('entry', sa.String(), nullable=False),
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('entry', 'account')
    )
    with op.batch_alter_table('ledger_posting', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ledger_posting_account'), ['account'], unique=False)

    op.create_table('payment_callback_refusal',
    sa.Column('minute', UtcDateTime(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('body_digest', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('minute', 'reason')
    )
    op.create_table('reconciliation',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('movements_here', sa.Integer(), nullable=False),
    sa.Column('movements_there', sa.Integer(), nullable=False),
    sa.Column('amount_here_fen', sa.BigInteger(), nullable=False),
    sa.Column('amount_there_fen', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('reconciliation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reconciliation_day'), ['day'], unique=False)

    op.create_table('reconciliation_difference',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('reconciliation_id', sa.String(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('movement', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('here', sa.String(), nullable=True),
    sa.Column('there', sa.String(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('explanation', sa.String(), nullable=True),
    sa.Column('explained_by', sa.String(), nullable=True),
    sa.Column('explained_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['reconciliation_id'], ['reconciliation.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('reconciliation_difference', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reconciliation_difference_day'), ['day'], unique=False)
        batch_op.create_index(batch_op.f('ix_reconciliation_difference_reconciliation_id'), ['reconciliation_id'], unique=False)

    op.create_table('fee_receipt',
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('order_number', sa.String(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('issued_at', UtcDateTime(), nullable=False),
    sa.Column('signed', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['order_number'], ['fee_order.number'], ),
    sa.PrimaryKeyConstraint('subject'),
    sa.UniqueConstraint('number')
    )
    with op.batch_alter_table('fee_receipt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_fee_receipt_order_number'), ['order_number'], unique=False)

    op.create_table('refund',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('payment_id', sa.String(), nullable=False),
    sa.Column('order_number', sa.String(), nullable=True),
    sa.Column('payee', sa.String(), nullable=True),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('ground', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('ordered_at', UtcDateTime(), nullable=False),
    sa.Column('ordered_by', sa.String(), nullable=True),
    sa.Column('done_at', UtcDateTime(), nullable=True),
    sa.Column('refusal', sa.String(), nullable=True),
    sa.Column('next_ask_at', UtcDateTime(), nullable=False),
    sa.Column('asked', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['order_number'], ['fee_order.number'], ),
    sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_refund_done_at'), ['done_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_refund_order_number'), ['order_number'], unique=False)
        batch_op.create_index(batch_op.f('ix_refund_payment_id'), ['payment_id'], unique=False)
        batch_op.create_index('ix_refund_state_next', ['state', 'next_ask_at'], unique=False)

    with op.batch_alter_table('fee_order', schema=None) as batch_op:
        batch_op.add_column(sa.Column('code', sa.String(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('step', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('covers', sa.String(), nullable=False, server_default=sa.text("'RESULT'")))
        batch_op.add_column(sa.Column('legal_basis', sa.String(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('legal_basis_en', sa.String(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('refunded_fen', sa.BigInteger(), nullable=False, server_default=sa.text("0")))

    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_payment_paid_at'), ['paid_at'], unique=False)

    _book_what_was_paid_before(op.get_bind())


def _book_what_was_paid_before(connection: sa.Connection) -> None:
    """The books begin with the money that is here: an entry for each payment, by payee. Unowed money gets its refund."""
    paid = sa.text(
        "INSERT INTO ledger_posting (entry, account, amount_fen, at)"
        " SELECT 'payment/' || p.id, 'payee:' || f.payee, -SUM(f.amount_fen), p.paid_at FROM payment p"
        " JOIN payment_order o ON o.payment_id = p.id JOIN fee_order f ON f.number = o.order_number"
        " WHERE p.state = 'PAID' GROUP BY p.id, f.payee, p.paid_at"
    )
    unowed = sa.text(
        "INSERT INTO ledger_posting (entry, account, amount_fen, at)"
        " SELECT 'payment/' || id, 'refunds', -amount_fen, paid_at FROM payment WHERE state = 'TO_REFUND'"
    )
    cashier = sa.text(
        "INSERT INTO ledger_posting (entry, account, amount_fen, at)"
        " SELECT 'payment/' || id, 'cashier', amount_fen, paid_at FROM payment WHERE state IN ('PAID', 'TO_REFUND')"
    )
    refunds = sa.text(
        "INSERT INTO refund (id, payment_id, amount_fen, ground, reason, state, ordered_at, next_ask_at, asked)"
        " SELECT 'unowed-' || id, id, amount_fen, 'NOT_OWED',"
        " 'The money came when these fees were not owed any more.', 'ORDERED', paid_at, paid_at, 0"
        " FROM payment WHERE state = 'TO_REFUND'"
    )
    for statement in (paid, unowed, cashier, refunds):
        connection.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

"""Officers handle cases: whose department, who has it in hand, drafts, delegations, substitutes."""
# fmt: off

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = 'case_handling'
down_revision = 'redrives'


def upgrade() -> None:
    with op.batch_alter_table('service_case', schema=None) as batch_op:
        batch_op.add_column(sa.Column('department', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('handler', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('first_inquiry', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('facts', sa.JSON(), server_default='{}', nullable=False))
        batch_op.create_index('ix_service_case_work', ['department', 'state', 'submitted_at'], unique=False)
        answered = ['first_inquiry', 'state', 'submitted_at']
        batch_op.create_index('ix_service_case_first_inquiry', answered, unique=False)
        batch_op.create_index('ix_service_case_handler', ['handler', 'state', 'submitted_at'], unique=False)
    op.create_table('case_draft',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('owner', sa.String(), nullable=False),
    sa.Column('item_code', sa.String(), nullable=False),
    sa.Column('form', sa.JSON(), nullable=False),
    sa.Column('materials', sa.JSON(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('saved_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('case_draft', schema=None) as batch_op:
        batch_op.create_index('ix_case_draft_owner', ['owner', 'saved_at'], unique=False)
        batch_op.create_index('ix_case_draft_saved_at', ['saved_at'], unique=False)
    op.create_table('case_delegation',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('representative', sa.String(), nullable=False),
    sa.Column('items', sa.JSON(), nullable=False),
    sa.Column('granted_by', sa.String(), nullable=False),
    sa.Column('granted_at', UtcDateTime(), nullable=False),
    sa.Column('since', UtcDateTime(), nullable=False),
    sa.Column('until', UtcDateTime(), nullable=False),
    sa.Column('revoked_at', UtcDateTime(), nullable=True),
    sa.Column('revoked_by', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('case_delegation', schema=None) as batch_op:
        batch_op.create_index('ix_case_delegation_department', ['department'], unique=False)
        batch_op.create_index('ix_case_delegation_representative', ['representative'], unique=False)
    op.create_table('case_substitute',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('absent', sa.String(), nullable=False),
    sa.Column('substitute', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('arranged_by', sa.String(), nullable=False),
    sa.Column('since', UtcDateTime(), nullable=False),
    sa.Column('until', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('case_substitute', schema=None) as batch_op:
        batch_op.create_index('ix_case_substitute_absent', ['absent'], unique=False)
        batch_op.create_index('ix_case_substitute_department', ['department'], unique=False)
        batch_op.create_index('ix_case_substitute_substitute', ['substitute'], unique=False)
    _fill()


def _fill() -> None:
    """Cases from before: the department by their item, and what their fee orders say."""
    connection = op.get_bind()
    organisations, items = {}, {}
    rows = connection.execute(sa.text("SELECT kind, code, content FROM catalogue_entry ORDER BY version"))
    for kind, code, content in rows:
        read = json.loads(content) if isinstance(content, str) else content
        if kind == "organisation":
            organisations[code] = read.get("department")
        elif kind == "item":
            items[code] = read.get("organisation")
    for code, organisation in items.items():
        statement = sa.text("UPDATE service_case SET department = :department WHERE item_code = :code")
        connection.execute(statement, {"department": organisations.get(organisation), "code": code})
    counted = sa.text(
        "SELECT case_id, COUNT(*), SUM(CASE WHEN state = 'PAID' THEN 1 ELSE 0 END) FROM fee_order GROUP BY case_id"
    )
    for case_id, orders, paid in connection.execute(counted).all():
        facts = json.dumps({"fee_orders": orders, **({"fee_is_paid": True} if paid == orders else {})})
        statement = sa.text("UPDATE service_case SET facts = :facts WHERE id = :id")
        connection.execute(statement, {"facts": facts, "id": case_id})


def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

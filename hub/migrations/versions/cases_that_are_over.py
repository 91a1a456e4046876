"""Cases that are over. Written by `python -m hub.migrations`, then read."""
# fmt: off
# ruff: noqa: E501

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = 'cases_that_are_over'
down_revision = 'flags_on_ratings'


def upgrade() -> None:
    with op.batch_alter_table('service_case', schema=None) as batch_op:
        batch_op.create_index('ix_service_case_over', ['updated_at'], unique=False, sqlite_where=sa.text("state IN ('ARCHIVED', 'DENIED', 'LAPSED', 'NOT_ACCEPTED', 'TERMINATED', 'WITHDRAWN')"), postgresql_where=sa.text("state IN ('ARCHIVED', 'DENIED', 'LAPSED', 'NOT_ACCEPTED', 'TERMINATED', 'WITHDRAWN')"))



def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

"""Where a caller is called back who is known by nothing else."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "callers"
down_revision = "follow_ups"


def upgrade() -> None:
    op.add_column("enquiry", sa.Column("callback", sa.String(), nullable=True))

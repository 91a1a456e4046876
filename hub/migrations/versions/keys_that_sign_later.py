"""From when a signing key signs, where it is published before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "keys_that_sign_later"
down_revision = "engagements"


def upgrade() -> None:
    for table in ("signing_key", "licence_key"):
        op.add_column(table, sa.Column("signs_from", UtcDateTime(), nullable=True))

"""Several documents of one person; those who were known by a number keep it as their first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "identity_documents"
down_revision = "holds_of_fees"


def upgrade() -> None:
    op.create_table(
        "identity_document",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_identity_document_person_id", "identity_document", ["person_id"])
    op.execute("INSERT INTO identity_document (key, person_id, seen_at) SELECT id_number, id, seen_at FROM person")


def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

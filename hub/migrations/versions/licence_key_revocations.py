"""Keys of licences that are revoked, and which key signed whose documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "licence_key_revocations"
down_revision = "web_push_key"


def upgrade() -> None:
    op.create_table(
        "licence_key_revocation",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["licence_key.key_id"]),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_table(
        "licence_signature",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", "holder", "issuer", "number"),
    )
    # Nobody noted before which key signed whose documents: any holder may have one.
    op.execute(
        "INSERT INTO licence_signature (key_id, holder, issuer, number, name, name_en, at) "
        "SELECT k.key_id, l.holder, l.issuer, l.number, l.name, l.name_en, l.issued_at "
        "FROM licence l JOIN licence_key k ON k.retired_at IS NULL OR l.issued_at < k.retired_at"
    )


def downgrade() -> None:
    raise NotImplementedError("A hub does not go back a revision. Restore the backup made before the update.")

"""Files of materials in segments, records shared with consent, archives of finished cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "stored_files"
down_revision = "stalled_tickets"


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("received_bytes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("scanned_by", sa.String(), nullable=True),
        sa.Column("rejected_why", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_stored_file_owner", "stored_file", ["owner", "created_at"])
    op.create_index("ix_stored_file_state", "stored_file", ["state", "changed_at"])
    op.create_table(
        "file_segment",
        sa.Column("file_id", sa.String(), sa.ForeignKey("stored_file.id"), primary_key=True),
        sa.Column("begins_at", sa.Integer(), primary_key=True),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("object_name", sa.String(), nullable=False),
    )
    op.create_table(
        "case_file",
        sa.Column("case_id", sa.String(), sa.ForeignKey("service_case.id"), primary_key=True),
        sa.Column("file_id", sa.String(), sa.ForeignKey("stored_file.id"), primary_key=True),
    )
    op.create_index("ix_case_file_file_id", "case_file", ["file_id"])
    op.create_table(
        "shared_record",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("material", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("consented_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.UniqueConstraint("owner", "idempotency_key"),
    )
    op.create_index("ix_shared_record_owner", "shared_record", ["owner", "consented_at"])
    op.create_table(
        "case_archive",
        sa.Column("case_id", sa.String(), sa.ForeignKey("service_case.id"), primary_key=True),
        sa.Column("sealed_at", UtcDateTime(), nullable=False),
        sa.Column("retained_until", UtcDateTime(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("object_name", sa.String(), nullable=False),
    )
    op.create_index("ix_case_archive_retained_until", "case_archive", ["retained_until"])

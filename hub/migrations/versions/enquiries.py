"""Consultations, suggestions, complaints and published answers; cards of what is no case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "enquiries"
down_revision = "connector_waiting"

_TICKING = sa.text("clock_at IS NOT NULL")
_LIVE = sa.text("withdrawn_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "enquiry",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("number", sa.String(), nullable=False, unique=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("asker", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=True),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("clock_at", UtcDateTime(), nullable=True),
        sa.Column("clock_seen", UtcDateTime(), nullable=True),
        sa.Column("calendar_version", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.UniqueConstraint("asker", "idempotency_key"),
    )
    op.create_index("ix_enquiry_asker_asked", "enquiry", ["asker", "asked_at"])
    op.create_index("ix_enquiry_work", "enquiry", ["department", "state", "asked_at"])
    op.create_index("ix_enquiry_owner", "enquiry", ["owner", "state", "asked_at"])
    op.create_index("ix_enquiry_kind", "enquiry", ["kind", "state", "asked_at"])
    op.create_index("ix_enquiry_clock", "enquiry", ["clock_at"], sqlite_where=_TICKING, postgresql_where=_TICKING)
    op.create_table(
        "enquiry_event",
        sa.Column("enquiry_id", sa.String(), sa.ForeignKey("enquiry.id"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
    )
    op.create_table(
        "knowledge_entry",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("enquiry_id", sa.String(), sa.ForeignKey("enquiry.id"), nullable=False),
        sa.Column("item_code", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(), nullable=True),
    )
    op.create_index("ix_knowledge_entry_enquiry_id", "knowledge_entry", ["enquiry_id"])
    op.create_index(
        "ix_knowledge_entry_live", "knowledge_entry", ["published_at"], sqlite_where=_LIVE, postgresql_where=_LIVE
    )
    _let_cards_be_of_more_than_cases()


def _let_cards_be_of_more_than_cases() -> None:
    """The reference to cases goes. SQLite's has no name of its own: a convention gives it one."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    convention = {"fk": "%(table_name)s_%(column_0_name)s_fkey"}
    with op.batch_alter_table("supervision_card", naming_convention=convention if is_sqlite else None) as batch:
        batch.drop_constraint("supervision_card_case_id_fkey", type_="foreignkey")
        batch.add_column(sa.Column("about", sa.String(), nullable=False, server_default="CASE"))

"""Cards of departments' parts of joint cases: two parts may have the same card at the same moment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "cards_of_parts"
down_revision = "refunds_and_the_books_of_fees"

_CONVENTION = {"uq": "uq_%(table_name)s_%(column_0_name)s"}
_UNNAMED = {
    "postgresql": "supervision_card_case_id_trigger_level_at_key",
    "sqlite": "uq_supervision_card_case_id",
}
"""How the constraint is called that nobody named: by PostgreSQL itself, on SQLite by the convention above."""


def upgrade() -> None:
    with op.batch_alter_table("supervision_card", naming_convention=_CONVENTION) as batch:
        batch.add_column(sa.Column("sub_case", sa.String(), nullable=False, server_default=""))
        batch.drop_constraint(_UNNAMED[op.get_bind().dialect.name], type_="unique")
        batch.create_unique_constraint(
            "uq_supervision_card_moment", ["case_id", "trigger", "level", "at", "sub_case"]
        )

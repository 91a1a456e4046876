"""PostgreSQL tells of what was written to the tables that loops wait for (``hub.storage.database_changes``)."""

from __future__ import annotations

from alembic import op

revision = "told_changes"
down_revision = "stored_files"

_TABLES = (
    "alert",
    "broker_message",
    "change",
    "change_counter",
    "connector_access_revision",
    "connector_settings",
    "outbox",
    "payment",
    "refund",
    "supergraph_version",
)
_FUNCTION = """
CREATE FUNCTION jiyi_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('jiyi_' || TG_TABLE_NAME, '');
  RETURN NULL;
END $$
"""
_UPDATED_TOO = ("change_counter", "connector_access_revision")
"""These are one row each, which counts up."""


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(_FUNCTION)
    for table in _TABLES:
        when = "INSERT OR UPDATE" if table in _UPDATED_TOO else "INSERT"
        op.execute(f"CREATE TRIGGER tell AFTER {when} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION jiyi_tell()")

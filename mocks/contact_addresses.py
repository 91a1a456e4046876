"""Where people want to get their letters: the last address of each, and when it was told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mocks.refusal import Refused
from mocks.store import Store

CONTACT_TABLE = """
CREATE TABLE IF NOT EXISTS contact_address (
    reference INTEGER PRIMARY KEY AUTOINCREMENT, holder TEXT NOT NULL, street TEXT NOT NULL, postcode TEXT,
    since TEXT NOT NULL);
"""
LONGEST_STREET = 200


class ContactAddresses:
    """Every change is a row of its own, so that the book tells how often something was done."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def change(self, holder: str, street: str, postcode: str | None) -> dict[str, Any]:
        """Inside a transaction. Raises :class:`Refused` for what is no address."""
        if not street.strip() or len(street) > LONGEST_STREET:
            raise Refused(422, "NO_ADDRESS", f"An address has 1 to {LONGEST_STREET} characters.")
        since = datetime.now(UTC).isoformat(timespec="seconds")
        self._store.execute(
            "INSERT INTO contact_address (holder, street, postcode, since) VALUES (?, ?, ?, ?)",
            *(holder, street.strip(), postcode, since),
        )
        row = self._store.row("SELECT * FROM contact_address WHERE reference = last_insert_rowid()")
        assert row is not None  # noqa: S101  # it was just written
        return _show(row)

    def all(self) -> list[dict[str, Any]]:
        """Every change, the oldest first."""
        return [_show(row) for row in self._store.rows("SELECT * FROM contact_address ORDER BY reference")]


def _show(row: Any) -> dict[str, Any]:
    return {
        "reference": f"CA-{row['reference']:06d}",
        "holder": row["holder"],
        "street": row["street"],
        "postcode": row["postcode"],
        "since": row["since"],
    }

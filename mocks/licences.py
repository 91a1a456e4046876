"""The licences that one department has issued, and the plain JSON in which it shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from mocks.store import Store

LICENCE_TABLE = """
CREATE TABLE IF NOT EXISTS licence (
    number TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, name_en TEXT NOT NULL,
    holder_type TEXT NOT NULL, holder TEXT NOT NULL, valid_from TEXT NOT NULL, valid_until TEXT,
    state TEXT NOT NULL, receipt_number TEXT UNIQUE);
CREATE INDEX IF NOT EXISTS licence_holder ON licence (holder);
"""


@dataclass(frozen=True, slots=True)
class LicenceKind:
    """What a department issues: code, Chinese and English name."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Licence:
    """One licence. ``holder`` is an identity number or a credit code, as ``holder_type`` says."""

    number: str
    kind: LicenceKind
    holder_type: Literal["Citizen", "Enterprise"]
    holder: str
    valid_from: date
    valid_until: date | None
    state: str = "VALID"
    receipt_number: str | None = None

    def state_on(self, day: date) -> str:
        """A valid licence expires by itself the day after its last."""
        expired = self.state == "VALID" and self.valid_until is not None and self.valid_until < day
        return "EXPIRED" if expired else self.state


class LicenceRegister:
    """The licences of one issuer, sorted by number wherever several are given."""

    def __init__(self, store: Store, issuer_code: str) -> None:
        self._store = store
        self.issuer_code = issuer_code

    def add(self, licence: Licence) -> None:
        kind = licence.kind
        self._store.execute(
            "INSERT INTO licence VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            licence.number, kind.code, kind.name, kind.name_en, licence.holder_type, licence.holder,
            licence.valid_from.isoformat(), licence.valid_until and licence.valid_until.isoformat(),
            licence.state, licence.receipt_number,
        )  # fmt: skip

    def revoke(self, number: str) -> None:
        self._store.execute("UPDATE licence SET state = 'REVOKED' WHERE number = ?", number)

    def of_holders(self, *holders: str) -> list[Licence]:
        marks = ", ".join("?" * len(holders))
        return self._select(f"WHERE holder IN ({marks})", *holders)

    def find(self, number: str) -> Licence | None:
        return next(iter(self._select("WHERE number = ?", number)), None)

    def issued_for(self, receipt_number: str) -> Licence | None:
        return next(iter(self._select("WHERE receipt_number = ?", receipt_number)), None)

    def all(self) -> list[Licence]:
        return self._select("")

    def _select(self, where: str, *values: str) -> list[Licence]:
        # ``where`` is one of the literals above, values are bound.
        rows = self._store.rows(f"SELECT * FROM licence {where} ORDER BY number", *values)  # noqa: S608
        return [_read(row) for row in rows]


def _read(row: dict[str, Any]) -> Licence:
    return Licence(
        number=row["number"],
        kind=LicenceKind(row["kind"], row["name"], row["name_en"]),
        holder_type=row["holder_type"],
        holder=row["holder"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_until=date.fromisoformat(row["valid_until"]) if row["valid_until"] else None,
        state=row["state"],
        receipt_number=row["receipt_number"],
    )


def today() -> date:
    return datetime.now(UTC).date()

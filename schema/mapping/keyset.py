"""By which columns a connection is ordered and cut into pages: ``"filed_at desc, id"``.

Keyset pagination: a page begins behind the values of the last row before it, so that rows which come or go in
between neither repeat nor hide others. Source: docs/spec/sql.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from schema.mapping.tokens import MappingSyntaxError

_COLUMN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)(?:\s+(asc|desc))?\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class KeyColumn:
    name: str
    descends: bool = False


@dataclass(frozen=True, slots=True)
class Keyset:
    """Together the columns tell every row from every other."""

    columns: tuple[KeyColumn, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def reversed(self) -> Keyset:
        return Keyset(tuple(KeyColumn(column.name, not column.descends) for column in self.columns))

    def __str__(self) -> str:
        return ", ".join(f"{column.name} desc" if column.descends else column.name for column in self.columns)


def parse_keyset(text: str) -> Keyset:
    """Raises :class:`MappingSyntaxError`."""
    columns = []
    for part in text.split(","):
        found = _COLUMN.match(part)
        if found is None:
            raise MappingSyntaxError(
                f'"{part.strip()}" is no column; write "name" or "name desc".', text.index(part)
            )
        columns.append(KeyColumn(found[1], (found[2] or "").lower() == "desc"))
    return Keyset(tuple(columns))

"""No value: what a mapping finds where there is no such property."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal


class Missing(Enum):
    """The one value of this type says: there is no such property."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final[Literal[Missing.MISSING]] = Missing.MISSING

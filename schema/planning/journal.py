"""What an attempt changed, so that it can be taken back, and done again, at the price of the changes alone.

Everything that an arrangement writes goes through here; copying what it holds for each attempt would cost as
much as there is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

Change = tuple[dict[Any, Any], Any, Any, Any]
"""A dictionary, its key, the value before (:data:`ABSENT` where there was none) and after."""

ABSENT = object()


@dataclass(slots=True)
class Journal:
    """The changes in their order."""

    changes: list[Change] = field(default_factory=list)

    def put(self, mapping: dict[Key, Value], key: Key, value: Value) -> None:
        """Set an entry, and note what stood there."""
        self.changes.append((mapping, key, mapping.get(key, ABSENT), value))
        mapping[key] = value

    def mark(self) -> int:
        """The place to take back to."""
        return len(self.changes)

    def take_back(self, mark: int) -> tuple[Change, ...]:
        """Undo what was changed since the mark; the changes, to do them again."""
        undone = tuple(self.changes[mark:])
        for mapping, key, before, _ in reversed(undone):
            if before is ABSENT:
                del mapping[key]
            else:
                mapping[key] = before
        del self.changes[mark:]
        return undone

    def do_again(self, changes: tuple[Change, ...]) -> None:
        """Redo what was taken back, from the same state."""
        for mapping, key, _, after in changes:
            mapping[key] = after
        self.changes.extend(changes)

"""What was found: how much was looked at, and what of it is lost, doubled or wrong otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

SHOWN = 5


class Verdict:
    """Findings by what was looked at: how much of it, what is lost, what is doubled, what is wrong otherwise."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, int]] = []
        self.lost: dict[str, list[str]] = defaultdict(list)
        self.doubled: dict[str, list[str]] = defaultdict(list)
        self.wrong: dict[str, list[str]] = defaultdict(list)

    def looked_at(self, what: str, number: int) -> None:
        self.rows.append((what, number))

    def table(self) -> Iterator[str]:
        yield f"{'looked at':<44}{'number':>8}{'lost':>8}{'doubled':>9}{'wrong':>8}"
        for what, number in self.rows:
            counts = [len(kept[what]) for kept in (self.lost, self.doubled, self.wrong)]
            yield f"{what:<44}{number:>8}{counts[0]:>8}{counts[1]:>9}{counts[2]:>8}"
        for label, kept in (("lost", self.lost), ("doubled", self.doubled), ("wrong", self.wrong)):
            for what, found in kept.items():
                for each in found[:SHOWN]:
                    yield f"  {label}, {what}: {each}"
                if len(found) > SHOWN:
                    yield f"  {label}, {what}: and {len(found) - SHOWN} more"

    @staticmethod
    def number(kept: dict[str, list[str]]) -> int:
        return sum(map(len, kept.values()))

    @property
    def holds(self) -> bool:
        return not any(self.number(kept) for kept in (self.lost, self.doubled, self.wrong))

"""Satisfaction (群众满意度) of a department: what was rated, what was not, and a figure that can be ranked by.

Not rated is a figure of its own and never counts as satisfied. Ranking goes by the lower bound of the share of
satisfied ratings (Wilson, 95 %), so that three ratings never beat three hundred; mean and count stand beside it.
Source: docs/ratings.md, "Public figures"; domain.md, 7 and 9.9; articles 22, 23. E. B. Wilson, 1927.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from schema.domain.rating import STARS

LEAST_SHOWN = 5
"""Ratings of one month from which on it is told how they were: of fewer, those who served know who gave them."""
SATISFIED = (3, 4, 5)
"""Basically satisfied, satisfied, very satisfied."""
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """``occasions`` could be rated; ``distribution`` has how those were that are, from one star to five."""

    occasions: int
    distribution: tuple[tuple[int, int], ...]

    @property
    def rated(self) -> int:
        return sum(number for _, number in self.distribution)

    @property
    def not_rated(self) -> int:
        return self.occasions - self.rated

    @property
    def is_shown(self) -> bool:
        """Whether there are so many that nobody is known by them. Source: domain.md, 7 (no one who handled a case
        may see who rated)."""
        return self.rated >= LEAST_SHOWN

    @property
    def satisfied(self) -> int:
        return sum(number for stars, number in self.distribution if stars in SATISFIED)

    @property
    def mean(self) -> float | None:
        """Mean of all stars; ``None`` without ratings."""
        total = sum(stars * number for stars, number in self.distribution)
        return round(total / self.rated, 2) if self.rated else None

    @property
    def satisfied_share(self) -> float | None:
        """Of those who rated, from 0 to 1; ``None`` without ratings."""
        return round(self.satisfied / self.rated, 4) if self.rated else None

    @property
    def ranking(self) -> float:
        """What the share of satisfied ratings surely is at least; 0 without ratings."""
        n = self.rated
        if not n:
            return 0.0
        share, around = self.satisfied / n, _Z * _Z / n
        spread = _Z * sqrt(share * (1 - share) / n + around / (4 * n))
        return round((share + around / 2 - spread) / (1 + around), 4)


def satisfaction(occasions: int, counts: Mapping[int, int]) -> Satisfaction:
    """``counts`` says how many ratings gave how many stars."""
    return Satisfaction(occasions, tuple((stars, counts.get(stars, 0)) for stars in STARS))

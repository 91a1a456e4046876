"""Satisfaction: three ratings never beat three hundred, and silence is no consent (domain.md, 7 and 9.9)."""

from __future__ import annotations

import pytest

from schema.domain.satisfaction import satisfaction


@pytest.mark.parametrize(
    ("occasions", "counts", "rated", "not_rated", "share", "mean", "ranking"),
    [
        (0, {}, 0, 0, None, None, 0.0),
        (10, {}, 0, 10, None, None, 0.0),
        (3, {5: 3}, 3, 0, 1.0, 5.0, 0.4385),
        (400, {5: 240, 4: 45, 1: 15}, 300, 100, 0.95, 4.65, 0.9192),
        (4, {3: 1, 2: 1}, 2, 2, 0.5, 2.5, 0.0945),
    ],
)
def test_what_was_not_rated_stands_apart(
    occasions: int,
    counts: dict[int, int],
    rated: int,
    not_rated: int,
    share: float | None,
    mean: float | None,
    ranking: float,
) -> None:
    found = satisfaction(occasions, counts)
    assert (found.rated, found.not_rated, found.satisfied_share) == (rated, not_rated, share)
    assert (found.mean, found.ranking) == (mean, ranking)


def test_three_ratings_do_not_beat_three_hundred() -> None:
    few, many = satisfaction(3, {5: 3}), satisfaction(300, {5: 285, 2: 15})
    assert few.satisfied_share == 1.0
    assert few.ranking < many.ranking

"""The fast path and the exact path give one answer, whatever the subgraphs say."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.test_differential import SEEDED
from tests.engine.trial import make_asked, make_world
from tests.engine.two_paths import compared


@given(seed=st.integers(0, 1_000_000), spoiling=st.sampled_from([0, 0.3]))
@settings(SEEDED, max_examples=20)
def test_both_paths_give_one_answer(seed: int, spoiling: float) -> None:
    """Values, key order, errors: all the same, and where all is well nobody is asked twice."""
    world = make_world(seed)
    for asked in make_asked(world, seed) if world.composition.supergraph else ():
        found = compared(world, asked, seed, spoiling)
        if found is not None:
            assert found.fast == found.exact, f"seed {seed}: {asked.text}"
            assert spoiling or found.fast_asked == found.exact_asked


def test_sound_answers_are_answered_by_the_fast_path() -> None:
    """What it hands to the exact path is the exception: nulls where none may be, of the made-up data."""
    found = [
        one
        for seed in range(10)
        if (world := make_world(seed)).composition.supergraph
        for asked in make_asked(world, seed)
        if (one := compared(world, asked, seed, 0)) is not None
    ]
    compiled = [one for one in found if one.is_compiled]
    assert len(compiled) > 10
    assert [one.exact for one in compiled if not one.is_fast and '"message"' not in one.exact] == []

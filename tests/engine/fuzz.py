"""Try N operations over made-up graphs: ``python -m tests.engine.fuzz N [first seed]``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from time import perf_counter

from tests.engine.faults import absent_entity, bad_null, dead_subgraph
from tests.engine.shrink import printed, shrunk
from tests.engine.trial import Finding, make_asked, make_world, merged_wrongly, refused, tried

MOST_FINDINGS = 10
FAULTS = (dead_subgraph, bad_null, absent_entity)
"""The first operations of a graph are also tried with something that fails."""


def main(wanted: int, seed: int) -> int:
    """The number of findings; at most :data:`MOST_FINDINGS` are looked for."""
    started, cases, findings, last = perf_counter(), 0, 0, perf_counter()
    outcomes: Counter[str] = Counter()
    while cases < wanted and findings < MOST_FINDINGS:
        for outcome, finding in trials(seed):
            outcomes[outcome] += 1
            cases += outcome != "refused"
            if finding is not None:
                findings += 1
                print(f"\n=== seed {seed}: {finding}", flush=True)
        seed += 1
        if perf_counter() - last > 5:
            last = perf_counter()
            print(f"{cases} cases, seed {seed}, {findings} findings, {last - started:.0f} s", flush=True)
    print(f"fuzz: {cases} cases, {findings} findings, {dict(sorted(outcomes.items()))}, next seed {seed}")
    return findings


def trials(seed: int, *, smallest: bool = True) -> Iterator[tuple[str, Finding | None]]:
    """What comes of one seed: an outcome for each operation, with the finding where there is one."""
    world = make_world(seed)
    if finding := refused(world):
        yield finding.kind, Finding(finding.kind, f"{finding.text}\n{printed(world.model)}")
        return
    if world.composition.supergraph is None:
        yield "refused", None
        return
    if finding := merged_wrongly(world):
        yield finding.kind, Finding(finding.kind, f"{finding.text}\n{printed(world.model)}")
        return
    for position, asked in enumerate(make_asked(world, seed)):
        for wrong in (tried, *FAULTS[position % 6 : position % 6 + 1]):
            found = wrong(world, asked)
            if found is not None:
                yield found.kind, shrunk(world, asked, found, wrong) if smallest else found
                break
        else:
            yield "equal", None


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)))

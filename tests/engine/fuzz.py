"""Try N operations over made-up graphs: ``python -m tests.engine.fuzz N [first seed [variety [processes]]]``."""

from __future__ import annotations

import os
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from functools import partial
from multiprocessing import Pool
from time import perf_counter

from tests.engine.faults import absent_entity, bad_null, dead_subgraph
from tests.engine.shrink import printed, shrunk
from tests.engine.trial import (
    Finding,
    Variety,
    is_unanswerable,
    make_asked,
    make_world,
    merged_wrongly,
    refused,
    tried,
)

MOST_FINDINGS = 10
SEEDS_AT_ONCE = 32
"""How many seeds a process is given before the next report."""
FAULTS = (dead_subgraph, bad_null, absent_entity)
"""The first operations of a graph are also tried with something that fails."""
NO_CASE = ("refused", "unanswerable")
"""A graph that does not compose, and an operation that no chain of subgraphs answers."""


def main(wanted: int, seed: int, variety: Variety, processes: int) -> int:
    """The number of findings; at most :data:`MOST_FINDINGS` are looked for. The same, however many processes."""
    started, findings = perf_counter(), 0
    outcomes: Counter[str] = Counter()
    with Pool(processes) as pool:
        while _cases(outcomes) < wanted and findings < MOST_FINDINGS:
            seeds = range(seed, seed + SEEDS_AT_ONCE * processes)
            of_variety = partial(outcomes_of, variety=variety)
            for one, (told, found) in zip(seeds, pool.imap(of_variety, seeds), strict=True):
                outcomes.update(told)
                findings += len(found)
                for text in found:
                    print(f"\n=== seed {one}: {text}", flush=True)
            seed = seeds.stop
            seconds = perf_counter() - started
            print(f"{_cases(outcomes)} cases, seed {seed}, {findings} findings, {seconds:.0f} s", flush=True)
    told_outcomes = dict(sorted(outcomes.items()))
    print(f"fuzz: {_cases(outcomes)} cases, {findings} findings, {told_outcomes}, next seed {seed}")
    return findings


def _cases(outcomes: Counter[str]) -> int:
    return outcomes.total() - sum(outcomes[one] for one in NO_CASE)


def outcomes_of(seed: int, variety: Variety) -> tuple[list[str], list[str]]:
    """The outcomes of one seed, and its findings as text. What breaks off is a finding too."""
    try:
        tried_here = list(trials(seed, variety))
    except Exception as error:  # noqa: BLE001 - whatever breaks off, the other seeds are tried
        return [type(error).__name__], [traceback.format_exc()]
    return [outcome for outcome, _ in tried_here], [str(finding) for _, finding in tried_here if finding]


def trials(
    seed: int, variety: Variety = "plain", *, smallest: bool = True
) -> Iterator[tuple[str, Finding | None]]:
    """What comes of one seed: an outcome for each operation, with the finding where there is one."""
    world = make_world(seed, variety)
    if finding := refused(world):
        yield finding.kind, Finding(finding.kind, f"{finding.text}\n{printed(world.model)}")
        return
    if world.composition.supergraph is None:
        yield "refused", None
        return
    if finding := merged_wrongly(world):
        yield finding.kind, Finding(finding.kind, f"{finding.text}\n{printed(world.model)}")
        return
    for position, asked in enumerate(make_asked(world, seed, variety)):
        if is_unanswerable(world, asked):
            yield "unanswerable", None
            continue
        for wrong in (tried, *FAULTS[position % 6 : position % 6 + 1]):
            found = wrong(world, asked)
            if found is not None:
                yield found.kind, shrunk(world, asked, found, wrong) if smallest else found
                break
        else:
            yield "equal", None


if __name__ == "__main__":
    given = sys.argv[1:]
    number, first, drawn, count = *given, *("0", "0", "plain", str(os.cpu_count() or 1))[len(given) :]
    sys.exit(bool(main(int(number), int(first), "wide" if drawn == "wide" else "plain", int(count))))

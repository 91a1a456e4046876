"""The system answers, and there is something to look up: what all other checks begin with."""

from __future__ import annotations

from hub.conformance.bench import Asked, Bench
from hub.conformance.result import CheckResult, failed, not_applicable, passed

_MOST_SAMPLES = 10


async def answers(bench: Bench) -> list[CheckResult]:
    """Every root field that needs nothing is read once, every sample looked up; what comes is kept."""
    results = []
    for root in bench.reads():
        asked = await bench.ask(bench.query_of(root))
        bench.keep(asked.data)
        results.append(_said(root.coordinate, asked))
    for type_name, keys in bench.samples.entities.items():
        if not keys:
            continue
        if type_name not in bench.keyed_types:
            mend = f"Name one of {', '.join(bench.keyed_types) or 'the types with @key'}."
            results.append(failed("answers", "The SDL looks up no such type.", mend, type_name))
            continue
        asked = await bench.look_up(type_name, *keys[:_MOST_SAMPLES])
        bench.keep(asked.data)
        results.append(_said_of_samples(type_name, asked))
    return results or [not_applicable("answers", "No root field can be asked, and there are no samples.")]


async def samples_found(bench: Bench) -> list[CheckResult]:
    """Without a sample nothing of a type was tried, and no score should hide that."""
    results = []
    for type_name in bench.keyed_types:
        count = len(bench.found.get(type_name, ()))
        if count:
            results.append(passed("samples", f"{count} to look up", type_name))
        else:
            reason = "No list gives one, so that looking it up was not tried."
            example = f'{{"entities": {{"{type_name}": [{{ … }}]}}}}'
            results.append(failed("samples", reason, f"Give one that exists with --samples: {example}", type_name))
    return results or [not_applicable("samples", "The SDL looks up no type.")]


def _said(coordinate: str, asked: Asked) -> CheckResult:
    if asked.is_well:
        return passed("answers", f"in {asked.seconds * 1000:.0f} ms", coordinate)
    mend = "Look at it with `jiyi connector dev`; give arguments it needs with --samples."
    return failed("answers", asked.trouble, mend, coordinate)


def _said_of_samples(type_name: str, asked: Asked) -> CheckResult:
    unknown = sum(entity is None for entity in asked.entities())
    if asked.is_well and not unknown:
        return passed("answers", f"{len(asked.entities())} samples in {asked.seconds * 1000:.0f} ms", type_name)
    reason = asked.trouble or f"{unknown} of {len(asked.entities())} samples are unknown to the system."
    return failed("answers", reason, "Look it up with `jiyi connector dev`; samples must exist.", type_name)

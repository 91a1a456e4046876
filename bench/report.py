"""What was measured, as a table, as a file, and as one line."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.contest import OPERATIONS, Contest, Sample
from bench.cores import Cores
from bench.gateways import GATEWAYS
from bench.load import client_name

RESULTS = Path(__file__).parent / "results"
OURS = "jiyi"
COMPARED = ("apollo", "hive-rust")
"""Whom the last line names."""


def print_table(result: Contest, cores: Cores, connections: int) -> None:
    """Medians of the rounds. Ratios say how many times as much ours does, by requests and by processor time."""
    print(f"{connections} connections by {client_name()}; {cores}")
    for operation in OPERATIONS:
        answers = {name: each[operation] for name, each in result.answers.items()}
        print(f"\n{operation}, an answer of {next(iter(answers.values())).size_bytes / 1000:.1f} KB")
        print(
            f"{'':32}{'requests/s':>11}{'ours is':>9}{'by cpu':>9}{'p50 ms':>9}{'p99 ms':>9}"
            f"{'cpu ms':>9}{'RSS MB':>8}{'subgraph requests':>19}{'under load':>12}"
        )
        for name, each in result.samples.items():
            runs = each[operation]
            print(
                f"{GATEWAYS[name].title:32}{rate(runs):>11.0f}{_times(result, operation, name):>9}"
                f"{_times_by_processor(result, operation, name):>9}"
                f"{_middle([run.load.p50_ms for run in runs]):>9}{_middle([run.load.p99_ms for run in runs]):>9}"
                f"{_middle([run.processor_ms for run in runs], 2):>9}"
                f"{_middle([run.resident_mb for run in runs], 0):>8}"
                f"{answers[name].subgraph_requests:>19}{_middle([run.subgraph_requests for run in runs], 2):>12}"
            )


def last_line(result: Contest) -> str:
    """``bench: heavy 8.4x apollo 2.3x hive-rust, small 6.1x apollo 2.4x hive-rust``."""
    told = []
    for operation in OPERATIONS:
        ratios = [f"{_times(result, operation, name)} {name}" for name in COMPARED if name in result.samples]
        told.append(" ".join([operation, *ratios]))
    return "bench: " + ", ".join(told)


def keep(result: Contest, cores: Cores, connections: int) -> Path:
    """Everything in a file of its own."""
    operations = {}
    for operation, body in OPERATIONS.items():
        operations[operation] = {
            "query": json.loads(body)["query"],
            "gateways": {
                name: {
                    "requests_per_second": rate(each[operation]),
                    "answer": asdict(result.answers[name][operation]),
                    "rounds": [asdict(sample) for sample in each[operation]],
                }
                for name, each in result.samples.items()
            },
        }
    told = {"connections": connections, "operations": operations, "summary": last_line(result)}
    return write("gateways", {**circumstances(cores), **told})


def circumstances(cores: Cores) -> dict[str, object]:
    """When and on what."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "cores": str(cores),
        "client": client_name(),
    }


def write(kind: str, content: object) -> Path:
    """Keep it under ``bench/results``."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{kind}.json"
    file.write_text(json.dumps(content, ensure_ascii=False, indent=2), encoding="utf-8")
    return file


def rate(runs: Sequence[Sample]) -> float:
    return median(run.load.requests_per_second for run in runs)


def _times(result: Contest, operation: str, name: str) -> str:
    if OURS not in result.samples:
        return "-"
    return f"{rate(result.samples[OURS][operation]) / rate(result.samples[name][operation]):.1f}x"


def _times_by_processor(result: Contest, operation: str, name: str) -> str:
    """The same ratio by processor time per request: what other work on the machine does not change."""
    ours, theirs = (
        [sample.processor_ms for sample in result.samples[each][operation] if sample.processor_ms]
        for each in (OURS if OURS in result.samples else name, name)
    )
    return f"{median(theirs) / median(ours):.1f}x" if ours and theirs else "-"


def _middle(values: Sequence[float | None], places: int = 1) -> str:
    known = [value for value in values if value is not None]
    return f"{median(known):.{places}f}" if known else "-"

"""``make chaos``: a world of its own, cases, kills, and the verdict. ``--help`` tells the options."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from random import SystemRandom

from tests.chaos.kills import SCHEDULES
from tests.chaos.planted import PLANTS
from tests.chaos.run import Plan, run
from tests.databases import fresh_postgresql


def main() -> int:
    plan, keep = _read()
    sys.stdout.write(
        f"CASES={plan.cases} KILLS={plan.kills} SEED={plan.seed} SCHEDULE={plan.schedule}"
        f"{f' PLANT={plan.plant}' if plan.plant else ''}\n"
    )
    for kill in plan.drawn():
        sys.stdout.write(f"  {kill}\n")
    sys.stdout.flush()
    folder = Path(tempfile.mkdtemp(prefix="jiyi-chaos-"))
    with fresh_postgresql() as url:
        report = asyncio.run(run(plan, folder, url, _say))
    sys.stdout.write(f"{report.seconds:.0f} s\n{report.text}")
    if report.holds and not keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        sys.stderr.write(f"logs and books: {folder}\n")
    return 0 if report.holds else 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _read() -> tuple[Plan, bool]:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1, 10**6))
    parser.add_argument("--schedule", choices=list(SCHEDULES), default="random")
    parser.add_argument("--plant", choices=list(PLANTS), help="a planted bug that the verdict must find")
    parser.add_argument("--patience", type=float, default=150.0, help="seconds until it is lost")
    parser.add_argument("--at-most", type=float, help="seconds until the verdict is asked, whatever is open")
    parser.add_argument("--keep", action="store_true", help="keep logs and books")
    given = parser.parse_args()
    plan = Plan(given.cases, given.kills, given.seed, given.schedule, given.plant, given.patience, given.at_most)
    return plan, given.keep


if __name__ == "__main__":
    sys.exit(main())

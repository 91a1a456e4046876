"""``make bench``: the field's public benchmark on this machine, our gateway beside those that npm has.

The last line tells how many times as many requests a second ours answers.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from bench.contest import contest
from bench.cores import find_cores, pin
from bench.gateways import GATEWAYS
from bench.measurements import MEASUREMENTS, Effort
from bench.report import circumstances, keep, last_line, print_table, write


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8, help="of load, each time")
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--gateways", nargs="+", choices=GATEWAYS, default=list(GATEWAYS), metavar="NAME")
    parser.add_argument("--operations", type=int, default=1_000_000, help="for --measure memory")
    parser.add_argument(
        "--measure", nargs="+", choices=MEASUREMENTS, default=[], metavar="NAME",
        help=f"ours alone: {', '.join(MEASUREMENTS)}",
    )  # fmt: skip
    given = parser.parse_args()
    cores = find_cores()
    if given.measure:
        effort = Effort(cores, given.rounds, given.seconds, given.connections, given.operations, say)
        for name in given.measure:
            found = asyncio.run(MEASUREMENTS[name](effort))
            say(f"kept in bench/results/{write(name, {**circumstances(cores), name: found}).name}")
        return
    pin(cores.others)
    names = list(dict.fromkeys(given.gateways))
    result = asyncio.run(contest(names, cores, given.rounds, given.seconds, given.connections, say))
    print_table(result, cores, given.connections)
    print(f"\nkept in bench/results/{keep(result, cores, given.connections).name}")
    print(last_line(result))
    if any(sample.load.errors for each in result.samples.values() for runs in each.values() for sample in runs):
        raise SystemExit("bench: some requests failed, the numbers mean nothing")


def say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()

"""``python -m bench.composition``: how long a large graph takes to compose, and to compose again after one change.

A hundred subgraphs with five thousand types of ten fields, a megabyte of SDL: entities that several subgraphs
extend, value types that they share, interfaces, enums and input types. Processor time of one core; printing
and reading the supergraph are told apart.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from schema.composition import compose
from schema.composition.supergraph_sdl import read_supergraph
from schema.subgraph import Subgraph

T = TypeVar("T")
LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n'
FIELDS = 10
SCALARS = ("String", "Int!", "Boolean", "Float", "[String!]")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.composition", description=__doc__)
    parser.add_argument("--subgraphs", type=int, default=100)
    parser.add_argument("--types", type=int, default=5000, help="type definitions in all subgraphs together")
    given = parser.parse_args()
    graph = large_graph(given.subgraphs, given.types // given.subgraphs)
    size = sum(len(each.sdl) for each in graph)
    sys.stdout.write(f"{len(graph)} subgraphs, {given.types} types, {size / 1e6:.2f} MB of SDL\n")
    sdl = _compose("first time", graph)
    changed = [*graph[:-1], Subgraph(graph[-1].name, graph[-1].sdl.replace("x0: Int", "x99: Int"), graph[-1].url)]
    _compose("one subgraph changed", changed)
    _timed(f"read the supergraph ({len(sdl) / 1e6:.2f} MB)", lambda: read_supergraph(sdl))


def large_graph(subgraphs: int, types: int) -> list[Subgraph]:
    """The same graph every time. A subgraph extends entities of the five before it and shares value types."""
    return [
        Subgraph(f"department-{index:03}", LINK + "\n".join(_types(index, types, subgraphs)), f"http://{index}/")
        for index in range(subgraphs)
    ]


def _types(index: int, types: int, subgraphs: int) -> list[str]:
    """One subgraph: two shared value types, an enum, an interface, an input, and entities: its own and others'."""
    extended = [(index - distance) % subgraphs for distance in range(1, 6)]
    own = types - 2 - 3 - len(extended)
    return [
        f"type Query {{ {' '.join(f'list{index}x{n}(f: In{index}): [E{index}x{n}!]!' for n in range(FIELDS))} }}",
        *(f"type V{n} @shareable {{ {_scalars()} }}" for n in range(2)),
        f"enum Kind{index} {{ {' '.join(f'K{n}' for n in range(FIELDS))} }}",
        f"interface I{index} {{ {_scalars()} }}",
        f"input In{index} {{ {_scalars()} }}",
        *(f"type E{index}x{n} implements I{index} {_entity(f'{_scalars()} {_edges(index, n, own)}')}"
          for n in range(own)),
        *(f"type E{other}x0 {_entity(' '.join(f'from{index}x{n}: Int' for n in range(FIELDS)))}"
          for other in extended),
    ]  # fmt: skip


def _entity(fields: str) -> str:
    return f'@key(fields: "id") {{ id: ID! {fields} }}'


def _scalars() -> str:
    return " ".join(f"f{n}: {SCALARS[n % len(SCALARS)]}" for n in range(FIELDS - 3))


def _edges(index: int, number: int, own: int) -> str:
    return f"next: E{index}x{(number + 1) % own} value: V{number % 2} kind: Kind{index}"


def _compose(what: str, graph: list[Subgraph]) -> str:
    started = time.process_time()
    composition = compose(graph)
    composed = time.process_time()
    if composition.supergraph is None:
        raise SystemExit("\n".join(map(str, composition.errors))[:2000])
    sdl = composition.supergraph.sdl
    printed = time.process_time()
    sys.stdout.write(
        f"{what}: {printed - started:.2f} s (compose {composed - started:.2f}, print {printed - composed:.2f})\n"
    )
    return sdl


def _timed(what: str, work: Callable[[], T]) -> T:
    started = time.process_time()
    done = work()
    sys.stdout.write(f"{what}: {time.process_time() - started:.2f} s\n")
    return done


if __name__ == "__main__":
    main()

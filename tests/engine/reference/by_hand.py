"""Graphs written by hand, each a file of subgraphs and operations, for what made-up graphs seldom have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from schema.composition import compose
from schema.subgraph import Subgraph
from schema.supergraph import Supergraph
from tests.engine.reference.planner import Question

FOLDER = Path(__file__).parent / "graphs"
LINK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@override", "@interfaceObject"
])
"""


@dataclass(frozen=True)
class WrittenGraph:
    """One file, composed."""

    name: str
    supergraph: Supergraph
    question: Question


def written_graphs() -> Iterator[WrittenGraph]:
    """Every graph of the folder, by name."""
    for file in sorted(FOLDER.glob("*.graphql")):
        question = read_question(file.read_text(encoding="utf-8"))
        composition = compose(Subgraph(name, sdl) for name, sdl in question.subgraphs.items())
        assert composition.supergraph, f"{file.name}: {composition.errors}"
        yield WrittenGraph(file.stem, composition.supergraph, question)


def read_question(text: str) -> Question:
    """The parts of a file: each begins with ``# subgraph: <name>`` or ``# operation``."""
    subgraphs: dict[str, str] = {}
    operations: list[str] = []
    _, *parts = re.split(r"^# (subgraph: \w+|operation)\n", text, flags=re.MULTILINE)
    for head, body in zip(parts[::2], parts[1::2], strict=True):
        if head == "operation":
            operations.append(body)
        else:
            subgraphs[head.removeprefix("subgraph: ")] = LINK + body
    return Question(subgraphs, operations)

"""The tutorial's pages, read as somebody reads them who does what they say: files to write, commands to type."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from tests.docs.links import ROOT

KINDS = ("rest", "soap", "sql", "graphql", "queue")
_STEP = re.compile(
    r"(?:Write\s+`(?P<file>[^`]+)`:\n\n)?^```(?P<language>\w+)\n(?P<body>.*?)^```", re.DOTALL | re.MULTILINE
)
_PORT = re.compile(r"\b(?:[49]10\d|8000)\b")


@dataclass(frozen=True, slots=True)
class Written:
    """A file that the reader writes."""

    name: str
    text: str

    @property
    def lines(self) -> int:
        return sum(1 for line in self.text.splitlines() if line.strip())


@dataclass(frozen=True, slots=True)
class Typed:
    """A command; continued lines are one."""

    text: str

    @property
    def stays(self) -> bool:
        """Whether it goes on in the background."""
        return self.text.endswith("&")


@dataclass(frozen=True, slots=True)
class Page:
    """One kind's page: its steps in order, and the answer with which it ends."""

    kind: str
    steps: tuple[Written | Typed, ...]
    answer: Any

    @property
    def commands(self) -> list[Typed]:
        return [step for step in self.steps if isinstance(step, Typed)]

    @property
    def files(self) -> list[Written]:
        return [step for step in self.steps if isinstance(step, Written)]

    @property
    def ports(self) -> set[str]:
        """Those that the page takes on this machine."""
        return {port for step in self.steps for port in _PORT.findall(step.text)}

    def at(self, ports: dict[str, str]) -> tuple[Written | Typed, ...]:
        """The steps with other ports, since a machine that runs tests may not have these free."""

        def moved(text: str) -> str:
            return _PORT.sub(lambda found: ports[found[0]], text)

        return tuple(
            Written(step.name, moved(step.text)) if isinstance(step, Written) else Typed(moved(step.text))
            for step in self.steps
        )


def read_page(kind: str) -> Page:
    text = (ROOT / "docs" / "tutorial" / f"{kind}.md").read_text(encoding="utf-8")
    steps: list[Written | Typed] = []
    answer: Any = None
    for found in _STEP.finditer(text):
        if found["file"]:
            steps.append(Written(found["file"], found["body"]))
        elif found["language"] == "sh":
            steps += (Typed(command) for command in _commands(found["body"]))
        elif found["language"] == "json":  # the last is what the graph answers
            answer = json.loads(found["body"])
    return Page(kind, tuple(steps), answer)


def _commands(block: str) -> list[str]:
    """A line that ends with a backslash, or within quotes, goes on in the next."""
    commands, begun = [], ""
    for line in block.splitlines():
        begun += line
        if line.endswith("\\") or begun.count("'") % 2:
            begun += "\n"
            continue
        commands.append(begun)
        begun = ""
    return [command for command in commands if command.strip()]

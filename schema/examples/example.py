"""One example of a composition code: the smallest graph that raises it, and the same graph mended.

Written as one text, ``# name`` before each subgraph. What a subgraph imports of Federation is added from the
directives that it uses, so that each example is complete and can be composed as it is printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from schema.subgraph import Subgraph

_FEDERATION = (
    "authenticated", "composeDirective", "context", "cost", "extends", "external", "fromContext", "inaccessible",
    "interfaceObject", "key", "listSize", "override", "policy", "provides", "requires", "requiresScopes",
    "shareable", "tag",
)  # fmt: skip
_HEADING = re.compile(r"^# ([\w-]+)( \(federation 1\))?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """``mends`` are replacements, old text and new, that make ``wrong`` right."""

    wrong: str
    mends: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, wrong: str, *mends: tuple[str, str]) -> Example:
        return cls(_complete(wrong), mends)

    @property
    def right(self) -> str:
        text = self.wrong
        for old, new in self.mends:
            text = text.replace(old, new)
        return _complete(text)

    def __str__(self) -> str:
        return f"Raised by:\n\n{_indented(self.wrong)}\n\nRight:\n\n{_indented(self.right)}"


def subgraphs_of(text: str) -> tuple[Subgraph, ...]:
    """The subgraphs of an example's text."""
    return tuple(Subgraph(name, sdl, f"http://{name}.test/graphql") for name, _old, sdl in _parts(text))


def _parts(text: str) -> list[tuple[str, bool, str]]:
    found = list(_HEADING.finditer(text))
    ends = [*(heading.start() for heading in found[1:]), len(text)]
    return [
        (heading[1], heading[2] is not None, text[heading.end() : end].strip() + "\n")
        for heading, end in zip(found, ends, strict=True)
    ]


def _complete(text: str) -> str:
    """Every part with its link as it must be for what it uses."""
    return "\n".join(_part(*part) for part in _parts(text)).strip()


def _part(name: str, is_old: bool, sdl: str) -> str:
    if is_old:
        return f"# {name} (federation 1)\n{sdl}"
    body = re.sub(r"\Aextend schema @link\(url: \S+/federation/v2\.9\", import: \[[^\]]*\]\)\n", "", sdl)
    used = [f'"@{each}"' for each in _FEDERATION if re.search(rf"@{each}\b", body)]
    if "federation/" not in body and '@link(url: "https://specs.apollo.dev/link' not in body:
        link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9"'
        body = f"{link}, import: [{', '.join(used)}])\n{body}"
    return f"# {name}\n{body}"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())

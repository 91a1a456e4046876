"""One thing that a schema could say better."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from graphql import Node

from schema.errors import Location


class Severity(StrEnum):
    """WARNING: somebody will stumble over it. INFO: somebody may wonder. Neither refuses anything."""

    WARNING = "WARNING"
    INFO = "INFO"


@dataclass(frozen=True, slots=True)
class LintFinding:
    """``path`` is a schema coordinate; ``message`` names the thing and the mend."""

    code: str
    severity: Severity
    path: str
    message: str
    location: Location | None = None

    def __str__(self) -> str:
        return f"{self.code} {self.path}: {self.message}"


def place(subgraph: str, node: Node | None) -> Location | None:
    """Where its name is written: a description stands before it."""
    named: Node | None = getattr(node, "name", node)
    token = named.loc.start_token if named is not None and named.loc is not None else None
    return Location(subgraph, token.line, token.column) if token is not None else None

"""The methods of the mapping language and how many arguments each takes.

What they do is ``connectors.mapping.methods``. Source: the public Apollo Connectors convention, "Methods".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MethodRule:
    """``shape`` tells what a method's value looks like: the input's own, its first argument's, one of the pairs'
    seconds (``match``), or a value without fields."""

    fewest: int
    most: int | None
    shape: str = "leaf"

    def accepts(self, count: int) -> bool:
        return self.fewest <= count and (self.most is None or count <= self.most)

    def __str__(self) -> str:
        if self.most is None:
            return f"at least {self.fewest} arguments"
        if self.fewest == self.most:
            return "no arguments" if self.most == 0 else f"{self.most} argument{'s' if self.most > 1 else ''}"
        return f"{self.fewest} to {self.most} arguments"


METHODS: dict[str, MethodRule] = {
    "as": MethodRule(1, 2, "input"),
    "echo": MethodRule(1, 1, "argument"),
    "map": MethodRule(1, 1, "argument"),
    "match": MethodRule(1, None, "pairs"),
    "first": MethodRule(0, 0, "input"),
    "last": MethodRule(0, 0, "input"),
    "slice": MethodRule(0, 2, "input"),
    "filter": MethodRule(1, 1, "input"),
    "find": MethodRule(1, 1, "input"),
    "get": MethodRule(1, 1, "unknown"),
    "entries": MethodRule(0, 0, "unknown"),
    "keysToCamelCase": MethodRule(0, 0, "unknown"),
    "keysToCamelCaseDeep": MethodRule(0, 0, "unknown"),
    "jsonParse": MethodRule(0, 0, "unknown"),
    "size": MethodRule(0, 0),
    "jsonStringify": MethodRule(0, 0),
    "joinNotNull": MethodRule(1, 1),
    "split": MethodRule(1, 2),
    "trim": MethodRule(0, 0),
    "trimStart": MethodRule(0, 0),
    "trimEnd": MethodRule(0, 0),
    "toString": MethodRule(0, 0),
    "parseInt": MethodRule(0, 1),
    "eq": MethodRule(1, 1),
    "ne": MethodRule(1, 1),
    "gt": MethodRule(1, 1),
    "gte": MethodRule(1, 1),
    "lt": MethodRule(1, 1),
    "lte": MethodRule(1, 1),
    "and": MethodRule(1, None),
    "or": MethodRule(1, None),
    "not": MethodRule(0, 0),
    "in": MethodRule(1, 1),
    "contains": MethodRule(1, 1),
    "add": MethodRule(1, None),
    "sub": MethodRule(1, None),
    "mul": MethodRule(1, None),
    "div": MethodRule(1, None),
    "mod": MethodRule(1, None),
}

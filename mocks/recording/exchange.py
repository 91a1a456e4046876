"""One request and its answer, as a line of a recording."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from graphql import GraphQLError, parse, print_ast

from mocks.structured import UnreadableFile

_HEAD = {"jiyi-recording": 1}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. ``body`` is JSON, or text where it is none, or ``None``."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None

    @property
    def is_graphql(self) -> bool:
        return isinstance(self.body, dict) and isinstance(self.body.get("query"), str)

    @property
    def key(self) -> str:
        """The same for requests that mean the same: whitespace in GraphQL, order of members do not count."""
        body = self.body
        if self.is_graphql:
            body = {
                "query": plain_operation(body["query"]),
                "variables": body.get("variables") or {},
                "operationName": body.get("operationName") or None,
            }
        return json.dumps([self.method, self.path, sorted(self.query), body], sort_keys=True, ensure_ascii=False)

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.query)
        address = f"{self.method} {self.path}{f'?{query}' if query else ''}"
        if self.is_graphql:
            variables = json.dumps(self.body.get("variables") or {}, ensure_ascii=False)
            return f"{address} {' '.join(plain_operation(self.body['query']).split())} {variables}"
        return address if self.body is None else f"{address} {json.dumps(self.body, ensure_ascii=False)}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked and what was answered; of the headers only the kind of content is kept."""

    asked: Asked
    status: int
    content_type: str
    body: Any = None
    is_json: bool = field(default=True)


def plain_operation(text: str) -> str:
    """An operation as graphql-core prints it."""
    try:
        return print_ast(parse(text))
    except GraphQLError:
        return text


def line_of(exchange: Exchange) -> str:
    return json.dumps(asdict(exchange), ensure_ascii=False)


def head_line(target: str) -> str:
    """The first line: what the file is."""
    return json.dumps({**_HEAD, "target": target}, ensure_ascii=False)


def read_recording(path: Path) -> Iterator[Exchange]:
    """Raises :class:`UnreadableFile`, which names the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{path}: {error}") from error
    if not lines or "jiyi-recording" not in lines[0]:
        raise UnreadableFile(f"{path} is no recording. Make one with jiyi mock record.")
    for number, line in enumerate(lines[1:], 2):
        try:
            found = json.loads(line)
            asked = found.pop("asked")
            asked["query"] = tuple((name, value) for name, value in asked["query"])
            yield Exchange(Asked(**asked), **found)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UnreadableFile(f"{path}: line {number} is no exchange: {error}") from error

"""Ask a graph, in a test's words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_jiyi.http import send, stream


@dataclass(frozen=True)
class Answer:
    """A GraphQL answer. ``data`` is ``None`` where there is none."""

    status: int
    data: Any = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    extensions: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GraphClient:
    """A client of one graph."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def query(self, text: str, **variables: Any) -> Answer:
        """The whole answer to an operation, a mutation too."""
        status, body = send(self.url, "POST", {"query": text, "variables": variables}, self.headers)
        assert isinstance(body, dict), f"{self.url} answered {status} with what is no GraphQL answer: {body}"
        return Answer(status, body.get("data"), body.get("errors") or [], body.get("extensions") or {})

    def data(self, text: str, **variables: Any) -> Any:
        """The data of an answer that must have no errors."""
        answer = self.query(text, **variables)
        assert not answer.errors, json.dumps(answer.errors, ensure_ascii=False, indent=2)
        return answer.data

    def events(self, text: str, **variables: Any) -> Iterator[Answer]:
        """The events of a subscription as they come. Leave the loop when you have seen enough."""
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream", **self.headers}
        with stream(self.url, {"query": text, "variables": variables}, headers) as answer:
            name = ""
            for raw in answer:
                line = raw.decode().rstrip("\n")
                if line.startswith("event:"):
                    name = line[6:].strip()
                elif line.startswith("data:") and name == "next":
                    body = json.loads(line[5:])
                    yield Answer(200, body.get("data"), body.get("errors") or [], body.get("extensions") or {})
                if name == "complete":
                    return

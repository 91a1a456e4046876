"""What is noted of one request to a department while it is made, and how it is told.

The notes of a task are found by a context variable, so that nothing of what is watched knows of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from connectors.connector import JSON
from connectors.http_message import HttpAnswer, HttpRequest
from connectors.sql.database import Query, Row
from hub.workbench.masking import Mask

_EXCERPT = 2_000


@dataclass(slots=True)
class CallNote:
    """One request and its answer. ``place`` is the coordinate it was made for; ``missing`` are paths of its
    mapping that found nothing, ``wrong`` values that the schema forbids. ``outcome`` is "ok", or the code and
    message of what went wrong."""

    place: str
    started_ms: float = 0.0
    request: HttpRequest | Query | None = None
    answer: HttpAnswer | list[Row] | None = None
    is_mapped: bool = False
    mapped: JSON = None
    missing: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    outcome: str = "ok"
    took_ms: float = 0.0

    @property
    def findings(self) -> tuple[str, ...]:
        """What is odd about how the answer was mapped."""
        return (*self.missing, *self.wrong)

    @property
    def size_bytes(self) -> int:
        """Of the answer's body, as it was read."""
        return len(self.answer.body) if isinstance(self.answer, HttpAnswer) else 0

    def line(self, mask: Mask) -> str:
        """On the terminal."""
        odd = f"  {len(self.findings)} to look at" if self.findings else ""
        ended = f"  {self.outcome}" if self.outcome != "ok" else ""
        to = f" → {self.place}: {summary(self.mapped)}" if self.is_mapped else f" → {self.place}"
        return mask.text(f"{self.took_ms:7.1f} ms  {self._request_line()}  {self._answer_line()}{to}{odd}{ended}")

    def as_json(self, mask: Mask) -> dict[str, Any]:
        """In ``extensions.jiyi.requests``."""
        told: dict[str, Any] = {
            "for": self.place,
            "startedMs": round(self.started_ms, 1),
            "tookMs": round(self.took_ms, 1),
            "outcome": mask.text(self.outcome),
            "request": self._request_json(mask),
            "answer": self._answer_json(mask),
        }
        if self.is_mapped:
            told["mapped"] = mask.value(excerpt(self.mapped))
        if self.findings:
            told["findings"] = [mask.text(each) for each in self.findings]
        return told

    def _request_line(self) -> str:
        match self.request:
            case HttpRequest(method, url):
                return f"{method} {url}"
            case Query(text, values):
                return f"{' '.join(text.split())}  [{', '.join(values)}]"
            case _:
                return "nothing sent"

    def _answer_line(self) -> str:
        match self.answer:
            case HttpAnswer() as answer:
                return f"{answer.status} {len(answer.body)} B"
            case list() as rows:
                return f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}"
            case _:
                return "no answer"

    def _request_json(self, mask: Mask) -> dict[str, Any] | None:
        match self.request:
            case HttpRequest(method, url, headers, body):
                sent = {"method": method, "url": mask.text(url), "headers": mask.headers(headers)}
                return sent if body is None else {**sent, "body": mask.text(_text(body))}
            case Query(text, values):
                # Values are personal data as often as not: how many there are, and under what names, is enough.
                return {"statement": text, "parameters": list(values), "count": len(values)}
            case _:
                return None

    def _answer_json(self, mask: Mask) -> dict[str, Any] | None:
        match self.answer:
            case HttpAnswer(status, headers, body):
                return {"status": status, "headers": mask.headers(headers), "body": mask.text(_text(body))}
            case list() as rows:
                columns = list(rows[0]) if rows else []
                return {"rows": len(rows), "columns": columns, "excerpt": mask.value(excerpt(rows))}
            case _:
                return None


@dataclass(slots=True)
class Trace:
    """Everything that was asked for one operation, in the order in which it began."""

    began: float = field(default_factory=perf_counter)
    calls: list[CallNote] = field(default_factory=list)

    @property
    def age_ms(self) -> float:
        return (perf_counter() - self.began) * 1000

    def begin(self, place: str) -> CallNote:
        note = CallNote(place, self.age_ms)
        self.calls.append(note)
        return note

    def end(self, note: CallNote) -> None:
        note.took_ms = self.age_ms - note.started_ms


current_trace: ContextVar[Trace | None] = ContextVar("current_trace", default=None)
current_call: ContextVar[CallNote | None] = ContextVar("current_call", default=None)


def summary(value: JSON) -> str:
    """A mapped value in a word or two."""
    match value:
        case None:
            return "null"
        case list():
            return f"{len(value)} {'value' if len(value) == 1 else 'values'}"
        case Mapping():
            return "an object"
        case _:
            return "a value"


def excerpt(value: JSON, depth: int = 6) -> JSON:
    """The beginning of a value: lists end after three elements, texts after two hundred characters."""
    match value:
        case list():
            more = [f"… {len(value) - 3} more"] if len(value) > 3 else []
            return [*(excerpt(each, depth - 1) for each in value[:3]), *more] if depth else "…"
        case Mapping():
            return {name: excerpt(each, depth - 1) for name, each in value.items()} if depth else "…"
        case str() if len(value) > 200:
            return f"{value[:200]}…"
        case _:
            return value


def _text(body: bytes) -> str:
    text = body[:_EXCERPT].decode("utf-8", "replace")
    return text if len(body) <= _EXCERPT else f"{text}… {len(body) - _EXCERPT} bytes more"

"""One fault as a value, and how it is written in JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from mocks.faults.delays import NO_DELAY, Delay, WrongDelay, read_delay
from mocks.refusal import Refused

ANSWERS: Mapping[str, str] = {
    "drip": "one byte after the other, dripMs apart",
    "drop": "the connection is closed without an answer",
    "garbage": "200 and no JSON",
    "hang": "nothing, not even a status",
    "hang-body": "half of the body, then nothing",
    "html": "200 and a page, as a proxy in between gives",
    "huge-body": "hugeBytes of body",
    "partial": "some fields null, with errors (GraphQL); some members null (REST)",
    "reset": "the connection is reset",
    "truncated-gzip": "a gzip stream that breaks off",
    "wrong-content-type": "the right body, called text/plain",
    "wrong-types": "values of another type",
}
"""What may stand in ``answer``."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong. ``times`` is how many requests it still hits, ``None`` is until it is taken away.

    ``rate`` of all requests are hit; where ``upSeconds`` and ``downSeconds`` are given, only while it is down.
    ``offlineSeconds`` refuses connections at once, and ends by itself. ``path`` hits only requests below it,
    ``fields`` only fields of these coordinates (``answer: partial``), else ``fieldRate`` of all.
    ``duplicateEvents`` hits no request: every event that the department sends meanwhile is sent twice. The
    replies are those on a queue.
    """

    delayMs: Delay = NO_DELAY  # noqa: N815  the names are the door's
    status: int = 0
    answer: str = ""
    rate: float = 1.0
    upSeconds: float = 0.0  # noqa: N815
    downSeconds: float = 0.0  # noqa: N815
    offlineSeconds: float = 0.0  # noqa: N815
    path: str = ""
    fields: tuple[str, ...] = ()
    fieldRate: float = 0.2  # noqa: N815
    dripMs: int = 100  # noqa: N815
    hugeBytes: int = 10_000_000_000  # noqa: N815
    garbage: bool = False
    dropConnections: bool = False  # noqa: N815
    duplicateEvents: bool = False  # noqa: N815
    duplicateReplies: bool = False  # noqa: N815
    reorderReplies: bool = False  # noqa: N815
    loseReplies: bool = False  # noqa: N815
    times: int | None = None

    @property
    def kind(self) -> str:
        """What stands in ``answer``, by its older names too."""
        return self.answer or ("garbage" if self.garbage else "drop" if self.dropConnections else "")

    def hits_path(self, path: str) -> bool:
        return not self.path or path == self.path or path.startswith(self.path.rstrip("/") + "/")

    def told(self) -> dict[str, Any]:
        """As the door shows it."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**values, "delayMs": self.delayMs.told(), "fields": list(self.fields)}


NOTHING = Fault()


def _number(low: float, high: float | None = None) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and value >= low and (high is None or value <= high)

    return fits


def _whole(low: int, high: int | None = None) -> Callable[[Any], bool]:
    fits = _number(low, high)
    return lambda value: isinstance(value, int) and fits(value)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


_RULES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "status": (lambda value: value == 0 or _whole(100, 599)(value), "a status, 100 to 599"),
    "answer": (lambda value: isinstance(value, str) and value in ANSWERS, f"one of {', '.join(ANSWERS)}"),
    "rate": (_number(0, 1), "a number from 0 to 1"),
    "fieldRate": (_number(0, 1), "a number from 0 to 1"),
    "upSeconds": (_number(0), "a number of seconds"),
    "downSeconds": (_number(0), "a number of seconds"),
    "offlineSeconds": (_number(0, 3600), "a number of seconds, at most 3600"),
    "path": (lambda value: isinstance(value, str) and value.startswith("/"), "a path that begins with /"),
    "fields": (
        lambda value: isinstance(value, list) and all(isinstance(each, str) and "." in each for each in value),
        "a list of Type.field",
    ),
    "dripMs": (_whole(0), "a whole number of type int, of milliseconds"),
    "hugeBytes": (_whole(1), "a whole number of type int, of bytes"),
    "times": (_whole(1), "a whole number of type int, from 1"),
}


def read_fault(body: Mapping[str, Any]) -> Fault:
    """A fault from its JSON. Raises :class:`Refused` for a name or value it does not have."""
    if not isinstance(body, Mapping):
        raise Refused(400, "NOT_AN_OBJECT", "A fault is an object.")
    known = [each.name for each in fields(Fault)]
    values: dict[str, Any] = {}
    for name, value in body.items():
        if name not in known:
            raise Refused(400, "UNKNOWN_FAULT", f'No fault "{name}". There are: {", ".join(known)}.')
        if name == "delayMs":
            try:
                values[name] = read_delay(value)
            except WrongDelay as error:
                raise Refused(400, "WRONG_FAULT", str(error)) from error
            continue
        fits, what = _RULES.get(name, (_is_bool, "of type bool"))
        if not fits(value):
            raise Refused(400, "WRONG_FAULT", f'"{name}" must be {what}.')
        values[name] = tuple(value) if isinstance(value, list) else value
    if bool(values.get("upSeconds")) != bool(values.get("downSeconds")):
        raise Refused(400, "WRONG_FAULT", "Flapping needs both upSeconds and downSeconds.")
    return Fault(**values)


def read_short_fault(text: str) -> Fault:
    """A fault of the header ``Jiyi-Fault``: JSON, or one word of :data:`ANSWERS`, or ``status=503``.

    Raises :class:`Refused`."""
    bare = text.strip()
    if bare in ANSWERS:
        return Fault(answer=bare)
    name, _, value = bare.partition("=")
    if value and not bare.startswith("{"):
        return read_fault({name.strip(): int(value) if value.strip().isdigit() else value.strip()})
    try:
        return read_fault(json.loads(bare))
    except ValueError as error:
        words = ", ".join(ANSWERS)
        raise Refused(400, "WRONG_FAULT", f'"{bare}" is no fault: JSON, status=503, or one of {words}.') from error

"""A Message on the wire: CloudEvents 1.0, JSON format, structured mode.

Reading is strict and collects every mistake, because events come from departments' own programs:
the answer must tell their authors all that is to be mended. What our envelope adds travels in
extension attributes (``partitionkey``, ``correlationid``, ``replyto``, ``expirytime``, ``traceparent``).
Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from connectors.broker import Message

MEDIA_TYPE = "application/cloudevents+json"
BATCH_MEDIA_TYPE = "application/cloudevents-batch+json"

_OURS = {
    "partitionkey": "partition_key",
    "correlationid": "correlation_id",
    "replyto": "reply_to",
    "expirytime": "expires_at",
    "traceparent": "traceparent",
}
_CORE = frozenset({"specversion", "id", "type", "source", "time", "subject", "datacontenttype", "data"})
_ATTRIBUTE_NAME = re.compile(r"[a-z0-9]{1,64}\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\Z")
_JSON_MEDIA_TYPE = re.compile(r"application/([\w.+-]+\+)?json\s*(;.*)?\Z", re.IGNORECASE)
_REQUIRED = ("id", "source", "type")
_MAX_TEXT = 1024


class InvalidCloudEvent(ValueError):
    """The value is no CloudEvent that this system takes. ``problems`` lists every reason with its mend."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def encode_event(message: Message) -> bytes:
    """The message as one JSON document, its media type is :data:`MEDIA_TYPE`."""
    return msgspec.json.encode(event_to_json(message))


def decode_event(body: bytes, *, received_at: datetime | None = None) -> Message:
    """Read one JSON document. Raises :class:`InvalidCloudEvent`."""
    return event_from_json(_decoded(body), received_at=received_at)


def join_events(events: Sequence[bytes]) -> bytes:
    """Encoded events as one JSON document in batched mode, its media type is :data:`BATCH_MEDIA_TYPE`."""
    return b"[" + b",".join(events) + b"]"


def decode_events(body: bytes, *, received_at: datetime | None = None) -> tuple[Message, ...]:
    """Read a JSON document in batched mode. Raises :class:`InvalidCloudEvent`, for one as for all."""
    value = _decoded(body)
    if not isinstance(value, list):
        raise InvalidCloudEvent(("A batch is a JSON array of events.",))
    return tuple(event_from_json(each, received_at=received_at) for each in value)


def event_to_json(message: Message) -> dict[str, Any]:
    """The message as a JSON object; absent attributes are left out."""
    event: dict[str, Any] = dict(message.extensions)
    event |= {
        "specversion": "1.0",
        "id": message.id,
        "type": message.type,
        "source": message.source,
        "time": _print_time(message.time),
    }
    optional = {
        "subject": message.subject,
        "partitionkey": message.partition_key or None,
        "correlationid": message.correlation_id,
        "replyto": message.reply_to,
        "expirytime": _print_time(message.expires_at) if message.expires_at else None,
        "traceparent": message.traceparent,
    }
    event |= {name: value for name, value in optional.items() if value is not None}
    if message.data is not None:
        event |= {"datacontenttype": "application/json", "data": message.data}
    return event


def event_from_json(value: Any, *, received_at: datetime | None = None) -> Message:
    """Read a JSON object. ``received_at`` stands in for a missing ``time``, which is optional outside.

    Raises :class:`InvalidCloudEvent` with all problems at once.
    """
    if not isinstance(value, dict):
        raise InvalidCloudEvent(("A CloudEvent is a JSON object. Send one event, not a batch.",))
    problems = [*_envelope_problems(value), *_attribute_problems(value)]
    if "time" not in value and received_at is None:
        problems.append('Attribute "time" is missing. Send when it happened, as RFC 3339 with a zone.')
    if problems:
        raise InvalidCloudEvent(tuple(problems))
    ours = {field: value.get(name) for name, field in _OURS.items()}
    return Message(
        id=value["id"],
        type=value["type"],
        source=value["source"],
        time=_read_time(value["time"]) if "time" in value else received_at,  # type: ignore[arg-type] # checked above
        data=value.get("data"),
        subject=value.get("subject"),
        partition_key=ours["partition_key"] or "",
        correlation_id=ours["correlation_id"],
        reply_to=ours["reply_to"],
        expires_at=_read_time(ours["expires_at"]) if ours["expires_at"] else None,
        traceparent=ours["traceparent"],
        extensions=_extensions(value),
    )


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidCloudEvent((f"The body is not JSON: {error}.",)) from error


def _envelope_problems(event: dict[str, Any]) -> list[str]:
    problems = []
    if event.get("specversion") != "1.0":
        problems.append('Attribute "specversion" must be "1.0".')
    problems += [
        f'Attribute "{name}" must be a string that is not empty.'
        for name in _REQUIRED
        if not _is_text(event.get(name))
    ]
    if "data_base64" in event:
        problems.append('Attribute "data_base64" is not taken. Send JSON in "data".')
    media_type = event.get("datacontenttype", "application/json")
    if not isinstance(media_type, str) or not _JSON_MEDIA_TYPE.match(media_type):
        problems.append('Attribute "datacontenttype" must be "application/json".')
    return problems


def _attribute_problems(event: dict[str, Any]) -> list[str]:
    problems = []
    for name, value in event.items():
        if name in ("data", "data_base64", "datacontenttype", "specversion", *_REQUIRED):
            continue
        if not _ATTRIBUTE_NAME.match(name):
            problems.append(f'Attribute name "{name[:64]}" is not allowed. Use a-z and 0-9 only.')
        elif name in ("time", "expirytime"):
            if _read_time(value) is None:
                problems.append(f'Attribute "{name}" must be an RFC 3339 time with a zone.')
        elif name in ("subject", *_OURS):
            if not _is_text(value):
                problems.append(f'Attribute "{name}" must be a string that is not empty.')
        elif not isinstance(value, str | bool | int) or len(str(value)) > _MAX_TEXT:
            problems.append(
                f'Attribute "{name}" must be a string, an integer or a boolean. Put the rest in "data".'
            )
    return problems


def _extensions(event: dict[str, Any]) -> dict[str, str]:
    """Strangers' attributes in canonical string form (CloudEvents 1.0, type system)."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in event.items()
        if name not in _CORE and name not in _OURS
    }


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _MAX_TEXT and value.isprintable()


def _read_time(value: Any) -> datetime | None:
    if not isinstance(value, str) or not _TIME.match(value):
        return None
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _print_time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")

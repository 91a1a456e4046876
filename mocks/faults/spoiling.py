"""Spoil an answer: its JSON, its stream, its shape on the wire."""

from __future__ import annotations

import gzip
import json
from random import Random
from typing import Any

PAGE = (
    b"<!DOCTYPE html><html><head><title>Service temporarily unavailable</title></head>"
    b"<body><h1>Please sign in to the network</h1></body></html>"
)


def with_wrong_types(body: bytes, random: Random) -> bytes:
    """The JSON with about a fifth of its values (at least one) of another type."""
    return _changed(body, random, _other_type)


def with_nulls(body: bytes, random: Random) -> bytes:
    """The JSON with about a fifth of its values (at least one) null."""
    return _changed(body, random, lambda _value: None)


def _changed(body: bytes, random: Random, change: Any) -> bytes:
    try:
        value = json.loads(body)
    except ValueError:
        return body
    at = value["data"] if isinstance(value, dict) and isinstance(value.get("data"), dict) else value
    places = list(_leaves(at))
    if places:
        for holder, name in random.sample(places, max(1, len(places) // 5)):
            holder[name] = change(holder[name])
    return json.dumps(value, ensure_ascii=False).encode()


def _leaves(value: Any) -> Any:
    """Each place of a value that is no list and no object, as its holder and its name or index there."""
    pairs: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in list(pairs):
        if isinstance(inner, dict | list):
            yield from _leaves(inner)
        elif name != "__typename":
            yield value, name


def _other_type(value: Any) -> Any:
    if isinstance(value, str):
        return {"unexpected": value}
    return [value] if isinstance(value, bool) else "not a number" if isinstance(value, int | float) else 0


def truncated_gzip(body: bytes) -> bytes:
    """A gzip stream without its end."""
    # Stored, not deflated: small bodies would leave nothing to cut.
    packed = gzip.compress(body, compresslevel=0)
    return packed[: max(12, len(packed) * 2 // 3)]

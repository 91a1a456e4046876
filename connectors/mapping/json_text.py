"""A value as JSON that stands inside a text: without spaces, numbers in their shortest form (``1e21``)."""

from __future__ import annotations

import json

import msgspec

from connectors.connector import JSON


def json_text(value: JSON) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except ValueError:
        # Half a character, as JSON's escapes may have it, is no UTF-8.
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

"""HTTP with nothing but the standard library, past any proxy of the surroundings."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
SECONDS = 60.0


def send(
    url: str, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Any]:
    """Status, and the JSON of the answer (its text where it is none)."""
    data = None if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
    request = urllib.request.Request(url, data, sent, method=method)
    try:
        with _OPENER.open(request, timeout=SECONDS) as answer:
            return answer.status, _read(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, _read(error.read())


def stream(url: str, body: Any, headers: Mapping[str, str]) -> Any:
    """The open answer to a POST, to be read line by line."""
    request = urllib.request.Request(url, json.dumps(body).encode(), dict(headers), method="POST")
    return _OPENER.open(request, timeout=SECONDS)


def _read(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode("utf-8", "replace")

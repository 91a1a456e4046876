"""The doors that everybody has: the graph, the broker's management, departments' files, clients' books."""

from __future__ import annotations

import base64
import json
import sqlite3
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def lines(path: str) -> Iterator[dict[str, Any]]:
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def rows(path: str, statement: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def chunks(elements: list[str], size: int) -> Iterable[list[str]]:
    return (elements[begin : begin + size] for begin in range(0, len(elements), size))


_tokens: dict[str, tuple[str, float]] = {}


def ask(facts: dict[str, Any], hub: str, query: str) -> dict[str, Any]:
    """The data of an answer without errors, as an operator. Raises ``RuntimeError`` after some tries."""
    problem: object = None
    for _ in range(60):
        try:
            headers = {"Authorization": f"Bearer {token(facts, hub)}", "Content-Type": "application/json"}
            answer = http(f"{hub}/graphql", json.dumps({"query": query}).encode(), headers)
        except (OSError, ValueError) as error:
            problem = error
        else:
            if not answer.get("errors"):
                data: dict[str, Any] = answer["data"]
                return data
            problem = answer["errors"]
        time.sleep(1)
    raise RuntimeError(f"{hub} does not answer {query[:80]}: {problem}")


def token(facts: dict[str, Any], hub: str) -> str:
    kept, until = _tokens.get(hub, ("", 0.0))
    if time.monotonic() > until:
        secret = base64.b64encode(f"operator-cli:{facts['operator_secret']}".encode()).decode()
        body = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
        kept = http(f"{hub}/oauth/token", body, {"Authorization": f"Basic {secret}"})["access_token"]
        _tokens[hub] = kept, time.monotonic() + 300
    return kept


def http(url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
    parts = urllib.parse.urlsplit(url)
    headers = dict(headers or {})
    if parts.username:
        credentials = base64.b64encode(f"{parts.username}:{parts.password}".encode()).decode()
        headers["Authorization"] = f"Basic {credentials}"
        url = parts._replace(netloc=f"{parts.hostname}:{parts.port}").geturl()
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return json.load(error)

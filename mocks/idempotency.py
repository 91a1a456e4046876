"""``Idempotency-Key``: one key, one effect, and the same answer however often it is asked.

Source: the IETF draft "The Idempotency-Key HTTP Header Field".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mocks.refusal import Refused
from mocks.store import Store

IDEMPOTENCY_TABLE = """
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, answer TEXT NOT NULL);
"""

Effect = Callable[[], tuple[int, dict[str, Any]]]


def once(store: Store, request: Request, body: dict[str, Any], effect: Effect) -> Response:
    """Run ``effect`` and keep its answer in one transaction, or give the answer kept under this key.

    A refusal is not kept: the request had no effect. Raises :class:`Refused` when the key came before with
    another request.
    """
    key = request.headers.get("idempotency-key")
    status, answer, is_replayed = answer_once(store, key, request.url.path, body, effect)
    return JSONResponse(answer, status, headers={"Idempotent-Replayed": "true"} if is_replayed else None)


def answer_once(
    store: Store, key: str | None, what: str, body: dict[str, Any], effect: Effect
) -> tuple[int, dict[str, Any], bool]:
    """Status, answer, and whether it was kept from before. Raises :class:`Refused` as above."""
    with store.transaction():
        if key is None:
            return *effect(), False
        fingerprint = hashlib.sha256(f"{what} {json.dumps(body, sort_keys=True)}".encode()).hexdigest()
        kept = store.row("SELECT * FROM idempotency WHERE key = ?", key)
        if kept is None:
            status, answer = effect()
            store.execute(
                "INSERT INTO idempotency VALUES (?, ?, ?, ?)", key, fingerprint, status, json.dumps(answer)
            )
            return status, answer, False
    if kept["fingerprint"] != fingerprint:
        raise Refused(422, "KEY_REUSED", "This Idempotency-Key came before with another request. Use a new one.")
    return kept["status"], json.loads(kept["answer"]), True

"""Gateways that carry messages to phones and mailboxes: several in one process, each at a path of its own.

``POST /{gateway}/messages`` takes one message for one key, ``GET /{gateway}/messages/{key}`` says how it is, and a
signed receipt tells that it arrived, always twice. ``POST /{gateway}/__mood`` makes one worse until ``DELETE``:
``down`` (503, nothing taken), ``refuses`` (422), ``slowSeconds`` (taken, answered late), ``loses`` (taken and
forgotten), ``fails`` (it does not arrive), ``copies`` of receipts (0: silent), ``lateSeconds``, ``forged`` (beside
the true receipt one that is signed with another secret). ``/`` shows phones and mailboxes. The shared secret is
the environment's ``MESSENGER_SECRET``.
"""

from __future__ import annotations

import asyncio
import html
import json
import os
import time
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from mocks.delivery import DELIVERY_TABLE, Outbox
from mocks.refusal import Refused, read_object, text_of
from mocks.serving import Department, Options, serve
from mocks.signature import signature

MESSAGE_TABLE = """
CREATE TABLE IF NOT EXISTS message (
    gateway TEXT NOT NULL, key TEXT NOT NULL, receiver TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
    link TEXT NOT NULL, state TEXT NOT NULL, taken_at REAL NOT NULL, times INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (gateway, key));
"""
HEADER = "Jiyi-Signature"
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Mood:
    """How one gateway behaves; by default rightly, with its receipt twice."""

    down: bool = False
    refuses: bool = False
    slowSeconds: float = 0.0  # noqa: N815  as it is written in JSON
    loses: bool = False
    fails: bool = False
    copies: int = 2
    lateSeconds: float = 0.0  # noqa: N815
    forged: bool = False


class Messengers:
    """The doors of all gateways over one store."""

    def __init__(self, options: Options, secret: bytes) -> None:
        self.store = options.open_store(MESSAGE_TABLE + DELIVERY_TABLE)
        self._secret = secret
        self._moods: dict[str, Mood] = {}
        self.outbox = Outbox(self.store, self._headers)

    async def take(self, request: Request) -> Response:
        gateway, body = request.path_params["gateway"], await read_object(request)
        mood, key = self._mood(gateway), text_of(body, "key")
        if mood.down:
            raise Refused(503, "DOWN", "The gateway takes nothing now.")
        if mood.refuses:
            raise Refused(422, "NO_SUCH_RECEIVER", "This address takes nothing.")
        if not mood.loses:
            self._keep(gateway, key, body, mood)
        if mood.slowSeconds:
            await asyncio.sleep(mood.slowSeconds)
        return JSONResponse({"key": key, "state": "under-way"}, 202)

    async def show(self, request: Request) -> Response:
        gateway, key = request.path_params["gateway"], request.path_params["key"]
        if self._mood(gateway).down:
            raise Refused(503, "DOWN", "The gateway answers nothing now.")
        row = self.store.row("SELECT * FROM message WHERE gateway = ? AND key = ?", gateway, key)
        if row is None:
            raise Refused(404, "NOT_FOUND", "No message has this key.")
        return JSONResponse(_said(row))

    async def mood(self, request: Request) -> Response:
        gateway = request.path_params["gateway"]
        if request.method == "DELETE":
            self._moods.pop(gateway, None)
        elif request.method == "POST":
            self._moods[gateway] = _read_mood(await read_object(request))
        return JSONResponse(asdict(self._mood(gateway)))

    async def page(self, _request: Request) -> Response:
        rows = self.store.rows("SELECT * FROM message ORDER BY taken_at DESC LIMIT ?", SHOWN)
        items = "".join(
            f"<li><p><b>{html.escape(row['receiver'])}</b> ({html.escape(row['gateway'])})</p>"
            f"<p>{html.escape(row['body'])}</p></li>"
            for row in rows
            if len(row["receiver"]) < 255
        )
        content = f"<!doctype html><html lang=zh-CN><title>短信与邮件</title><h1>短信与邮件</h1><ul>{items}</ul>"
        return HTMLResponse(content, headers={"Content-Security-Policy": "default-src 'none'"})

    def records(self) -> dict[str, Any]:
        """What arrived; ``times`` is how often it was given."""
        rows = self.store.rows("SELECT * FROM message ORDER BY taken_at, key")
        shown = [
            {
                "gateway": row["gateway"],
                "key": row["key"],
                "to": row["receiver"],
                "text": row["body"],
                "state": row["state"],
                "times": row["times"],
            }
            for row in rows
        ]
        return {"messages": shown, "receipts": self.outbox.figures()}

    def _mood(self, gateway: str) -> Mood:
        return self._moods.get(gateway, Mood())

    def _keep(self, gateway: str, key: str, body: dict[str, Any], mood: Mood) -> None:
        """One message for one key, however often it is given."""
        with self.store.transaction():
            known = self.store.row("SELECT key FROM message WHERE gateway = ? AND key = ?", gateway, key)
            if known is not None:
                self.store.execute(
                    "UPDATE message SET times = times + 1 WHERE gateway = ? AND key = ?", gateway, key
                )
                return
            state = "failed" if mood.fails else "delivered"
            self.store.execute(
                "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)",
                gateway, key, text_of(body, "to"), str(body.get("subject", "")), text_of(body, "text"),
                str(body.get("link", "")), state, time.time(),
            )  # fmt: skip
            receipt = json.dumps({"key": key, "state": state, "at": _iso(time.time())})
            url = str(body.get("receiptUrl", ""))
            for _ in range(mood.copies if url else 0):
                self.outbox.add(str(uuid.uuid4()), receipt, url, time.time() + mood.lateSeconds)
            if mood.forged and url:
                self._forge(key, url)

    def _forge(self, key: str, url: str) -> None:
        forged = json.dumps({"key": key, "state": "delivered", "at": _iso(0), "forged": True})
        self.outbox.add(str(uuid.uuid4()), forged, url)

    def _headers(self, body: str) -> dict[str, str]:
        secret = b"a guess" if json.loads(body).get("forged") else self._secret
        return {"Content-Type": "application/json", HEADER: signature(secret, int(time.time()), body)}


def build(options: Options) -> Department:
    """The gateways, with no message. Raises ValueError without a secret."""
    secret = os.environ.get("MESSENGER_SECRET", "")
    if not secret:
        raise ValueError("MESSENGER_SECRET is not set. Give the secret that the receiver of receipts has too.")
    messengers = Messengers(options, secret.encode())
    if messengers.store.is_new:
        with messengers.store.founding():
            pass
    return Department(
        messengers.store,
        messengers.records,
        routes=(
            Route("/", messengers.page),
            Route("/{gateway}/messages", messengers.take, methods=["POST"]),
            Route("/{gateway}/messages/{key}", messengers.show),
            Route("/{gateway}/__mood", messengers.mood, methods=["GET", "POST", "DELETE"]),
        ),
        jobs=(messengers.outbox.run,),
    )


def _said(row: dict[str, Any]) -> dict[str, Any]:
    return {"key": row["key"], "state": row["state"], "at": _iso(row["taken_at"])}


def _read_mood(body: dict[str, Any]) -> Mood:
    known = asdict(Mood())
    if unknown := sorted(set(body) - set(known)):
        raise Refused(400, "UNKNOWN", f"{', '.join(unknown)}: not among {', '.join(known)}.")
    return Mood(**body)


def _iso(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, UTC).isoformat()


if __name__ == "__main__":
    serve("messengers", build)

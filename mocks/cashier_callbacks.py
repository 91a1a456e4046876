"""How the payment provider calls back: by default rightly and twice, on demand as the worst of them do.

``POST /__callbacks`` says what goes wrong until ``DELETE``: ``copies`` (0 is a missing call, 2 the default),
``lateSeconds``, ``outOfOrder`` (what happened first is told last), ``forged`` (beside the true call come three
that are not to be believed: signed with another secret, not signed at all, signed days ago).
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.delivery import Outbox
from mocks.refusal import Refused, number_of, read_object
from mocks.signature import signature
from mocks.store import Store

HELD_SECONDS = 1.5
"""How long an event is held back so that a later one overtakes it."""
DAYS_AGO_SECONDS = 3 * 86_400
HEADER = "Jiyi-Signature"


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    copies: int = 2
    late_seconds: float = 0.0
    out_of_order: bool = False
    forged: bool = False

    def shown(self) -> dict[str, Any]:
        return {
            "copies": self.copies,
            "lateSeconds": self.late_seconds,
            "outOfOrder": self.out_of_order,
            "forged": self.forged,
        }


class Callbacks:
    """Tells the receiver what happened, in the transaction of its cause."""

    def __init__(self, store: Store, secret: bytes) -> None:
        self._secret = secret
        self._outbox = Outbox(store, self._headers)
        self._misbehaviour = Misbehaviour()
        self._forgeries: asyncio.Queue[tuple[str, str, dict[str, str]]] = asyncio.Queue()
        self.answers_to_forgeries: list[int] = []

    def tell(self, url: str, event: Mapping[str, Any]) -> None:
        """Keep the calls about one event; all copies are the same event."""
        body = json.dumps({**event, "eventId": str(uuid.uuid4())})
        wrong = self._misbehaviour
        due = time.time() + wrong.late_seconds + (HELD_SECONDS if wrong.out_of_order and _is_first(event) else 0)
        for _ in range(wrong.copies):
            # Lanes keep order; each of its own, a late event does not hold up the next one.
            self._outbox.add(str(uuid.uuid4()), body, url, due)
        if wrong.forged:
            self._forge(url, event)

    def figures(self) -> dict[str, Any]:
        return {**self._outbox.figures()}

    async def run(self) -> None:
        await self._outbox.run()

    async def run_forger(self) -> None:
        """Send forgeries once each, and remember how they were received."""
        url, body, headers = await self._forgeries.get()
        import aiohttp  # loaded by those alone who forge

        async with aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.post(url, data=body, headers=headers) as answer:
                        self.answers_to_forgeries.append(answer.status)
                except (aiohttp.ClientError, TimeoutError):
                    self.answers_to_forgeries.append(0)
                url, body, headers = await self._forgeries.get()

    def routes(self) -> tuple[Route, ...]:
        return (Route("/__callbacks", self._door, methods=["GET", "POST", "DELETE"]),)

    async def _door(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._misbehaviour = Misbehaviour()
        elif request.method == "POST":
            self._misbehaviour = _read(await read_object(request))
        return JSONResponse(self._misbehaviour.shown() | {"answersToForgeries": self.answers_to_forgeries})

    def _forge(self, url: str, event: Mapping[str, Any]) -> None:
        body, now = (
            json.dumps({**event, "amountFen": event["amountFen"] * 2, "eventId": "forged"}),
            int(time.time()),
        )
        plain = {"Content-Type": "application/json"}
        for headers in (
            {HEADER: signature(b"a guess", now, body)},
            {},
            {HEADER: signature(self._secret, now - DAYS_AGO_SECONDS, body)},
        ):
            self._forgeries.put_nowait((url, body, plain | headers))

    def _headers(self, body: str) -> dict[str, str]:
        return {"Content-Type": "application/json", HEADER: signature(self._secret, int(time.time()), body)}


def _is_first(event: Mapping[str, Any]) -> bool:
    return str(event["event"]).startswith("payment.")


def _read(body: dict[str, Any]) -> Misbehaviour:
    known = set(Misbehaviour().shown())
    if unknown := sorted(set(body) - known):
        raise Refused(
            400, "UNKNOWN", f"{', '.join(unknown)}: nothing is known by this name; {', '.join(known)} are."
        )
    late = body.get("lateSeconds", 0.0)
    if not isinstance(late, int | float) or late < 0:
        raise Refused(400, "MISSING", '"lateSeconds" is a number of at least 0.')
    copies = number_of({"copies": 2, **body}, "copies")
    return Misbehaviour(copies, float(late), body.get("outOfOrder") is True, body.get("forged") is True)

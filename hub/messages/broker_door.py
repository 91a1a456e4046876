"""Where agents connect to the embedded broker: one WebSocket each, opened by them.

A department consumes its own queues and publishes through its own exchange, in its own name, and nothing
else; its connection ends when its token does. Frames: ``connectors.remote_broker``.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import msgspec
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from auth.actor import Actor
from auth.tokens import InvalidToken
from connectors.broker import Broker, BrokerUnavailable, Consumption, Delivery, Unroutable
from connectors.clock import Clock
from connectors.cloud_events import InvalidCloudEvent, event_from_json, event_to_json
from connectors.frames import FrameSender, frames_in
from connectors.routing import parse_address
from connectors.topology import agent_queue, command_queues, requests_queue
from hub.doors.http_problem import http_problem

log = logging.getLogger(__name__)

VerifyToken = Callable[[str], Awaitable[Actor]]
"""Raises :class:`auth.tokens.InvalidToken`."""

TOKEN_ENDED = 4401
LARGEST_PREFETCH = 256
MOST_CONSUMERS = 32
MOST_AT_ONCE = 256
LARGEST_FRAME = 4 * 1024 * 1024
_AGENT = re.compile(r"[0-9a-f]{1,32}\Z")


class BrokerDoor:
    """The endpoint ``/broker``; ``route`` is what the application mounts."""

    def __init__(self, broker: Broker, verify_token: VerifyToken, clock: Clock) -> None:
        self._broker = broker
        self._verify_token = verify_token
        self._clock = clock
        self.route = WebSocketRoute("/broker", self.serve)

    async def serve(self, websocket: WebSocket) -> None:
        try:
            actor = await self._verify_token(_bearer(websocket))
        except InvalidToken as error:
            await _deny(websocket, 401, str(error))
            return
        if actor.department is None or not actor.has_role("department"):
            await _deny(websocket, 403, "The broker's door is for departments' own clients.")
            return
        await websocket.accept()
        session = _Session(websocket, self._broker, actor.department)
        seconds = (actor.expires_at - self._clock.now()).total_seconds()
        try:
            async with asyncio.timeout(seconds):
                await session.run()
        except TimeoutError:
            with suppress(RuntimeError, WebSocketDisconnect):
                await websocket.close(TOKEN_ENDED, "The access token has expired. Connect with a new one.")
        finally:
            await session.close()


class _Refused(Exception):
    """A frame that is not granted; ``code`` tells the other side which of its exceptions to raise."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Session:
    """One agent's connection: what it consumes and what it has in hand."""

    def __init__(self, websocket: WebSocket, broker: Broker, department: str) -> None:
        self._websocket = websocket
        self._broker = broker
        self._department = department
        self._queues = frozenset({requests_queue(department), *command_queues(department)})
        self._consumptions: dict[int, Consumption] = {}
        self._agent: str | None = None
        self._held: dict[int, tuple[Delivery, asyncio.Event]] = {}
        self._numbers = count(1)
        self._frames = FrameSender(websocket.send_text, (RuntimeError, WebSocketDisconnect))
        self._tasks: set[asyncio.Task[None]] = set()
        self._free = asyncio.Semaphore(MOST_AT_ONCE)
        self._operations: dict[str, Callable[[dict[str, Any]], Awaitable[Any]]] = {
            "publish": self._publish,
            "consume": self._consume,
            "cancel": self._cancel,
            "consumers": self._consumers,
            "end": self._end,
        }

    async def run(self) -> None:
        """Read frames until the other side leaves; each is answered on its own, a bounded number at once."""
        with suppress(WebSocketDisconnect):
            while True:
                for frame in _read_frames(await self._websocket.receive_text()):
                    await self._free.acquire()
                    task = asyncio.create_task(self._answer(frame))
                    self._tasks.add(task)
                    task.add_done_callback(self._forget)

    async def close(self) -> None:
        """Everything in hand goes back to its queue."""
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        for consumption in self._consumptions.values():
            await consumption.cancel()
        await self._frames.close()
        if self._agent is not None:
            await self._let_go(self._agent)

    async def _let_go(self, agent: str) -> None:
        """Unless the same agent has come back by another connection meanwhile."""
        with suppress(BrokerUnavailable):
            if await self._broker.consumers(agent_queue(self._department, agent)) == 0:
                await self._broker.remove_agent(self._department, agent)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._free.release()

    async def _answer(self, frame: Any) -> None:
        try:
            _check_frame(frame)
            answer = {"op": "done", "id": frame["id"], "value": await self._operation(frame)(frame)}
        except _Refused as error:
            answer = _failed(frame, error.code, error)
        except Unroutable as error:
            answer = _failed(frame, "UNROUTABLE", error)
        except BrokerUnavailable as error:
            answer = _failed(frame, "UNAVAILABLE", error)
        except (KeyError, TypeError, ValueError) as error:
            answer = _failed(frame, "BAD_REQUEST", error)
        self._frames.put(answer)

    def _operation(self, frame: dict[str, Any]) -> Callable[[dict[str, Any]], Awaitable[Any]]:
        operation = self._operations.get(frame["op"])
        if operation is None:
            raise _Refused("BAD_REQUEST", f'"{frame["op"]}" is no operation of this door.')
        return operation

    async def _publish(self, frame: dict[str, Any]) -> None:
        address = parse_address(frame["address"])
        message = event_from_json(frame["message"])
        if address.department != self._department or message.source != self._department:
            raise _Refused(
                "FORBIDDEN", f'"{self._department}" may publish through its own exchange in its own name only.'
            )
        is_transient = address.is_presence or address.routing_key.startswith("reply.")
        await self._broker.publish(str(address), message, durable=not is_transient)

    async def _consume(self, frame: dict[str, Any]) -> int:
        queue, number = str(frame["queue"]), frame["id"]
        if not await self._is_an_agents(queue):
            self._check_own(queue)
        if len(self._consumptions) >= MOST_CONSUMERS:
            raise _Refused("FORBIDDEN", f"One connection has at most {MOST_CONSUMERS} consumers.")
        prefetch = max(1, min(int(frame.get("prefetch", 16)), LARGEST_PREFETCH))

        async def deliver(delivery: Delivery) -> None:
            await self._deliver(number, delivery)

        self._consumptions[number] = await self._broker.consume(queue, deliver, prefetch=prefetch)
        return int(number)

    async def _cancel(self, frame: dict[str, Any]) -> None:
        consumption = self._consumptions.pop(frame["consumer"], None)
        if consumption is not None:
            await consumption.cancel()

    async def _consumers(self, frame: dict[str, Any]) -> int:
        queue = frame["queue"]
        if self._agent is None or queue != agent_queue(self._department, self._agent):
            self._check_own(queue)
        return await self._broker.consumers(queue)

    async def _deliver(self, consumer: int, delivery: Delivery) -> None:
        """Hold the delivery until the agent ends it; a broken connection cancels this and gives it back."""
        number, ended = next(self._numbers), asyncio.Event()
        self._held[number] = (delivery, ended)
        frame = {
            "op": "deliver",
            "consumer": consumer,
            "delivery": number,
            "attempt": delivery.attempt,
            "message": event_to_json(delivery.message),
        }
        try:
            self._frames.put(frame)
            await ended.wait()
        finally:
            self._held.pop(number, None)

    async def _end(self, frame: dict[str, Any]) -> None:
        delivery, ended = self._held.pop(frame["delivery"])
        reason = str(frame.get("reason", ""))[:2000]
        try:
            await _end_as(frame, delivery, reason)
        finally:
            ended.set()

    async def _is_an_agents(self, queue: str) -> bool:
        """The queue of the one agent at the other end, which is made now and lives as long as its connection."""
        agent = queue.removeprefix(agent_queue(self._department, ""))
        if queue != agent_queue(self._department, agent) or not _AGENT.match(agent):
            return False
        if self._agent not in (None, agent):
            raise _Refused("FORBIDDEN", "One connection is of one agent.")
        await self._broker.declare_agent(self._department, agent)
        self._agent = agent
        return True

    def _check_own(self, queue: str) -> None:
        if queue not in self._queues:
            raise _Refused("FORBIDDEN", f'"{self._department}" may consume its own queues only.')


async def _end_as(frame: dict[str, Any], delivery: Delivery, reason: str) -> None:
    match frame["how"]:
        case "acknowledge":
            await delivery.acknowledge()
        case "retry":
            await delivery.retry(timedelta(seconds=max(0.0, min(float(frame["delay"]), 86400))), reason)
        case "dead_letter":
            await delivery.dead_letter(reason)
        case how:
            raise _Refused("BAD_REQUEST", f'A delivery cannot be ended by "{how}".')


def _read_frames(text: str) -> list[Any]:
    """What is none becomes a frame that is refused."""
    if len(text) > LARGEST_FRAME:
        return [f"A frame has at most {LARGEST_FRAME} characters."]
    try:
        return frames_in(text) or ["There is no frame in the array."]
    except msgspec.DecodeError:
        return ["A frame is a JSON object."]


def _check_frame(frame: Any) -> None:
    if isinstance(frame, str):
        raise _Refused("BAD_REQUEST", frame)
    if not isinstance(frame, dict) or not isinstance(frame.get("id"), int):
        raise _Refused("BAD_REQUEST", 'A frame is a JSON object with "op" and a number as "id".')


def _failed(frame: Any, code: str, error: Exception) -> dict[str, Any]:
    number = frame.get("id") if isinstance(frame, dict) else None
    if isinstance(error, InvalidCloudEvent | _Refused | Unroutable | BrokerUnavailable):
        return {"op": "failed", "id": number, "code": code, "message": str(error)}
    return {"op": "failed", "id": number, "code": code, "message": "The frame lacks something its op needs."}


def _bearer(websocket: WebSocket) -> str:
    scheme, _, token = websocket.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise InvalidToken("Send the department's access token as a bearer token.")
    return token.strip()


async def _deny(websocket: WebSocket, status: int, detail: str) -> None:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    await websocket.send_denial_response(http_problem(status, detail, headers, title="Refused"))

"""The embedded broker of a hub elsewhere, reached through a WebSocket that this side opens.

Frames are JSON: a request has an ``id`` and is answered ``done`` or ``failed``; ``deliver`` brings a
message and ``end`` ends it. The connection is restored for ever, its consumers with it; what was in hand
when it broke comes again. Source: docs/architecture.md, "The broker's door".
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import aiohttp
import msgspec

from connectors.broker import (
    LARGEST_MESSAGE_BYTES,
    BrokerUnavailable,
    Consumption,
    DeadLetter,
    Handler,
    Message,
    MessageTooLarge,
    QueueStatistics,
    Unroutable,
)
from connectors.cloud_events import encode_event, event_from_json
from connectors.frames import FrameSender, frames_in
from connectors.handling import Handling, backoff
from connectors.routing import check_sender, is_ordered, parse_address

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10
LARGEST_FRAME_BYTES = 8 * 1024 * 1024
FIRST_PAUSE = timedelta(milliseconds=100)
LONGEST_PAUSE = timedelta(seconds=2)
_CONNECTING = aiohttp.ClientTimeout(total=10)


class RemoteBroker:
    """Implements :class:`connectors.broker.Broker` for a department; what only the hub may do is refused.

    ``url`` is the hub's http(s):// address, ``token`` gives a valid access token each time it is asked.
    """

    def __init__(
        self,
        url: str,
        token: Callable[[], Awaitable[str]],
        *,
        tls: ssl.SSLContext | None = None,
        answer_within: timedelta = timedelta(seconds=10),
    ) -> None:
        self._url = f"{url.rstrip('/').replace('http', 'ws', 1)}/broker"
        self._token = token
        self._tls = tls
        self._answer_within = answer_within.total_seconds()
        self._session: aiohttp.ClientSession | None = None
        self._link: _Link | None = None
        self._consumers: list[RemoteConsumer] = []
        self._keeping: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        if self._keeping is not None:
            return
        session = aiohttp.ClientSession(timeout=_CONNECTING)
        try:
            self._link = await self._open(session)
        except BaseException:
            await session.close()
            raise
        self._session = session
        self._keeping = asyncio.create_task(self._keep(session))

    async def declare_department(self, department: str) -> None:
        raise PermissionError(f'Queues are declared by the hub: register department "{department}" there.')

    async def declare_hub(self, instance: str) -> None:
        raise PermissionError("The hub's own queues are declared by the hub.")

    async def declare_agent(self, department: str, agent: str) -> None:
        """The hub makes it when it is consumed."""

    async def remove_agent(self, department: str, agent: str) -> None:
        """The hub removes it when the connection ends."""

    async def publish(self, address: str, message: Message, *, durable: bool = True) -> None:
        check_sender(parse_address(address), message)
        body = encode_event(message)
        if len(body) > LARGEST_MESSAGE_BYTES:
            raise MessageTooLarge(len(body))
        await self.ask({"op": "publish", "address": address, "message": msgspec.Raw(body), "durable": durable})

    async def publish_all(self, address: str, messages: Sequence[Message]) -> None:
        for each in messages:
            await self.publish(address, each)

    async def consume(self, queue: str, handler: Handler, *, prefetch: int = 16) -> Consumption:
        consumer = RemoteConsumer(self, queue, handler, prefetch)
        await self._start(self._living(), consumer)
        self._consumers.append(consumer)
        return consumer

    async def consumers(self, queue: str) -> int:
        return int(await self.ask({"op": "consumers", "queue": queue}))

    async def statistics(self) -> tuple[QueueStatistics, ...]:
        raise PermissionError("A department does not see the hub's queues.")

    async def dead_letters(self) -> tuple[DeadLetter, ...]:
        raise PermissionError("A department does not see the hub's dead letters.")

    async def redrive(self, message_id: str) -> bool:
        raise PermissionError(f'Dead letter "{message_id}" is sent again by an operator of the hub.')

    async def close(self) -> None:
        for consumer in tuple(self._consumers):
            await consumer.cancel()
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
            self._keeping = None
        if self._link is not None:
            await self._link.close()
            self._link = None
        if self._session is not None:
            await self._session.close()

    async def ask(self, frame: dict[str, Any]) -> Any:
        """Send a request over the living connection. Raises :class:`BrokerUnavailable` or what was refused."""
        return await self._living().ask(frame, self._answer_within)

    def renew(self) -> None:
        """Connect anew, with a token of now; what is in hand comes again."""
        if self._link is not None:
            self._link.broken.set()

    def forget(self, consumer: RemoteConsumer) -> None:
        if consumer in self._consumers:
            self._consumers.remove(consumer)

    def _living(self) -> _Link:
        if self._link is None or self._link.is_broken:
            raise BrokerUnavailable("The hub's broker cannot be reached just now.")
        return self._link

    async def _open(self, session: aiohttp.ClientSession) -> _Link:
        token = await self._token()
        try:
            socket = await session.ws_connect(
                self._url,
                headers={"Authorization": f"Bearer {token}"},
                heartbeat=HEARTBEAT_SECONDS,
                max_msg_size=LARGEST_FRAME_BYTES,
                ssl=self._tls or True,
            )
        except aiohttp.WSServerHandshakeError as error:
            raise BrokerUnavailable(f"The hub's broker door refuses us: HTTP {error.status}.") from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            raise BrokerUnavailable(f"The hub's broker door cannot be reached: {reason}.") from error
        return _Link(socket)

    async def _keep(self, session: aiohttp.ClientSession) -> None:
        """Wait for the connection to break, then restore it and its consumers; for ever."""
        failures = 0
        while True:
            if self._link is not None:
                await self._link.broken.wait()
                await self._link.close()
            try:
                link = await self._restore(session)
            except (BrokerUnavailable, Unroutable, PermissionError) as error:
                failures += 1
                pause = backoff(failures, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
                log.warning("%s Trying again in %s.", error, pause)
                self._link = None
                await asyncio.sleep(pause.total_seconds())
                continue
            failures, self._link = 0, link
            log.info("Connected to the hub's broker again")

    async def _restore(self, session: aiohttp.ClientSession) -> _Link:
        link = await self._open(session)
        try:
            for consumer in self._consumers:
                await self._start(link, consumer)
        except BaseException:
            await link.close()
            raise
        return link

    async def _start(self, link: _Link, consumer: RemoteConsumer) -> None:
        frame = {"op": "consume", "queue": consumer.queue, "prefetch": consumer.prefetch}
        try:
            consumer.number = await link.ask(frame, self._answer_within, consumer)
        except BrokerUnavailable:
            await link.close()
            raise


class _Link:
    """One open WebSocket: its pending requests and the consumers it delivers to."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.broken = asyncio.Event()
        self._socket = socket
        self._numbers = count(1)
        self._pending: dict[int, asyncio.Future[Any]] = {}
        self._receivers: dict[int, RemoteConsumer] = {}
        self._frames = FrameSender(socket.send_str, (aiohttp.ClientError, ConnectionError))
        self._reading = asyncio.create_task(self._read())

    @property
    def is_broken(self) -> bool:
        return self.broken.is_set()

    async def ask(self, frame: dict[str, Any], seconds: float, receiver: RemoteConsumer | None = None) -> Any:
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[number] = answer
        if receiver is not None:
            self._receivers[number] = receiver
        try:
            async with asyncio.timeout(seconds):
                self._check_living()
                self._frames.put({**frame, "id": number})
                return await answer
        except TimeoutError as error:
            raise BrokerUnavailable("The hub's broker did not confirm in time.") from error
        finally:
            self._pending.pop(number, None)

    def _check_living(self) -> None:
        if self.broken.is_set():
            raise BrokerUnavailable("The connection to the hub's broker broke.")

    async def close(self) -> None:
        self._reading.cancel()
        await asyncio.wait([self._reading])
        await self._frames.close()
        with suppress(aiohttp.ClientError, ConnectionError):
            await self._socket.close()

    async def _read(self) -> None:
        try:
            async for frame in self._socket:
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    continue
                for each in frames_in(frame.data):
                    self._take(each)
        except ValueError as error:
            log.warning("The hub's broker sent no frame of ours: %s", error)
        finally:
            self.broken.set()
            for answer in self._pending.values():
                if not answer.done():
                    answer.set_exception(BrokerUnavailable("The connection to the hub's broker broke."))

    def _take(self, frame: dict[str, Any]) -> None:
        match frame["op"]:
            case "deliver":
                receiver = self._receivers.get(frame["consumer"])
                if receiver is not None:
                    receiver.deliver(RemoteDelivery(self, frame))
            case "done" | "failed":
                answer = self._pending.get(frame["id"])
                if answer is None or answer.done():
                    return
                if frame["op"] == "done":
                    answer.set_result(frame.get("value"))
                else:
                    answer.set_exception(_refusal(frame))


class RemoteConsumer:
    """Implements :class:`connectors.broker.Consumption`; outlives the connections that serve it."""

    def __init__(self, broker: RemoteBroker, queue: str, handler: Handler, prefetch: int) -> None:
        self.queue = queue
        self.prefetch = prefetch
        self.number = 0
        self._broker = broker
        self._handling = Handling(handler, ordered=is_ordered(queue))

    def deliver(self, delivery: RemoteDelivery) -> None:
        self._handling.start(delivery, lambda: None)

    async def cancel(self) -> None:
        self._broker.forget(self)
        await self._handling.cancel()
        # When the connection is broken the hub has taken everything back already.
        with suppress(BrokerUnavailable):
            await self._broker.ask({"op": "cancel", "consumer": self.number})


class RemoteDelivery:
    """A message in hand. Implements :class:`connectors.broker.Delivery`."""

    def __init__(self, link: _Link, frame: dict[str, Any]) -> None:
        self.message: Message = event_from_json(frame["message"])
        self.attempt: int = frame["attempt"]
        self.is_ended = False
        self._link = link
        self._number = frame["delivery"]

    async def acknowledge(self) -> None:
        await self._end({"how": "acknowledge"})

    async def retry(self, delay: timedelta, reason: str) -> None:
        await self._end({"how": "retry", "delay": delay.total_seconds(), "reason": reason})

    async def dead_letter(self, reason: str) -> None:
        await self._end({"how": "dead_letter", "reason": reason})

    async def _end(self, frame: dict[str, Any]) -> None:
        self.is_ended = True
        await self._link.ask({"op": "end", "delivery": self._number, **frame}, HEARTBEAT_SECONDS)


def _refusal(frame: dict[str, Any]) -> Exception:
    kinds: dict[str, type[Exception]] = {"UNROUTABLE": Unroutable, "FORBIDDEN": PermissionError}
    return kinds.get(frame["code"], BrokerUnavailable)(frame["message"])

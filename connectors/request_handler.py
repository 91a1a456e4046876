"""Answer reads on the department's side: execute a request while somebody waits for it, send the reply."""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import replace
from typing import Any

from connectors.broker import Broker, BrokerUnavailable, Delivery, Message, MessageTooLarge, Unroutable
from connectors.clock import Clock
from connectors.connector import Connector, ConnectorFailure, FetchRequest
from connectors.queue_messages import (
    REQUEST,
    RESPONSE,
    MalformedMessage,
    failure_data,
    read_request,
    response_data,
)
from connectors.topology import reply_address
from schema.errors import RUNTIME_CODES, RuntimeCode

log = logging.getLogger(__name__)

_MOST_GIVEN_UP = 1000


class RequestHandler:
    """``is_repeatable``: the department knows a repeated mutation by its idempotency key. ``concurrency`` is how
    many requests it is asked at once."""

    def __init__(
        self,
        department: str,
        connector: Connector,
        broker: Broker,
        clock: Clock,
        *,
        is_repeatable: bool,
        concurrency: int = 16,
    ) -> None:
        self._department = department
        self._connector = connector
        self._broker = broker
        self._clock = clock
        self._is_repeatable = is_repeatable
        self._free = asyncio.Semaphore(concurrency)
        self._running: dict[str, asyncio.Timeout] = {}
        self._given_up: dict[str, None] = {}

    def cancel(self, request: str) -> None:
        """Nobody waits for it any more: what runs is stopped, what has not begun never does."""
        running = self._running.get(request)
        if running is not None:
            running.reschedule(asyncio.get_running_loop().time())
            return
        self._given_up[request] = None
        if len(self._given_up) > _MOST_GIVEN_UP:
            del self._given_up[next(iter(self._given_up))]

    async def handle(self, delivery: Delivery) -> None:
        """A :data:`connectors.broker.Handler`. A read may run again; a mutation that may have run does not."""
        message = delivery.message
        seconds = None
        if message.expires_at is not None:
            seconds = (message.expires_at - self._clock.now()).total_seconds()
        is_wanted = message.id not in self._given_up
        self._given_up.pop(message.id, None)
        if is_wanted and (seconds is None or seconds > 0):
            try:
                async with asyncio.timeout(seconds) as deadline:
                    self._running[message.id] = deadline
                    await self._execute(delivery)
            except TimeoutError:
                log.info("Request %s expired or was given up while it was executed", message.id)
            finally:
                self._running.pop(message.id, None)
        await delivery.acknowledge()

    async def _execute(self, delivery: Delivery) -> None:
        """Several requests may come in one message: no more are begun at once than the department wants."""
        async with self._free:
            answer = await self._answer(delivery)
        try:
            await self._reply(delivery.message, answer)
        except MessageTooLarge as error:
            log.warning("Request %s: %s", delivery.message.id, error)
            await self._reply(delivery.message, failure_data(_failure(RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE)))

    async def _answer(self, delivery: Delivery) -> dict[str, Any]:
        try:
            request = self._read(delivery)
            return response_data(await self._connector.fetch(request))
        except ConnectorFailure as failure:
            log.warning("Request %s: %s %s", delivery.message.id, failure, failure.detail)
            return failure_data(failure)
        except Exception as error:
            log.exception("Request %s met a mistake of ours", delivery.message.id, exc_info=error)
            return failure_data(_failure(RuntimeCode.INTERNAL_SERVER_ERROR))

    def _read(self, delivery: Delivery) -> FetchRequest:
        try:
            request = read_request(delivery.message, expected=REQUEST)
        except MalformedMessage as error:
            raise ConnectorFailure(RuntimeCode.BAD_REQUEST, str(error)) from error
        is_safe = request.kind == "query" or (self._is_repeatable and request.idempotency_key is not None)
        if delivery.attempt > 1 and not is_safe:
            raise _failure(RuntimeCode.OUTCOME_UNKNOWN)
        if (expiry := delivery.message.expires_at) is not None:
            request = replace(request, timeout=expiry - self._clock.now())
        return request

    async def _reply(self, request: Message, data: dict[str, Any]) -> None:
        if not request.reply_to:
            return
        reply = Message(
            id=uuid.uuid4().hex,
            type=RESPONSE,
            source=self._department,
            time=self._clock.now(),
            data=data,
            correlation_id=request.correlation_id,
            expires_at=request.expires_at,
            traceparent=request.traceparent,
        )
        try:
            await self._broker.publish(reply_address(self._department, request.reply_to), reply, durable=False)
        except (BrokerUnavailable, Unroutable) as error:
            # Whoever asked sees its deadline pass and asks again: a reply is not worth keeping.
            log.warning("The reply to %s could not be sent: %s", request.id, error)


def _failure(code: RuntimeCode) -> ConnectorFailure:
    return ConnectorFailure(code, RUNTIME_CODES[code])

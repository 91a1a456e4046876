"""The other side of the bare ping-pong: takes each message of a queue and sends it back, with aio-pika alone."""

from __future__ import annotations

import argparse
import asyncio

import aio_pika
import uvloop
from aio_pika.abc import AbstractIncomingMessage

from bench.serving import say_ready

PREFETCH = 64


async def main(url: str, queue: str) -> None:
    connection = await aio_pika.connect(url)
    channel = await connection.channel(publisher_confirms=False)
    await channel.set_qos(prefetch_count=PREFETCH)
    pings = await channel.declare_queue(queue, auto_delete=True)

    async def answer(message: AbstractIncomingMessage) -> None:
        back = aio_pika.Message(message.body, correlation_id=message.correlation_id)
        await channel.default_exchange.publish(back, message.reply_to or "")
        await message.ack()

    await pings.consume(answer)
    say_ready(0)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--amqp", required=True)
    parser.add_argument("--queue", required=True)
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(given.amqp, given.queue))

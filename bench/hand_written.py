"""``python -m bench.hand_written``: what one would write with aiohttp for this one question, and for no other."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import uvloop
from aiohttp import web

from bench.serving import ServerOptions, say_ready

CARDS = (
    "query ($representations: [_Any!]!) { _entities(representations: $representations) "
    "{ ... on Citizen { socialSecurityCardNumber licences { number kind name validUntil state } } } }"
)
OPTIONS = web.AppKey("OPTIONS", ServerOptions)
SESSION = web.AppKey("SESSION", aiohttp.ClientSession)


async def citizen(request: web.Request) -> web.Response:
    """Ask both departments side by side and put their answers together."""
    options, session = request.app[OPTIONS], request.app[SESSION]
    cards, licences = await asyncio.gather(_cards(session, options), _licences(session, options))
    together = {**cards, "licences": [*cards["licences"], *licences]}
    return web.json_response({"data": {"citizen": together}})


async def _cards(session: aiohttp.ClientSession, options: ServerOptions) -> dict[str, Any]:
    representation = {"__typename": "Citizen", "idNumber": options.id_number}
    body = {"query": CARDS, "variables": {"representations": [representation]}}
    async with session.post(f"{options.human_resources}/graphql", json=body) as response:
        found: dict[str, Any] = (await response.json())["data"]["_entities"][0]
        return found


async def _licences(session: aiohttp.ClientSession, options: ServerOptions) -> list[dict[str, Any]]:
    body = {"holder": options.id_number}
    async with session.post(f"{options.transport}/licences/search", json=body) as response:
        results = (await response.json())["results"]
    return [
        {
            "number": each["no"],
            "kind": each["type"],
            "name": each["title"]["zh"],
            "validUntil": each["validTo"],
            "state": each["status"],
        }
        for each in results
    ]


async def _with_session(app: web.Application) -> AsyncIterator[None]:
    async with aiohttp.ClientSession() as session:
        app[SESSION] = session
        yield


async def serve(options: ServerOptions) -> None:
    """Serve until SIGTERM."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    app = web.Application()
    app[OPTIONS] = options
    app.cleanup_ctx.append(_with_session)
    app.router.add_post("/graphql", citizen)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", options.port).start()
        say_ready(options.port)
        await stopped.wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(ServerOptions.read()))

"""A department that confuses people: between the hub and a mock, one identity number becomes another's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web


@asynccontextmanager
async def twisted(target: str, name: str, becomes: str) -> AsyncIterator[str]:
    """The address of a proxy that writes ``becomes`` for ``name`` in every answer of ``target``."""
    async with aiohttp.ClientSession() as session:

        async def answer(request: web.Request) -> web.Response:
            url, body = f"{target}{request.path_qs}", await request.read()
            headers = {"Content-Type": request.content_type}
            async with session.request(request.method, url, data=body, headers=headers) as told:
                text = (await told.text()).replace(name, becomes)
                return web.Response(text=text, status=told.status, content_type=told.content_type)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

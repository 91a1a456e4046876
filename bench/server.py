"""A measured server as a process: pinned to its cores, awaited until it answers, looked at from outside."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bench.usage import processor_seconds, resident_megabytes

_PATIENCE_SECONDS = 90
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Server:
    """One process, which answers GraphQL at ``url``."""

    name: str
    url: str
    process: asyncio.subprocess.Process
    log: Path

    async def ask(self, body: bytes, headers: dict[str, str] | None = None) -> bytes:
        """The answer to one request."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url, data=body, headers={**_JSON, **(headers or {})}) as response,
        ):
            return await response.read()

    def processor_seconds(self) -> float | None:
        return processor_seconds(self.process.pid)

    def resident_megabytes(self) -> float | None:
        return resident_megabytes(self.process.pid)

    async def stop(self) -> None:
        """End it and all that it started."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await self.process.wait()
                    return


async def start(
    name: str, command: Sequence[str], url: str, cores: frozenset[int], logs: Path, home: Path | None = None
) -> Server:
    """Start it and return once it answers a query. A command that begins with a flag is one of Python's.

    Raises ``SystemExit`` with the end of its log where it does not come up.
    """
    program = (sys.executable, *command) if command[0].startswith("-") else tuple(command)
    pinned = ("taskset", "-c", ",".join(map(str, sorted(cores)))) if cores else ()
    log = logs / f"{name}.log"
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *pinned,
            *program,
            stdout=output,
            stderr=output,
            cwd=home,
            env={**os.environ, "NODE_ENV": "production"},
            start_new_session=True,
        )
    server = Server(name, url, process, log)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not await _answers(server):  # noqa: ASYNC110
                await asyncio.sleep(0.1)  # nothing tells when another process listens
    except TimeoutError:
        await server.stop()
        raise SystemExit(f"bench: {name} does not come up\n{_end_of(log)}") from None
    return server


async def _answers(server: Server) -> bool:
    if server.process.returncode is not None:
        raise SystemExit(f"bench: {server.name} ended with {server.process.returncode}\n{_end_of(server.log)}")
    try:
        return b'"data"' in await server.ask(b'{"query": "{ __typename }"}')
    except aiohttp.ClientError:
        return False


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])

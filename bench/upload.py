"""``python -m bench.upload``: what a 50 MB upload costs the hub in memory.

A hub's upload door in a process of its own, over a folder and SQLite; the client sends 50 MB in one request, then
again in pieces of 5 MB. Resident memory of the process is read from Linux every 5 ms.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request

import hub.tables  # noqa: F401  fills the metadata
from auth.actor import Actor
from bench.usage import resident_megabytes
from connectors.clock import SystemClock
from hub.doors.server_config import server_config
from hub.materials.file_store import FolderStore
from hub.materials.upload_door import upload_routes
from hub.materials.uploads import Uploads
from hub.materials.virus_scan import NoScanner
from hub.migrations import migrate
from hub.storage.database import Database
from schema.domain.stored_file import MAXIMUM_BYTES

PIECE = 64 * 1024
LIMIT_MEGABYTES = 20.0
HEADERS = {"Tus-Resumable": "1.0.0", "Authorization": "Bearer anybody"}
_BEGINNING = b"%PDF-1.7\n"


async def _serve(folder: Path) -> None:
    """The door, on a port that it prints."""
    url = f"sqlite:///{folder / 'hub.db'}"
    await asyncio.to_thread(migrate, url)
    clock = SystemClock()
    uploads = Uploads(Database(url), FolderStore(folder / "files"), NoScanner(), clock)
    roles = frozenset({"citizen"})
    person = Actor("anna", "portal", frozenset(), roles, clock.now())

    async def authenticate(_request: Request) -> Actor:
        return person

    server = uvicorn.Server(server_config(Starlette(routes=upload_routes(uploads, authenticate))))
    listener = server.config.bind_socket()
    listener.listen()
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve([listener])


async def _send(client: aiohttp.ClientSession, url: str, piece_bytes: int) -> float:
    """Upload 50 MB in requests of so many bytes; how long it took, in seconds."""
    told = f"filename {b64encode(b'big.pdf').decode()},filetype {b64encode(b'application/pdf').decode()}"
    began = time.perf_counter()
    headers = {**HEADERS, "Upload-Length": str(MAXIMUM_BYTES), "Upload-Metadata": told}
    async with client.post(f"{url}/files", headers=headers) as response:
        response.raise_for_status()
        place = response.headers["Location"]
    for at in range(0, MAXIMUM_BYTES, piece_bytes):
        size = min(piece_bytes, MAXIMUM_BYTES - at)
        headers = {
            **HEADERS,
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(at),
            "Content-Length": str(size),
        }
        async with client.patch(f"{url}{place}", headers=headers, data=_content(at, size)) as response:
            response.raise_for_status()
    return time.perf_counter() - began


async def _content(at: int, size: int) -> AsyncIterator[bytes]:
    sent = 0
    while sent < size:
        part = bytes(min(PIECE, size - sent))
        if at + sent == 0:
            part = _BEGINNING + part[len(_BEGINNING) :]
        sent += len(part)
        yield part


async def _peak(pid: int, stop: asyncio.Event) -> float:
    most = 0.0
    while not stop.is_set():
        most = max(most, resident_megabytes(pid) or 0.0)
        await asyncio.sleep(0.005)
    return most


async def _measure() -> bool:
    """Print a line for each way; whether memory stayed within its limit."""
    is_good = True
    with tempfile.TemporaryDirectory() as folder:
        command = (sys.executable, "-m", "bench.upload", "serve", folder)
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        try:
            if process.stdout is None:
                raise RuntimeError("The server has no output to read its port from.")
            url = f"http://127.0.0.1:{int(await process.stdout.readline())}"
            async with aiohttp.ClientSession() as client:
                # The first upload loads what is loaded once: the tables of kinds, the database's connections.
                await _send(client, url, MAXIMUM_BYTES)
                for name, piece in (("one request", MAXIMUM_BYTES), ("5 MB a request", 5 * 1024 * 1024)):
                    before, stop = resident_megabytes(process.pid) or 0.0, asyncio.Event()
                    watching = asyncio.create_task(_peak(process.pid, stop))
                    seconds = await _send(client, url, piece)
                    stop.set()
                    grown = await watching - before
                    is_good = is_good and grown <= LIMIT_MEGABYTES
                    sys.stdout.write(f"50 MB, {name}: {seconds:.2f} s, +{grown:.1f} MB over {before:.0f} MB\n")
        finally:
            process.terminate()
            await process.wait()
    return is_good


def main() -> int:
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(_serve(Path(sys.argv[2])))
        return 0
    return 0 if asyncio.run(_measure()) else 1


if __name__ == "__main__":
    sys.exit(main())

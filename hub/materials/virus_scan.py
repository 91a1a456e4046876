"""The hook for virus scanners: a file goes through as a stream, a verdict comes back.

Source: clamd(8), command INSTREAM: chunks with a length of four bytes before each, an empty one ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 60.0


class ScannerUnavailable(Exception):
    """No verdict: the file waits, it is neither taken nor refused."""


class Scanner(Protocol):
    name: str

    async def scan(self, content: AsyncIterator[bytes]) -> str | None:
        """What was found, or ``None``. Raises :class:`ScannerUnavailable`."""
        ...


class NoScanner:
    """Where no scanner is set: nothing is found, and the file says that nobody looked."""

    name = "none"

    async def scan(self, content: AsyncIterator[bytes]) -> str | None:
        async for _ in content:
            continue
        return None


class ClamdScanner:
    """``clamd://host:port``."""

    name = "clamd"

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 3310

    async def scan(self, content: AsyncIterator[bytes]) -> str | None:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return _verdict(await self._exchange(content))
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise ScannerUnavailable("The virus scanner cannot be reached. The file waits for it.") from error

    async def _exchange(self, content: AsyncIterator[bytes]) -> bytes:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            writer.write(b"zINSTREAM\0")
            async for chunk in content:
                writer.write(len(chunk).to_bytes(4, "big") + chunk)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            return await reader.readuntil(b"\0")
        finally:
            writer.close()


def _verdict(answer: bytes) -> str | None:
    text = answer.rstrip(b"\0").decode("utf-8", "replace").removeprefix("stream: ").strip()
    if text == "OK":
        return None
    if text.endswith(" FOUND"):
        return text.removesuffix(" FOUND")
    raise ScannerUnavailable("The virus scanner gave no verdict. The file waits for it.")


def scanner_of(url: str) -> Scanner:
    """The scanner that the setting names; none for nothing."""
    return ClamdScanner(url) if url else NoScanner()

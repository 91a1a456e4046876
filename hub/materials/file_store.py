"""Where the bytes of files are kept: objects by name, in a folder or an S3-compatible store.

A file is many small objects, so that a cut upload goes on at any process and nobody holds more than one of them in
memory. Names are made by the hub, never by a client.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Protocol


class FileStoreUnavailable(Exception):
    """The store cannot be reached, or does not have what was kept in it."""


class FileStore(Protocol):
    """Raises :class:`FileStoreUnavailable`."""

    async def put(self, name: str, content: bytes) -> None:
        """Keep it; keeping it again changes nothing."""
        ...

    async def get(self, name: str) -> bytes: ...

    async def delete(self, name: str) -> None:
        """Nothing where there is none."""
        ...

    async def close(self) -> None: ...


class FolderStore:
    """Files below one folder; what is written is on disk before it is told."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, content: bytes) -> None:
        await asyncio.to_thread(self._write, self._path(name), content)

    async def get(self, name: str) -> bytes:
        try:
            return await asyncio.to_thread(self._path(name).read_bytes)
        except OSError as error:
            raise FileStoreUnavailable(f"The folder store has no {name}.") from error

    async def delete(self, name: str) -> None:
        await asyncio.to_thread(self._path(name).unlink, missing_ok=True)

    async def close(self) -> None:
        return None

    def _path(self, name: str) -> Path:
        return self._folder / name

    def _write(self, path: Path, content: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
            with fresh.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            raise FileStoreUnavailable(f"The folder store cannot keep {path.name}.") from error

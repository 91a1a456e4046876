"""An S3-compatible store as a :class:`hub.materials.file_store.FileStore`: three signed requests, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote, urlsplit

import aiohttp

from hub.materials.file_store import FileStoreUnavailable
from hub.materials.s3_signature import S3Credentials, signed_headers

TIMEOUT_SECONDS = 30.0


class S3Store:
    """``url`` is the address of the bucket, path style: ``https://host/bucket``."""

    def __init__(self, url: str, credentials: S3Credentials, now: Callable[[], datetime]) -> None:
        self._url = urlsplit(url.rstrip("/"))
        self._credentials = credentials
        self._now = now
        self._session: aiohttp.ClientSession | None = None

    async def put(self, name: str, content: bytes) -> None:
        await self._ask("PUT", name, content, (200, 201, 204))

    async def get(self, name: str) -> bytes:
        return await self._ask("GET", name, b"", (200,))

    async def delete(self, name: str) -> None:
        await self._ask("DELETE", name, b"", (200, 202, 204, 404))

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _ask(self, method: str, name: str, content: bytes, good: tuple[int, ...]) -> bytes:
        path = f"{self._url.path}/{name}"
        headers = signed_headers(self._credentials, method, self._url.netloc, path, content, self._now())
        url = f"{self._url.scheme}://{self._url.netloc}{quote(path)}"
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout, skip_auto_headers=("Content-Type",))
        try:
            async with self._session.request(method, url, data=content or None, headers=headers) as response:
                body = await response.read()
                if response.status not in good:
                    raise FileStoreUnavailable(f"The store answered {response.status} to {method} {name}.")
                return body
        except (aiohttp.ClientError, TimeoutError) as error:
            raise FileStoreUnavailable(f"The store cannot be reached for {method} {name}.") from error

"""Read a description and what it refers to, from a folder or from one host, and from nowhere else.

A document is written by others: what it refers to is followed only inside the folder or on the host that a person
named. Redirects to other hosts are refused like any other address. Source: OWASP, "Server-Side Request Forgery
Prevention".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from connectors.connector import ConnectorFailure
from connectors.http_client import HttpClient
from connectors.http_message import HttpLimits, HttpRequest
from connectors.rest.xml import decoded_xml
from hub.cli.input import Unreadable, read_bytes
from hub.standalone.describing import ADDRESSES

LARGEST = 20 * 1024 * 1024
"""Bytes of all documents together."""
MOST_DOCUMENTS = 500
_MOST_REDIRECTS = 5
_TIMEOUT = timedelta(seconds=30)
_MOVED = frozenset({301, 302, 303, 307, 308})


class RefusedReference(Unreadable):
    """A document refers to a file outside its folder, or to another host."""


def document_client() -> HttpClient:
    """The client for documents; whoever runs the command names the host, so private ones are meant."""
    return HttpClient(HttpLimits(answer_bytes=LARGEST), ADDRESSES)


class DocumentSource:
    """Everything that one description is made of. ``target`` is a file, ``-`` for stdin, or a URL; ``headers`` go
    to its host."""

    def __init__(self, target: str, client: HttpClient, headers: Mapping[str, str]) -> None:
        self._is_remote = target.startswith(("http://", "https://"))
        self._client = client
        self._headers = headers
        self._target = target
        self._left = LARGEST
        self._folder = Path.cwd() if target == "-" else Path(target).resolve().parent
        self.location = target if self._is_remote else str(self._folder / Path(target).name)

    async def root(self) -> str:
        """The text of the description. Raises :class:`Unreadable`."""
        if self._is_remote:
            return await self._fetched(self.location)
        return self._counted(read_bytes(Path(self._target)), self._target)

    async def beside(
        self, document: Any, read: Callable[[str], Any], outside: Callable[[Any, str], frozenset[str]]
    ) -> dict[str, Any]:
        """Every document that this one refers to, directly or not, by location. Raises :class:`Unreadable`."""
        found: dict[str, Any] = {}
        waiting = sorted(outside(document, self.location))
        while waiting:
            location = waiting.pop()
            if location in found or location == self.location:
                continue
            if len(found) >= MOST_DOCUMENTS:
                raise Unreadable(f"{self._target}: refers to more than {MOST_DOCUMENTS} other documents")
            found[location] = read(await self._text(location))
            waiting += sorted(outside(found[location], location) - found.keys())
        return found

    async def _text(self, location: str) -> str:
        if self._is_remote:
            return await self._fetched(location)
        parts = urlsplit(location)
        file = Path(unquote(location)).resolve()
        if parts.scheme or parts.netloc or not file.is_relative_to(self._folder):
            raise RefusedReference(
                f'{self._target}: refers to "{location}", which is not below {self._folder}. Copy it there, and '
                "write the reference relative to the document."
            )
        return self._counted(read_bytes(file), location)

    async def _fetched(self, location: str) -> str:
        for _ in range(_MOST_REDIRECTS):
            location = urldefrag(location)[0]
            if _origin(location) != _origin(self.location):
                raise RefusedReference(
                    f'{self._target}: leads to "{location}", which is another host. Download both beside '
                    "each other, or name the address that it moved to."
                )
            try:
                headers = {"Accept": "*/*", **self._headers}
                answer = await self._client.send(HttpRequest("GET", location, headers), _TIMEOUT)
            except ConnectorFailure as failure:
                raise Unreadable(f"{location}: {failure.message} ({failure.detail})") from None
            if answer.status in _MOVED and answer.headers.get("location"):
                location = urljoin(location, answer.headers["location"])
                continue
            if not answer.is_success:
                raise Unreadable(f"{location}: HTTP {answer.status}")
            return self._counted(answer.body, location)
        raise Unreadable(f"{self._target}: moved more than {_MOST_REDIRECTS} times")

    def _counted(self, body: bytes, location: str) -> str:
        """The text, by the encoding that it says of itself: many a WSDL document is in GBK."""
        self._left -= len(body)
        if self._left < 0:
            raise Unreadable(f"{location}: is more than {LARGEST // 1024 // 1024} MB, with what it refers to")
        try:
            return decoded_xml(body)
        except UnicodeDecodeError as error:
            raise Unreadable(f"{location}: is not {error.encoding.upper()} text (byte {error.start})") from None
        except LookupError:
            raise Unreadable(f"{location}: is in an encoding that is not known. Save it as UTF-8.") from None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Raises :class:`Unreadable` for what is no address."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError as error:
        raise Unreadable(f"{url}: is no address ({error})") from None

"""``/files``: resumable uploads by tus 1.0, and ``/files/{id}/content`` for who may read one.

Source: tus resumable upload protocol 1.0.0, core and the extensions creation, expiration, termination.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from email.utils import format_datetime
from urllib.parse import quote

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from auth.actor import Actor
from hub.doors.http_problem import http_problem
from hub.materials.file_store import FileStoreUnavailable
from hub.materials.uploads import NewFile, UploadConflict, Uploads, UploadTooLarge
from hub.tables.stored_file import StoredFileRow
from schema.domain.mandate import Power
from schema.domain.stored_file import MAXIMUM_BYTES, UNFINISHED_FOR, FileState
from schema.errors import DomainError, RuntimeCode

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
BYTES = "application/offset+octet-stream"
_HEADERS = {"Tus-Resumable": VERSION, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_EXPOSED = ("Location", "Upload-Offset", "Upload-Length", "Upload-Expires", "Tus-Resumable", "Tus-Max-Size")
_STATUS = {RuntimeCode.BAD_USER_INPUT: 415, RuntimeCode.CONFLICT: 409}

Authenticate = Callable[[Request], Awaitable[Actor | None]]
"""The actor behind the request's bearer token; ``None`` when there is none that is valid."""


def upload_routes(uploads: Uploads, authenticate: Authenticate, origins: Sequence[str] = ()) -> list[Route]:
    """The door for files. Only persons hand in; what is another's is not found."""
    door = UploadDoor(uploads, authenticate)
    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["POST", "HEAD", "PATCH", "DELETE", "OPTIONS", "GET"],
        allow_headers=["*"],
        expose_headers=list(_EXPOSED),
    )
    return [
        Route("/files", door.collection, methods=["POST", "OPTIONS"], middleware=[cors]),
        Route("/files/{id}", door.one, methods=["HEAD", "PATCH", "DELETE", "OPTIONS"], middleware=[cors]),
        Route("/files/{id}/content", door.content, methods=["GET"], middleware=[cors]),
    ]


def _hands_in(actor: Actor) -> bool:
    agency = actor.agency
    return actor.has_role("citizen") or (agency is not None and Power.HANDLE_CASES in agency.scope.powers)


class UploadDoor:
    """One for a process."""

    def __init__(self, uploads: Uploads, authenticate: Authenticate) -> None:
        self._uploads = uploads
        self._authenticate = authenticate

    async def collection(self, request: Request) -> Response:
        """Begin a file: ``Upload-Length`` and ``Upload-Metadata`` with ``filename`` and ``filetype``."""
        if request.method == "OPTIONS":
            return _capabilities()
        return await self._answered(request, self._create)

    async def one(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return _capabilities()
        verbs = {"HEAD": self._tell, "PATCH": self._append, "DELETE": self._cancel}
        return await self._answered(request, verbs[request.method])

    async def content(self, request: Request) -> Response:
        """The file as it was handed in, never as something that a browser runs."""
        actor = await self._authenticate(request)
        if actor is None:
            return _problem(401, "Send an access token as bearer.", {"WWW-Authenticate": "Bearer"})
        row = await self._uploads.readable(actor, request.path_params["id"])
        if row is None:
            return _problem(404, "There is no such file, or it is not checked yet.")
        headers = {
            **_HEADERS,
            "Content-Length": str(row.size_bytes),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.name)}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        }
        return StreamingResponse(self._uploads.content(row.id), media_type=row.media_type, headers=headers)

    async def _answered(self, request: Request, verb: Callable[[Request, Actor], Awaitable[Response]]) -> Response:
        if request.headers.get("tus-resumable") != VERSION:
            return _problem(412, f"Send Tus-Resumable: {VERSION}.", {"Tus-Version": VERSION})
        actor = await self._authenticate(request)
        if actor is None:
            return _problem(401, "Send an access token as bearer.", {"WWW-Authenticate": "Bearer"})
        if not _hands_in(actor):
            return _problem(403, "Only persons hand in files, and agents with the power HANDLE_CASES.")
        try:
            return await verb(request, actor)
        except DomainError as error:
            return _problem(_STATUS.get(error.code, 400), str(error))
        except UploadTooLarge as error:
            return _problem(413, str(error))
        except UploadConflict as error:
            return _problem(409, str(error))
        except FileStoreUnavailable:
            return _problem(503, "Files cannot be kept just now. Go on later.", {"Retry-After": "5"})

    async def _create(self, request: Request, actor: Actor) -> Response:
        length = _number(request.headers.get("upload-length"))
        if length is None:
            return _problem(400, "Upload-Length is needed, in bytes.")
        told = _metadata(request.headers.get("upload-metadata", ""))
        name, kind = told.get("filename") or told.get("name", ""), told.get("filetype") or told.get("type", "")
        row = await self._uploads.begin(actor, NewFile(name, kind, length))
        return Response(status_code=201, headers={**_place(row), "Location": f"/files/{row.id}"})

    async def _tell(self, request: Request, actor: Actor) -> Response:
        row = await self._uploads.own(actor, request.path_params["id"])
        if row is None or row.state == FileState.REJECTED:
            return Response(status_code=404 if row is None else 410, headers=_HEADERS)
        return Response(status_code=200, headers={**_place(row), "Upload-Length": str(row.size_bytes)})

    async def _append(self, request: Request, actor: Actor) -> Response:
        row = await self._uploads.own(actor, request.path_params["id"])
        if row is None or row.state == FileState.REJECTED:
            return _problem(404 if row is None else 410, "There is no such file, or it was refused.")
        if request.headers.get("content-type") != BYTES:
            return _problem(415, f"The body is {BYTES}.")
        offset = _number(request.headers.get("upload-offset"))
        if offset is None:
            return _problem(400, "Upload-Offset is needed, in bytes.")
        announced = _number(request.headers.get("content-length")) or 0
        if offset + announced > row.size_bytes:
            return _problem(413, f"{row.size_bytes} bytes were announced; more are sent.")
        after = await self._uploads.append(row, offset, _until_it_breaks(request))
        return Response(status_code=204, headers=_place(after))

    async def _cancel(self, request: Request, actor: Actor) -> Response:
        is_gone = await self._uploads.cancel(actor, request.path_params["id"])
        return Response(status_code=204 if is_gone else 404, headers=_HEADERS)


async def _until_it_breaks(request: Request) -> AsyncIterator[bytes]:
    """The body as far as it comes: what a cut connection brought is kept."""
    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect:
        return


def _capabilities() -> Response:
    told = {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(MAXIMUM_BYTES)}
    return Response(status_code=204, headers={**_HEADERS, **told})


def _place(row: StoredFileRow) -> dict[str, str]:
    headers = {**_HEADERS, "Upload-Offset": str(row.received_bytes)}
    if row.state == FileState.UPLOADING:
        headers["Upload-Expires"] = format_datetime(row.changed_at + UNFINISHED_FOR, usegmt=True)
    return headers


def _metadata(header: str) -> dict[str, str]:
    """Keys and base64 values, behind commas; what cannot be read is left out."""
    found = {}
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = b64decode(value, validate=True).decode("utf-8")
        except (Base64Error, UnicodeDecodeError):
            continue
    return found


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 16 else None


def _problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    return http_problem(status, detail, {**_HEADERS, **(headers or {})})

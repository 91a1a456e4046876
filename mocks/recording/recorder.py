"""Stand in front of a department, pass everything on, and write what was asked and answered.

Who asked is not written: no header of the request, no address. Personal data is replaced before it is written.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TextIO
from urllib.parse import unquote

import aiohttp
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from yarl import URL

from mocks.application import application
from mocks.faults import Faults
from mocks.faults.scenario import read_scenario
from mocks.recording.bodies import Unrecordable, read_body, replaced
from mocks.recording.exchange import Asked, Exchange, head_line, line_of
from mocks.recording.pseudonyms import Pseudonyms
from mocks.server import listen, run
from mocks.structured import UnreadableFile

SECRET = "JIYI_MOCK_SECRET"  # noqa: S105  the name of the variable
_SHORTEST_SECRET = 16
_OF_THE_CONNECTION = frozenset(
    {
        "accept-encoding", "connection", "content-encoding", "content-length", "host", "keep-alive",
        "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "jiyi-fault",
    }
)  # fmt: skip
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def read_secret() -> bytes | None:
    """The key of pseudonyms, from the environment. Raises :class:`UnreadableFile` for one that can be guessed."""
    found = os.environ.get(SECRET)
    if found is not None and len(found) < _SHORTEST_SECRET:
        raise UnreadableFile(f"{SECRET} must have at least {_SHORTEST_SECRET} characters. Take a random one.")
    return found.encode() if found else None


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--target", required=True, help="the department's address")
    parser.add_argument("--out", type=Path, required=True, help="the recording; it must not exist")


def serve(arguments: argparse.Namespace) -> None:
    """Serve until SIGTERM. Raises :class:`UnreadableFile`."""
    # Without a key of the caller's nobody ever has it, and no way leads back.
    pseudonyms = Pseudonyms(read_secret() or secrets.token_bytes(32))
    scenario = read_scenario(arguments.scenario) if arguments.scenario else None
    if not arguments.target.startswith(("http://", "https://")):
        raise UnreadableFile(f'--target "{arguments.target}" is no http or https address.')
    listener = listen("mock record", arguments.host, arguments.port)
    try:
        out = arguments.out.open("x", encoding="utf-8")
    except OSError as error:
        raise UnreadableFile(f"{arguments.out}: {error.strerror}. Choose another --out.") from error
    with out:
        recorder = Recorder(arguments.target.rstrip("/"), out, pseudonyms)
        faults = Faults(scenario=scenario, seed=arguments.seed)
        run(application(recorder.routes, faults), listener, faults)


class Recorder:
    """A reverse proxy that writes. What is no text is passed on and not written, and said so on stderr."""

    def __init__(self, target: str, out: TextIO, pseudonyms: Pseudonyms) -> None:
        self._target = target
        self._out = out
        self._pseudonyms = pseudonyms
        self._client: aiohttp.ClientSession | None = None
        self.written = 0
        self.left_out: list[str] = []
        self._write(head_line(target))
        self.routes = (
            Route("/__recording", self.state),
            Route("/{path:path}", self.pass_on, methods=_METHODS),
        )

    async def state(self, _request: Request) -> Response:
        return JSONResponse({"written": self.written, "leftOut": self.left_out})

    async def pass_on(self, request: Request) -> Response:
        """Ask the department, answer what it answers; 502 where it does not."""
        raw = await request.body()
        headers = {n: value for n, value in request.headers.items() if n not in _OF_THE_CONNECTION}
        try:
            answer = await self._session().request(
                request.method,
                URL(self._target + sent_target(request), encoded=True),
                data=raw or None,
                headers=headers,
                allow_redirects=False,
            )
            is_stream = answer.headers.get("Content-Type", "").startswith("text/event-stream")
            body = b"" if is_stream else await answer.read()
        except (aiohttp.ClientError, OSError) as error:
            message = f"The department at {self._target} cannot be reached: {error}"
            return JSONResponse({"error": {"code": "TARGET_UNREACHABLE", "message": message}}, 502)
        kept = [(n, value) for n, value in answer.headers.items() if n.lower() not in _OF_THE_CONNECTION]
        content_type = answer.headers.get("Content-Type", "")
        if is_stream:
            self._leave_out(request, "event streams are passed on only")
            streamed = StreamingResponse(_parts(answer), answer.status)
            streamed.raw_headers = _raw(kept)
            return streamed
        self._record(request, raw, answer.status, content_type, body)
        passed = Response(body, answer.status)
        passed.raw_headers = [*_raw(kept), (b"content-length", str(len(body)).encode())]
        return passed

    def _session(self) -> aiohttp.ClientSession:
        if self._client is None:
            self._client = aiohttp.ClientSession(auto_decompress=True)
        return self._client

    def _record(self, request: Request, raw: bytes, status: int, content_type: str, answered: bytes) -> None:
        try:
            asked_type = request.headers.get("content-type", "")
            asked_body, _ = read_body(raw, asked_type)
            body, is_json = read_body(answered, content_type)
        except Unrecordable as error:
            self._leave_out(request, str(error))
            return
        # The question first: names that it tells by their field may stand in the answer's texts.
        asked = asked_of(self._pseudonyms, request.method, asked_path(request), request.query_params.multi_items(),
                         asked_body, asked_type)  # fmt: skip
        told = replaced(self._pseudonyms, body, content_type)
        charset_free = content_type.partition(";")[0]
        self._write(line_of(Exchange(asked, status, charset_free, told, is_json)))
        self.written += 1

    def _leave_out(self, request: Request, why: str) -> None:
        note = f"{request.method} {self._pseudonyms.text(request.url.path)}: not recorded, {why}"
        self.left_out.append(note)
        print(note, file=sys.stderr, flush=True)

    def _write(self, line: str) -> None:
        self._out.write(line + "\n")
        self._out.flush()


def sent_target(request: Request) -> str:
    """Path and query as they were sent: a slash within a value stays encoded."""
    query = request.scope["query_string"].decode("latin-1")
    path: str = request.scope["raw_path"].decode("latin-1")
    return f"{path}?{query}" if query else path


def asked_path(request: Request) -> str:
    """The path as it is read, in which a slash within a value is still told from one between two."""
    parts = request.scope["raw_path"].decode("latin-1").split("/")
    return "/".join(unquote(part).replace("/", "%2F") for part in parts)


def asked_of(
    pseudonyms: Pseudonyms, method: str, path: str, query: list[tuple[str, str]], body: object, content_type: str
) -> Asked:
    """A request without personal data."""
    return Asked(
        method,
        "/".join(pseudonyms.text(part) for part in path.split("/")),
        tuple((name, pseudonyms.of(value, name)) for name, value in query),
        replaced(pseudonyms, body, content_type),
    )


def _raw(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


async def _parts(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    async for part in answer.content.iter_any():
        yield part

"""A department's HTTP server that remembers what it was sent, byte for byte, and answers what a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it came over the wire."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> list[str]:
        """Every value under this name."""
        return [value for given, value in self.headers if given.lower() == name.lower()]

    def __str__(self) -> str:
        return f"{self.method} {self.target} {self.headers} {self.body!r}"


@dataclass
class Said:
    """What is answered; a ``Content-Type`` of JSON unless another is given."""

    body: bytes = b"{}"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Department:
    """``answer`` may be exchanged while it serves."""

    answer: Callable[[Heard], Said]
    port: int = 0
    heard: list[Heard] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def listening(answer: Callable[[Heard], Said]) -> Iterator[Department]:
    """Serves in a thread until the block ends."""
    department = Department(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            heard = Heard(self.command, self.path, tuple(self.headers.items()), body)
            department.heard.append(heard)
            said = department.answer(heard)
            self.send_response(said.status)
            for name, value in said.headers:
                self.send_header(name, value)
            if not any(name.lower() == "content-type" for name, _ in said.headers):
                self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self._answer
            raise AttributeError(name)

        def log_message(self, *_: Any) -> None:
            """Nothing: the tests look at what was heard."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    department.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield department
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

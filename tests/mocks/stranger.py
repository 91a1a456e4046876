"""A mock as a real process, and the few ways in which tests speak to it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door said. ``json`` is ``None`` where the body is no JSON."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.text)
        except ValueError:
            return None


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_StayHere, urllib.request.ProxyHandler({}))


class Stranger:
    """One running mock. ``stop`` is SIGTERM, ``kill`` SIGKILL."""

    def __init__(self, module: str, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"mocks.{module}", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        assert self.process.stdout
        ready, _, _ = select.select([self.process.stdout], [], [], 20)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            self.process.kill()
            raise AssertionError(f"{module} did not start: {self.process.communicate()[1]}")
        announcement = json.loads(line)
        assert announcement["ready"] is True
        self.url: str = announcement["url"]

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json"} | {
            key.replace("_", "-"): value for key, value in headers.items()
        }
        request = urllib.request.Request(self.url + path, data, sent, method=method)
        try:
            with _OPENER.open(request, timeout=10) as answer:
                return Answer(answer.status, answer.read().decode(), dict(answer.headers))
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read().decode(), dict(error.headers))

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.ask("POST", path, body if body is not None else {}, **headers)

    def graphql(self, query: str, **variables: Any) -> dict[str, Any]:
        answer = self.post("/graphql", {"query": query, "variables": variables})
        assert answer.status == 200, answer.text
        result: dict[str, Any] = answer.json
        return result

    def stop(self) -> float:
        """End it by SIGTERM. Returns the seconds that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=5)
        return time.monotonic() - began

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@dataclass(frozen=True, slots=True)
class Received:
    """One request that the receiver got."""

    body: str
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """Somebody whom a mock calls: refuses the first ``refusals`` requests with 503, keeps all of them."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.refused: list[Received] = []
        self.accepted: list[Received] = []
        self._lock = Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.send_response(receiver.take(Received(body, dict(self.headers))))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/events"

    def take(self, received: Received) -> int:
        with self._lock:
            if self.refusals > 0:
                self.refusals -= 1
                self.refused.append(received)
                return 503
            self.accepted.append(received)
            return 202


@contextmanager
def receiving(refusals: int = 0) -> Iterator[Receiver]:
    """A receiver that serves for the time of the block."""
    receiver = Receiver(refusals)
    Thread(target=receiver.server.serve_forever, args=(0.02,), daemon=True).start()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Look again and again until ``condition`` holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)

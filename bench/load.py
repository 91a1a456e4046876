"""Closed-loop load on one address: ``wrk`` where it is installed, else a small client of our own.

So many connections send the same request as fast as they are answered.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

_SCRIPT = """
wrk.method = "POST"
wrk.body = [==[%s]==]
%s
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('{"requests": %%d, "seconds": %%f, "errors": %%d, "p50": %%f, "p99": %%f}\\n',
    summary.requests, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_TIMEOUT = "60s"
"""wrk counts slower answers as errors."""


@dataclass(frozen=True, slots=True)
class LoadResult:
    """``errors`` are requests that were not answered with 200. Latencies are in milliseconds."""

    requests: int
    seconds: float
    errors: int
    p50_ms: float
    p99_ms: float

    @property
    def requests_per_second(self) -> float:
        return self.requests / self.seconds


def client_name() -> str:
    return "wrk" if shutil.which("wrk") else "asyncio"


async def load(
    url: str, body: bytes, *, connections: int, seconds: int, headers: Mapping[str, str] = NO_HEADERS
) -> LoadResult:
    """Send ``body`` over ``connections`` connections for so long."""
    sent = {"Content-Type": "application/json", **headers}
    if client_name() == "wrk":
        return await _wrk(url, body, sent, connections, seconds)
    return await _own_client(url, body, sent, connections, seconds)


async def _wrk(url: str, body: bytes, headers: Mapping[str, str], connections: int, seconds: int) -> LoadResult:
    with tempfile.TemporaryDirectory(prefix="jiyi-bench-") as directory:
        script = Path(directory) / "post.lua"
        lines = "\n".join(f'wrk.headers["{name}"] = "{value}"' for name, value in headers.items())
        script.write_text(_SCRIPT % (body.decode(), lines), encoding="utf-8")
        duration = f"{seconds}s"
        shape = ("-t", "1", "-c", str(connections), "-d", duration, "--timeout", _TIMEOUT)
        arguments = (*shape, "-s", str(script), url)
        process = await asyncio.create_subprocess_exec("wrk", *arguments, stdout=asyncio.subprocess.PIPE)
        output, _ = await process.communicate()
    told = json.loads(output.decode().strip().splitlines()[-1])
    return LoadResult(told["requests"], told["seconds"], told["errors"], told["p50"], told["p99"])


async def _own_client(
    url: str, body: bytes, headers: Mapping[str, str], connections: int, seconds: int
) -> LoadResult:
    durations: list[float] = []
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_one_connection(url, body, headers, began + seconds, durations))
            for _ in range(connections)
        ]
    took = time.perf_counter() - began
    ordered = sorted(durations) or [0.0]
    median, late = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    return LoadResult(len(durations), took, sum(task.result() for task in tasks), median * 1e3, late * 1e3)


async def _one_connection(
    url: str, body: bytes, headers: Mapping[str, str], ends: float, durations: list[float]
) -> int:
    """Ask again and again until the time is over; how many answers were not 200."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {len(body)}\r\n"
        + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        + "\r\n"
    )
    request, errors = head.encode() + body, 0
    while (began := time.perf_counter()) < ends:
        writer.write(request)
        answer = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(_content_length(answer))
        durations.append(time.perf_counter() - began)
        errors += not answer.startswith(b"HTTP/1.1 200")
    writer.close()
    await writer.wait_closed()
    return errors


def _content_length(head: bytes) -> int:
    lines = head.decode("latin-1").lower().split("\r\n")
    return next(int(line.partition(":")[2]) for line in lines if line.startswith("content-length:"))

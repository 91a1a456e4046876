"""Start, watch, kill and stop the processes of the demo.

Each is a real process that says on stdout, as one JSON line, when and where it serves. Its log goes to a
file of its own. Nothing of them is imported here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


class ProcessFailed(Exception):
    """A process ended, or did not become ready in time; the text has the end of its log."""


@dataclass
class ManagedProcess:
    """One process: how it is started, and whether it runs."""

    name: str
    arguments: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_timeout_seconds: float = 60.0
    _process: asyncio.subprocess.Process | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """Raises :class:`ProcessFailed` when it does not run."""
        if self._process is None:
            raise ProcessFailed(f"{self.name} was not started")
        return self._process.pid

    async def start(self) -> None:
        """Start it and return once it said that it serves."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self.arguments,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env={**surroundings(), "PYTHONUNBUFFERED": "1", **self.environment},
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(self.ready_timeout_seconds):
                await self._wait_until_ready()
        except TimeoutError:
            await self.kill()
            raise ProcessFailed(f"{self.name} was not ready in time.\n{self._log_end()}") from None

    async def _wait_until_ready(self) -> None:
        process = self._process
        if process is None or process.stdout is None:
            raise ProcessFailed(f"{self.name} was not started")
        while line := await process.stdout.readline():
            with contextlib.suppress(ValueError):
                if json.loads(line).get("ready") is True:
                    return
        await process.wait()
        raise ProcessFailed(f"{self.name} ended with {process.returncode}.\n{self._log_end()}")

    async def kill(self) -> None:
        """SIGKILL: no chance to clean up, as when a machine dies."""
        await self._end(signal.SIGKILL, 5)

    async def stop(self, grace_seconds: float = 5) -> None:
        """SIGTERM, and SIGKILL when it has not ended after the time of grace."""
        await self._end(signal.SIGTERM, grace_seconds)

    async def _end(self, how: signal.Signals, grace_seconds: float) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(how)
        try:
            async with asyncio.timeout(grace_seconds):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    def _log_end(self) -> str:
        if not self.log.is_file():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])


def surroundings() -> dict[str, str]:
    """This process's environment, with what it runs itself to be found from anywhere, and without settings of a
    hub: they are another's, not the demo's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JIYI_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))}


class Stopwatch:
    """Milliseconds since it was made."""

    def __init__(self) -> None:
        self._begin = time.perf_counter()

    @property
    def milliseconds(self) -> int:
        return round((time.perf_counter() - self._begin) * 1000)

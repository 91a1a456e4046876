"""Run ``jiyi`` until it says that it serves, and end it."""

from __future__ import annotations

import json
import os
import queue
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

READY_WITHIN_SECONDS = 90.0


class ProcessFailed(Exception):
    """``jiyi`` ended, or did not serve in time; the text has the end of what it said."""


class JiyiProcess:
    """One running ``jiyi``. ``announced`` is the JSON line with which it says that it serves."""

    def __init__(
        self, command: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "jiyi.log"
        # Settings of the caller's own hub are not for one that a test starts.
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("JIYI_")}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [command, *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=folder,
                text=True,
                env={**surroundings, **(environment or {})},
            )
        self.announced = self._wait(arguments)

    @property
    def url(self) -> str:
        return str(self.announced["url"])

    def _wait(self, arguments: Sequence[str]) -> dict[str, Any]:
        lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()
        try:
            while line := lines.get(timeout=READY_WITHIN_SECONDS):
                found = _announcement(line)
                if found is not None:
                    return found
        except queue.Empty:
            self.stop()
            raise ProcessFailed(f"jiyi {' '.join(arguments)} did not serve in time.\n{self._said()}") from None
        self._process.wait()
        raise ProcessFailed(f"jiyi {' '.join(arguments)} ended with {self._process.returncode}.\n{self._said()}")

    def _read(self, lines: queue.Queue[str]) -> None:
        stream = self._process.stdout
        if stream is not None:
            for line in stream:
                lines.put(line)
        lines.put("")

    def _said(self) -> str:
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])

    def stop(self) -> None:
        """End it, by force where it does not within five seconds."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def _announcement(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and found.get("ready") is True else None


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])

"""``jiyi mock`` as a person types it: a process, spoken to over HTTP."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.mocks.stranger import Stranger

ROOT = Path(__file__).resolve().parents[2]


class Mock(Stranger):
    """One running ``jiyi mock``."""

    def __init__(self, folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hub.cli", "mock", *arguments],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        )
        assert self.process.stdout
        ready, _, _ = select.select([self.process.stdout], [], [], 30)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            self.process.kill()
            raise AssertionError(f"jiyi mock {arguments} did not start: {self.process.communicate()[1]}")
        self.url: str = json.loads(line)["url"]

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def fault(self, **fault: Any) -> None:
        answer = self.post("/__faults", fault)
        assert answer.status == 200, answer.text


def refused(folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit code and what was said of a mock that cannot start."""
    done = subprocess.run(
        [sys.executable, "-m", "hub.cli", "mock", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return done.returncode, done.stderr

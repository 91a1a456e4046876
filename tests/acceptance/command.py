"""``jiyi`` as a person types it: a process of its own, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def jiyi(
    directory: Path, *arguments: str, environment: dict[str, str] | None = None, seconds: float = 580
) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        [sys.executable, "-m", "hub.cli", *arguments],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )

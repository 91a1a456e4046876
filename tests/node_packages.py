"""Packages from npm that tests use: installed once per lock file, kept in pytest's cache, and their scripts run.

Several test processes may ask at once: the first installs, the others wait for it.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest


def installed(config: pytest.Config, name: str, source: Path) -> Path:
    """A folder with the packages of ``source`` and its scripts. Skips without npm, fails in CI."""
    if shutil.which("npm") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("npm is missing; CI requires it")
        pytest.skip("npm is missing; packages from npm are not tried")
    lock = (source / "package-lock.json").read_bytes()
    folder = Path(config.cache.mkdir(f"{name}-{sha256(lock).hexdigest()[:12]}"))
    with (folder / ".lock").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        if not (folder / "node_modules" / ".complete").exists():
            for file in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(source / file, folder / file)
            subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=folder, check=True, timeout=600)
            (folder / "node_modules" / ".complete").touch()
        for script in source.glob("*.mjs"):
            shutil.copy(script, folder / script.name)
    return folder


async def run(
    folder: Path, script: str, *arguments: str, environment: Mapping[str, str] | None = None, seconds: float = 60
) -> Any:
    """What a script of the folder writes, which is JSON. It has to end well, and in time."""
    process = await asyncio.create_subprocess_exec(
        "node",
        script,
        *arguments,
        cwd=folder,
        env=os.environ | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(seconds):
            output, trouble = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, trouble.decode()
    return json.loads(output)

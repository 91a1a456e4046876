"""openid-client from npm, installed once per lock file and kept in pytest's cache."""

from __future__ import annotations

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def openid_client(pytestconfig: pytest.Config) -> Path:
    """A folder with the script and what it needs."""
    if shutil.which("npm") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("npm is missing; CI requires it")
        pytest.skip("npm is missing; openid-client is not tried")
    lock = (HERE / "package-lock.json").read_bytes()
    folder = Path(pytestconfig.cache.mkdir(f"sign-in-{sha256(lock).hexdigest()[:12]}"))
    if not (folder / "node_modules" / ".complete").exists():
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(HERE / name, folder / name)
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=folder, check=True, timeout=300)
        (folder / "node_modules" / ".complete").touch()
    shutil.copy(HERE / "openid_client.mjs", folder / "openid_client.mjs")
    return folder

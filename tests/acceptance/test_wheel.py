"""The built wheel alone, in an empty environment elsewhere: templates, assets, migrations and mocks are inside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def jiyi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of a fresh environment: the locked packages and our wheel, nothing of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", ROOT)
    (wheel,) = (folder / "dist").glob("jiyi-*.whl")
    run(sys.executable, "-m", "venv", folder / "venv")
    pip = (folder / "venv/bin/python", "-m", "pip", "install", "--disable-pip-version-check", "-q")
    run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock")
    run(*pip, "--no-deps", wheel)
    return folder / "venv/bin/jiyi"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_road_is_walked_from_the_wheel_alone(jiyi: Path, tmp_path: Path) -> None:
    """Every step holds with an empty home, another folder and nothing of the checkout in reach."""
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    environment = {"HOME": str(home), "PATH": os.defpath, "LANG": "C.UTF-8"}
    done = subprocess.run(
        [jiyi, "demo", "--once", "--json"],
        cwd=elsewhere,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    steps = json.loads(done.stdout)["data"]["steps"]
    assert len(steps) == 9
    assert all(step["ok"] for step in steps)
    assert list(elsewhere.iterdir()) == []


def run(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr

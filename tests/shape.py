"""``python -m tests.shape``: the shape of the tree that we promise: short files, known top-level names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = 400
TOP_LEVEL = {
    "hub", "schema", "connectors", "auth", "mocks", "tests", "docs", "bench", "deploy",
    "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "Makefile",
    "requirements.lock", "requirements-dev.lock",
}  # fmt: skip


def tracked() -> list[Path]:
    answer = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [Path(line) for line in answer.stdout.splitlines() if (ROOT / line).is_file()]


def problems(files: list[Path]) -> list[str]:
    """What breaks the promise, a line each."""
    found = []
    for file in files:
        if file.suffix == ".py":
            lines = len((ROOT / file).read_text(encoding="utf-8").splitlines())
            if lines > MOST_LINES:
                found.append(f"{file}: {lines} lines; past {MOST_LINES} ask which two concepts it holds")
        top = file.parts[0]
        if top not in TOP_LEVEL and not top.startswith("."):
            found.append(f"{file}: {top} is no known top-level name")
    return sorted(set(found))


def main() -> int:
    found = problems(tracked())
    for line in found:
        sys.stdout.write(line + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""The tutorial, typed: from an empty folder, by what stands there alone, each kind is live in a running demo.

A shell gets the commands one after the other, as a person types them. One that meets a job which is still starting
is typed again, as a person would.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hub.cli.ports import free_port
from tests.docs.links import ROOT
from tests.docs.tutorial import KINDS, Page, Typed, Written, read_page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

MACHINE_SECONDS = 60
"""Of processor time, which other work on the machine does not lengthen."""
STARTING_SECONDS = 60
END = "the command ended with"


class Terminal:
    """A shell with a person's home, in which ``~/jiyi`` is the demo's folder."""

    def __init__(self, folder: Path, home: Path) -> None:
        self._log = (folder / ".terminal").open("w")
        tools = str(Path(sys.executable).parent)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("JIYI_")}
        environment |= {"HOME": str(home), "PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            ["bash", "--norc"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            start_new_session=True,
        )

    def type(self, command: str) -> tuple[int, str]:
        """Exit code and what was printed, by jobs in the background too."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{command}\necho; echo {END} $?\n")
        self._process.stdin.flush()
        printed = ""
        while not (line := self._process.stdout.readline()).startswith(END):
            assert line, f"the shell ended at: {command}"
            printed += line
        return int(line.removeprefix(END)), printed

    def close(self) -> None:
        """With every job that it started."""
        self.type("kill $(jobs -p); wait")
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(15)
        self._log.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A home with the demo running in ``~/jiyi``, and the hub's port."""
    home, port = tmp_path_factory.mktemp("home"), str(free_port())
    (home / "jiyi").mkdir()
    arguments = (sys.executable, "-m", "hub.cli", "demo", "--port", port)
    with (home / "demo.log").open("w") as log:
        demo = subprocess.Popen(
            arguments,
            cwd=home / "jiyi",
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert demo.stdout is not None
            while "Ctrl-C stops everything" not in (line := demo.stdout.readline()):
                assert line, (home / "demo.log").read_text()
            yield home, port
        finally:
            demo.terminate()
            demo.wait(20)


@contextmanager
def terminal(folder: Path, home: Path) -> Iterator[Terminal]:
    shell = Terminal(folder, home)
    try:
        yield shell
    finally:
        shell.type("jiyi connector retire parking")
        shell.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_of_ones_own_is_live(kind: str, home: tuple[Path, str], tmp_path: Path) -> None:
    """The answer with which the page ends, within a minute of the machine's time."""
    folder, hub_port = home
    page = read_page(kind)
    ports = {port: str(free_port()) for port in page.ports} | {"8000": hub_port}
    work = tmp_path / "parking"
    work.mkdir()
    before = processor_seconds()
    with terminal(work, folder) as shell:
        *steps, last = page.at(ports)
        for step in steps:
            take(step, shell, work)
        assert isinstance(last, Typed)
        answer = until_answered(shell, last.text, page)
    took = processor_seconds() - before
    assert answer == page.answer, (work / ".terminal").read_text()
    assert took < MACHINE_SECONDS


def processor_seconds() -> float:
    """Of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def take(step: Written | Typed, shell: Terminal, folder: Path) -> None:
    if isinstance(step, Written):
        file = folder / step.name
        file.parent.mkdir(exist_ok=True)
        file.write_text(step.text, encoding="utf-8")
        return
    ends = time.monotonic() + STARTING_SECONDS
    while True:
        code, printed = shell.type(step.text)
        is_refused = step.text.startswith("curl") and '"parkingPermits":[{' not in printed.replace(" ", "")
        if code == 0 and not is_refused:
            assert "connector test" not in step.text or "score 100" in printed, printed
            return
        assert time.monotonic() < ends, f"{step.text}\n{printed}{(folder / '.terminal').read_text()}"
        time.sleep(0.3)


def until_answered(shell: Terminal, command: str, page: Page) -> Any:
    """The agent may still be on its way to the hub."""
    ends = time.monotonic() + STARTING_SECONDS
    while True:
        _, printed = shell.type(command)
        begin = printed.find('{"')
        answer = json.loads(printed[begin:].splitlines()[0]) if begin >= 0 else None
        if answer == page.answer or time.monotonic() > ends:
            return answer
        time.sleep(0.3)

"""The fixtures: ``mock_department``, ``hub``, ``graph_client``, ``jiyi_command``."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest

from pytest_jiyi.client import GraphClient
from pytest_jiyi.department import MockDepartment
from pytest_jiyi.hub import Hub, RegistryHub, start_gateway, start_registry
from pytest_jiyi.process import JiyiProcess
from pytest_jiyi.sign_in import IDENTITY_SDL

COMMAND = "JIYI_COMMAND"
IDENTITY_DEPARTMENT = "public-security"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("jiyi_command", "The command jiyi, where it is not on the PATH.", default="")


@pytest.fixture(scope="session")
def jiyi_command(pytestconfig: pytest.Config) -> str:
    """The command ``jiyi``."""
    beside = Path(sys.executable).with_name("jiyi")
    named = os.environ.get(COMMAND) or pytestconfig.getini("jiyi_command")
    if named:
        return str(Path(named).expanduser().absolute()) if os.sep in named else named
    found = str(beside) if beside.is_file() else shutil.which("jiyi")
    if not found:
        pytest.fail(f"There is no command jiyi. Set {COMMAND} to it, or put it on the PATH.", pytrace=False)
    return found


class Mocks:
    """Mocks that were started, kept for the session: the same question again gets the same process."""

    def __init__(self, command: str, folder: Path) -> None:
        self._command, self._folder = command, folder
        self._numbers = itertools.count(1)
        self._started: dict[tuple[Any, ...], MockDepartment] = {}

    def start(self, name: str, sdl: str, flags: Mapping[str, Any]) -> MockDepartment:
        key = (name, sdl, *sorted((each, str(value)) for each, value in flags.items()))
        found = self._started.get(key)
        if found is None:
            folder = self._folder / f"{name}-{next(self._numbers)}"
            folder.mkdir(parents=True)
            (folder / "schema.graphql").write_text(sdl, encoding="utf-8")
            arguments = ["mock", "--sdl", "schema.graphql", "--name", name, "--port", "0"]
            for each, value in flags.items():
                arguments += [f"--{each}", str(value)]
            found = self._started[key] = MockDepartment(name, sdl, JiyiProcess(self._command, arguments, folder))
        return found

    def stop(self) -> None:
        for department in self._started.values():
            department.process.stop()


@pytest.fixture(scope="session")
def _mocks(jiyi_command: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mocks]:
    mocks = Mocks(jiyi_command, tmp_path_factory.mktemp("jiyi-mocks"))
    yield mocks
    mocks.stop()


class StartsMocks(Protocol):
    """The fixture ``mock_department``."""

    def __call__(
        self,
        name: str,
        sdl: str | Path,
        *,
        data: str | Path | None = None,
        scenario: str | Path | None = None,
        seed: int | None = None,
        count: int | None = None,
        nulls: float | None = None,
        interval: float | None = None,
    ) -> MockDepartment:
        """A mock of the SDL, without faults and without what other tests wrote. ``sdl`` is a file beside the test
        or below the root of the tests, or the text itself."""


@pytest.fixture
def mock_department(_mocks: Mocks, request: pytest.FixtureRequest) -> Iterator[StartsMocks]:
    """Start mock departments from their SDL."""
    used: list[MockDepartment] = []

    def start(name: str, sdl: str | Path, **options: Any) -> MockDepartment:
        flags = {each: value for each, value in options.items() if value is not None}
        for each in ("data", "scenario"):
            if each in flags:
                flags[each] = _file(request, flags[each])
        department = _mocks.start(name, _text(request, sdl), flags)
        department.recover()
        department.forget()
        used.append(department)
        return department

    yield start
    for department in used:
        department.recover()


def _text(request: pytest.FixtureRequest, sdl: str | Path) -> str:
    if isinstance(sdl, str) and "{" in sdl:
        return sdl
    return _file(request, sdl).read_text(encoding="utf-8")


def _file(request: pytest.FixtureRequest, name: str | Path) -> Path:
    """A file beside the test, or below the root. Fails the test where there is none."""
    folders = (request.path.parent, request.config.rootpath, Path.cwd())
    for folder in folders:
        if (folder / name).is_file():
            return (folder / name).absolute()
    return pytest.fail(f"There is no file {name} in {' or '.join(map(str, folders))}.", pytrace=False)


class Hubs:
    """The fixture ``hub``: call it for the engine alone, :meth:`with_registry` for a real hub."""

    def __init__(self, command: str, folder: Path, mocks: StartsMocks) -> None:
        self._command, self._folder, self._mocks = command, folder, mocks
        self.started: list[Hub] = []

    def __call__(
        self,
        *departments: MockDepartment,
        timeout: float = 10,
        forward_headers: Sequence[str] = (),
        flags: Sequence[str] = (),
    ) -> Hub:
        """``jiyi gateway`` over the departments; ``timeout`` seconds each may take."""
        folder = self._folder / f"hub-{len(self.started) + 1}"
        hub = start_gateway(self._command, folder, departments, timeout, forward_headers, flags)
        self.started.append(hub)
        return hub

    def with_registry(self, *departments: MockDepartment) -> RegistryHub:
        """``jiyi run`` with the departments' connectors live, and an identity department if none is given."""
        given = list(departments)
        if all(each.name != IDENTITY_DEPARTMENT for each in given):
            given.insert(0, self._mocks(IDENTITY_DEPARTMENT, IDENTITY_SDL))
        hub = start_registry(self._command, self._folder / f"hub-{len(self.started) + 1}", given)
        self.started.append(hub)
        return hub


@pytest.fixture
def hub(jiyi_command: str, tmp_path: Path, mock_department: StartsMocks) -> Iterator[Hubs]:
    """Start hubs over mock departments; they end with the test."""
    hubs = Hubs(jiyi_command, tmp_path, mock_department)
    yield hubs
    for each in hubs.started:
        each.stop()


class MakesClients(Protocol):
    """The fixture ``graph_client``."""

    def __call__(
        self, of: Hub | MockDepartment, token: str | None = None, headers: Mapping[str, str] | None = None
    ) -> GraphClient:
        """A client of a hub's graph, or of one mock's."""


@pytest.fixture
def graph_client() -> MakesClients:
    """Clients of hubs."""

    def make(
        of: Hub | MockDepartment, token: str | None = None, headers: Mapping[str, str] | None = None
    ) -> GraphClient:
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        return GraphClient(f"{of.url}/graphql", {**bearer, **(headers or {})})

    return make

"""The one file that an agent reads, checked as a whole before anything starts.

Secrets never stand in it: it names the environment variables or files that hold them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from connectors.broker import BrokerUnavailable
from connectors.kinds import DIRECT_KINDS
from connectors.routing import DEPARTMENT_NAME

IDEMPOTENCIES = ("header", "field", "none")
_LARGEST = 1_000_000
"""Of any number in the file: seconds, requests at once."""
_SCHEMES = ("amqp", "amqps", "http", "https")
_KEYS: dict[str, frozenset[str]] = {
    "": frozenset({"department", "state_directory", "drain_seconds", "broker", "connector", "events"}),
    "broker": frozenset(
        {
            *("url", "client_id", "ca_file", "namespace"),
            *("client_secret_env", "client_secret_file", "token_env", "password_env", "password_file"),
        }
    ),
    "connector": frozenset(
        {
            *("kind", "url", "password_env", "sdl", "idempotency", "deadline_seconds", "concurrency"),
            *("headers", "config"),
        }
    ),
    "events": frozenset({"host", "port", "token_env"}),
}


class AgentSettingsError(ValueError):
    """The file cannot be used. ``problems`` lists every reason with its mend."""

    def __init__(self, path: Path, problems: tuple[str, ...]) -> None:
        super().__init__(f"{path}: " + " ".join(problems))
        self.problems = problems


class PortTaken(OSError):
    """Nobody can listen where the file says that events are taken."""


class UnusableConnector(ValueError):
    """What the file says of the department's system makes no connector; the text says why."""


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """``url`` is amqp(s):// or the hub's http(s):// address; it carries the password where there is one.

    A secret in a file is read anew for each connection, so that it can change while the agent runs.
    """

    url: str
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    namespace: str = ""
    client_secret_file: Path | None = None
    password_file: Path | None = None

    @property
    def is_amqp(self) -> bool:
        return self.url.startswith("amqp")

    def url_now(self) -> str:
        """With the password of now. Raises :class:`BrokerUnavailable` while its file cannot be read."""
        return self.url if self.password_file is None else with_password(self.url, _secret_in(self.password_file))

    def client_secret_now(self) -> str:
        """Raises :class:`BrokerUnavailable` while its file cannot be read."""
        return self.client_secret or "" if self.client_secret_file is None else _secret_in(self.client_secret_file)


@dataclass(frozen=True, slots=True)
class ConnectorSettings:
    """How the department's own system is reached from beside it."""

    kind: str
    url: str | None = field(repr=False)
    sdl: str | None = field(repr=False)
    idempotency: str = "header"
    deadline: timedelta = timedelta(seconds=5)
    concurrency: int = 16
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    config: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class EventsSettings:
    """Where the agent listens for the department's events; port 0 is a free one."""

    host: str = "127.0.0.1"
    port: int = 0
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """Everything an agent is told. ``drain`` is how long SIGTERM waits for what is in hand."""

    department: str
    broker: BrokerSettings
    connector: ConnectorSettings
    events: EventsSettings | None
    state_directory: Path
    drain: timedelta = timedelta(seconds=5)


def read_agent_settings(path: Path, environment: Mapping[str, str]) -> AgentSettings:
    """Raises :class:`AgentSettingsError` with all problems at once."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise AgentSettingsError(path, (f"The file cannot be read: {error.strerror}.",)) from error
    except ValueError as error:
        raise AgentSettingsError(path, (f"The file is not TOML: {error}.",)) from error
    reader = _Reader(document, path.parent, environment)
    settings = reader.settings()
    if reader.problems:
        raise AgentSettingsError(path, tuple(reader.problems))
    return settings


class _Reader:
    """Reads values by name and collects what is wrong with them."""

    def __init__(self, document: dict[str, Any], folder: Path, environment: Mapping[str, str]) -> None:
        self.problems: list[str] = []
        self._document = document
        self._folder = folder
        self._environment = environment
        self._check_keys()

    def settings(self) -> AgentSettings:
        department = self._text("", "department") or ""
        if not DEPARTMENT_NAME.match(department):
            self.problems.append(f'department = "{department}" is no name. Use a-z, 0-9 and "-".')
        state = self._text("", "state_directory", required=False) or ".jiyi-agent"
        drain = self._number("", "drain_seconds", 5, at_least=0)
        return AgentSettings(
            department,
            self._broker(),
            self._connector(),
            self._events() if "events" in self._document else None,
            self._folder / state,
            timedelta(seconds=drain),
        )

    def _broker(self) -> BrokerSettings:
        url = self._text("broker", "url") or ""
        password = self._secret("broker", "password_env")
        if not _is_broker_url(url):
            self.problems.append("broker.url must be amqp://, amqps://, or the hub's http(s):// address.")
        elif password is not None:
            url = with_password(url, password)
        broker = BrokerSettings(
            url=url,
            client_id=self._text("broker", "client_id", required=False),
            client_secret=self._secret("broker", "client_secret_env"),
            token=self._secret("broker", "token_env"),
            ca_file=self._file("broker", "ca_file"),
            namespace=self._text("broker", "namespace", required=False) or "",
            client_secret_file=self._file("broker", "client_secret_file"),
            password_file=self._file("broker", "password_file"),
        )
        has_secret = broker.client_secret or broker.client_secret_file
        if not broker.is_amqp and broker.token is None and not (broker.client_id and has_secret):
            self.problems.append(
                "broker needs client_id and client_secret_env or client_secret_file, or token_env, for the hub."
            )
        return broker

    def _connector(self) -> ConnectorSettings:
        kind = self._choice("connector", "kind", DIRECT_KINDS, default=None)
        sdl_file = self._file("connector", "sdl")
        url = self._text("connector", "url", required=kind in ("graphql", "sql"))
        password = self._secret("connector", "password_env")
        if url and password is not None:
            url = with_password(url, password)
        if kind in ("rest", "sql") and sdl_file is None and "sdl" not in self._table("connector"):
            self.problems.append("connector.sdl must name the file with the department's SDL.")
        return ConnectorSettings(
            kind=kind,
            url=url,
            sdl=self._content(sdl_file) if sdl_file else None,
            idempotency=self._choice("connector", "idempotency", IDEMPOTENCIES, default="header"),
            deadline=timedelta(seconds=self._number("connector", "deadline_seconds", 5, at_least=0.001)),
            concurrency=int(self._number("connector", "concurrency", 16, at_least=1)),
            headers={name: str(value) for name, value in self._map("connector", "headers").items()},
            config=self._map("connector", "config"),
        )

    def _events(self) -> EventsSettings:
        host = self._text("events", "host", required=False) or "127.0.0.1"
        port = int(self._number("events", "port", 0, at_least=0, at_most=65535))
        return EventsSettings(host, port, self._secret("events", "token_env"))

    def _check_keys(self) -> None:
        for section, known in _KEYS.items():
            for key in sorted(set(self._table(section)) - known):
                self.problems.append(
                    f"{_dotted(section, key)} is not a setting. Known: {', '.join(sorted(known))}."
                )

    def _table(self, section: str) -> dict[str, Any]:
        table = self._document.get(section, {}) if section else self._document
        return table if isinstance(table, dict) else {}

    def _map(self, section: str, key: str) -> dict[str, Any]:
        value = self._table(section).get(key, {})
        if isinstance(value, dict):
            return value
        self.problems.append(f"{_dotted(section, key)} must be a table.")
        return {}

    def _text(self, section: str, key: str, *, required: bool = True) -> str | None:
        value = self._table(section).get(key)
        if value is None and not required:
            return None
        if not isinstance(value, str) or not value:
            self.problems.append(f"{_dotted(section, key)} must be a text that is not empty.")
            return None
        return value

    def _choice(self, section: str, key: str, choices: tuple[str, ...], *, default: str | None) -> str:
        value = self._table(section).get(key, default)
        if value not in choices:
            self.problems.append(f"{_dotted(section, key)} must be one of: {', '.join(choices)}.")
        return str(value)

    def _number(
        self, section: str, key: str, default: float, *, at_least: float, at_most: float = _LARGEST
    ) -> float:
        """TOML has ``inf`` and ``nan``, which no bound but these keeps out."""
        value = self._table(section).get(key, default)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (is_number and at_least <= value <= at_most):
            upper = f" and at most {at_most}" if at_most != _LARGEST or (is_number and value > at_most) else ""
            self.problems.append(f"{_dotted(section, key)} must be a number of at least {at_least}{upper}.")
            return default
        return float(value) if isinstance(value, float) else int(value)

    def _content(self, file: Path) -> str | None:
        try:
            return file.read_text("utf-8")
        except UnicodeDecodeError as error:
            self.problems.append(f"connector.sdl names {file}, which is not UTF-8 text (byte {error.start}).")
            return None

    def _secret(self, section: str, key: str) -> str | None:
        name = self._text(section, key, required=False)
        if name is None:
            return None
        if not self._environment.get(name):
            self.problems.append(f"{_dotted(section, key)} names {name}, which is not set in the environment.")
        return self._environment.get(name)

    def _file(self, section: str, key: str) -> Path | None:
        name = self._text(section, key, required=False)
        if name is None:
            return None
        path = self._folder / name
        if not path.is_file():
            self.problems.append(f"{_dotted(section, key)} names {path}, which is no file.")
            return None
        return path


def _secret_in(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BrokerUnavailable(f"The secret in {file} cannot be read: {type(error).__name__}.") from error


def _is_broker_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def with_password(url: str, password: str) -> str:
    parts = urlsplit(url)
    user, host = quote(parts.username or "", safe=""), parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def _dotted(section: str, key: str) -> str:
    return f"{section}.{key}" if section else key

"""What a department says of one connector in its files and flags, read as a whole.

``--config`` is a table that the mapping reads as ``$config``, in TOML or JSON; or the department's ``agent.toml``,
whose ``[connector]`` then says what no flag says.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, parse

from connectors.agent_settings import with_password
from connectors.connector import JSON
from connectors.kinds import DIRECT_KINDS
from schema.composition import read_subgraph
from schema.errors import CompositionError
from schema.mapping import check_connectors, is_connector, is_sql
from schema.mapping.virtual_schema import VirtualSchema, build_virtual_schema
from schema.subgraph import Subgraph, ValidSubgraph

DEFAULT_TIMEOUT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why there is no connector: a code, what is wrong with its mend, and where."""

    code: str
    message: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f" ({self.place})" if self.place else "")


class BadSpecification(ValueError):
    """The files and flags make no connector; ``problems`` are all the reasons."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class SpecificationFlags:
    """What was typed. ``kind`` is told by the SDL where it is absent."""

    name: str
    schema: Path | None = None
    url: str | None = None
    kind: str | None = None
    config: Path | None = None
    timeout: timedelta = DEFAULT_TIMEOUT


@dataclass(frozen=True, slots=True)
class Specification:
    """One connector. ``sdl`` is ``None`` for a GraphQL system that is asked for its own."""

    name: str
    kind: str
    url: str | None = field(default=None, repr=False)
    sdl: str | None = field(default=None, repr=False)
    config: Mapping[str, JSON] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: timedelta = DEFAULT_TIMEOUT
    file: str = ""
    """Where the SDL stands; places in it are told by this name."""


@dataclass(frozen=True)
class SubgraphShape:
    """The subgraph that an SDL states, with Federation's own fields, ready to be asked."""

    sdl: str
    virtual: VirtualSchema

    @property
    def schema(self) -> GraphQLSchema:
        return self.virtual.schema


def read_specification(flags: SpecificationFlags, environment: Mapping[str, str]) -> Specification:
    """As the files are now. Raises :class:`BadSpecification`."""
    sdl, file = (_text(flags.schema), flags.schema) if flags.schema is not None else (None, None)
    configured = read_table(flags.config, "CONFIG_UNREADABLE") if flags.config is not None else {}
    agent = configured.get("connector")
    of_agent: Mapping[str, Any] = agent if isinstance(agent, Mapping) and "kind" in agent else {}
    if sdl is None and flags.config is not None and isinstance(of_agent.get("sdl"), str):
        file = flags.config.parent / of_agent["sdl"]
        sdl = _text(file)
    kind = flags.kind or of_agent.get("kind") or kind_of(sdl)
    if kind not in DIRECT_KINDS:
        raise BadSpecification(Problem("UNKNOWN_CONNECTOR_KIND", _no_such_kind(kind)))
    url = flags.url or of_agent.get("url")
    if kind in ("graphql", "sql") and not url:
        raise BadSpecification(
            Problem(
                "CONNECTOR_ADDRESS_MISSING", f"A connector of the kind {kind} needs --url: where the system is."
            )
        )
    if kind != "graphql" and sdl is None:
        raise BadSpecification(
            Problem("SCHEMA_MISSING", f"A connector of the kind {kind} needs --schema: its SDL file.")
        )
    return Specification(
        flags.name,
        kind,
        _complete(url, of_agent, environment),
        sdl,
        of_agent.get("config", {}) if of_agent else configured,
        {name: str(value) for name, value in of_agent.get("headers", {}).items()},
        flags.timeout,
        str(file or ""),
    )


def kind_of(sdl: str | None) -> str:
    """What an SDL is for: ``sql`` or ``rest`` where it maps, else a server of GraphQL."""
    if sdl is not None and is_sql(sdl):
        return "sql"
    return "rest" if sdl is not None and is_connector(sdl) else "graphql"


def read_shape(specification: Specification, sdl: str) -> SubgraphShape:
    """The subgraph of an SDL that is right as far as it can be told without a hub. Raises
    :class:`BadSpecification`."""
    name, kind = specification.name, specification.kind
    read = read_subgraph(Subgraph(name, sdl))
    errors: tuple[CompositionError, ...] = () if isinstance(read, ValidSubgraph) else read
    if kind in ("rest", "sql"):
        errors += check_connectors(name, sdl, may_be_sql=kind == "sql")
    if errors:
        where = specification.file or name
        raise BadSpecification(*(_problem_of(error, where) for error in sorted(set(errors))))
    return SubgraphShape(sdl, build_virtual_schema(parse(sdl)))


def _problem_of(error: CompositionError, where: str) -> Problem:
    places = (f"{where}:{location.line}:{location.column}" for location in error.locations)
    return Problem(error.code, error.message, ", ".join(places))


def _no_such_kind(kind: object) -> str:
    if kind == "queue":
        return "queue is how the hub reaches an agent. Say what the agent reaches: graphql, rest or sql."
    return f'"{kind}" is no kind of connector. There are {", ".join(DIRECT_KINDS)}.'


def _complete(url: str | None, of_agent: Mapping[str, Any], environment: Mapping[str, str]) -> str | None:
    """The address with the password that the agent would put into it."""
    name = of_agent.get("password_env")
    if url is None or not isinstance(name, str):
        return url
    if not environment.get(name):
        problem = f"connector.password_env names {name}, which is not set in the environment."
        raise BadSpecification(Problem("BAD_SETTINGS", problem))
    return with_password(url, environment[name])


def _text(file: Path, code: str = "SCHEMA_UNREADABLE") -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise BadSpecification(Problem(code, f"{file}: {error.strerror or error}")) from None
    except UnicodeDecodeError:
        raise BadSpecification(Problem(code, f"{file}: is not UTF-8 text")) from None


def read_table(file: Path, code: str) -> dict[str, Any]:
    """TOML, or JSON in a file that is named so. Raises :class:`BadSpecification` with the code."""
    text = _text(file, code)
    try:
        content = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        what = "JSON" if file.suffix == ".json" else "TOML"
        raise BadSpecification(Problem(code, f"{file}: is not {what}: {error}")) from None
    if not isinstance(content, dict):
        raise BadSpecification(Problem(code, f"{file}: holds no table of names and values."))
    return content

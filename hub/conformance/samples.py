"""What a department says of its own data, so that the kit has something to ask for (``--samples``).

::

    {"entities":  {"Citizen": [{"idNumber": "…"}]},
     "unknown":   {"Citizen": [{"idNumber": "…"}]},
     "arguments": {"Query.park": {"id": "P1"}},
     "failures":  [{"query": "{ park(id: 0) { id } }", "code": "CONNECTOR_FETCH"}],
     "commands":  [{"field": "countVisit", "arguments": {"park": "P1"},
                    "effect": {"query": "{ visits }", "path": "visits"}}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as value
from typing import Any

from connectors.connector import JSON
from hub.workbench.specification import BadSpecification, Problem

_SECTIONS = ("entities", "unknown", "arguments", "failures", "commands")


@dataclass(frozen=True, slots=True)
class Effect:
    """A value of the department's that a command changes: a query, and where in its data it stands."""

    query: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A mutation that may be tried, with its arguments and, if it can be seen, its effect."""

    field: str
    arguments: Mapping[str, JSON] = value(default_factory=dict)
    effect: Effect | None = None


@dataclass(frozen=True, slots=True)
class ForcedFailure:
    """An operation that must fail, and with which code, where that is said."""

    query: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Samples:
    """Keys by type, arguments by coordinate."""

    entities: Mapping[str, tuple[Mapping[str, JSON], ...]] = value(default_factory=dict)
    unknown: Mapping[str, tuple[Mapping[str, JSON], ...]] = value(default_factory=dict)
    arguments: Mapping[str, Mapping[str, JSON]] = value(default_factory=dict)
    failures: tuple[ForcedFailure, ...] = ()
    commands: tuple[Command, ...] = ()


def read_samples(content: Mapping[str, Any]) -> Samples:
    """Raises :class:`BadSpecification` for what is no file of samples."""
    unknown = sorted(content.keys() - set(_SECTIONS))
    if unknown:
        raise _bad(f'"{unknown[0]}" is no section. There are {", ".join(_SECTIONS)}.')
    return Samples(
        {name: tuple(keys) for name, keys in _table(content, "entities", list).items()},
        {name: tuple(keys) for name, keys in _table(content, "unknown", list).items()},
        _table(content, "arguments", dict),
        tuple(ForcedFailure(_text(each, "query"), each.get("code")) for each in _list(content, "failures")),
        tuple(_command(each) for each in _list(content, "commands")),
    )


def _command(given: Mapping[str, Any]) -> Command:
    effect = given.get("effect")
    if effect is not None and not (isinstance(effect, Mapping) and {"query", "path"} <= effect.keys()):
        raise _bad('"effect" of a command has a "query", and the "path" of a value in its data.')
    seen = Effect(str(effect["query"]), tuple(str(effect["path"]).split("."))) if effect else None
    return Command(_text(given, "field"), given.get("arguments", {}), seen)


def _table(content: Mapping[str, Any], name: str, kind: type) -> dict[str, Any]:
    table = content.get(name, {})
    if not isinstance(table, dict) or not all(isinstance(value, kind) for value in table.values()):
        what = "lists of keys by type" if kind is list else "arguments by coordinate, such as Query.park"
        raise _bad(f'"{name}" holds {what}.')
    for keys in table.values() if kind is list else ():
        if not all(isinstance(key, dict) for key in keys):
            raise _bad(f'"{name}" holds lists of keys by type; a key is an object, such as {{"id": "P1"}}.')
    return table


def _list(content: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = content.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise _bad(f'"{name}" is a list of objects.')
    return found


def _text(given: Mapping[str, Any], name: str) -> str:
    if not isinstance(given.get(name), str):
        raise _bad(f'Each needs "{name}".')
    return str(given[name])


def _bad(message: str) -> BadSpecification:
    return BadSpecification(Problem("SAMPLES_UNREADABLE", message))

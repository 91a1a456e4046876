"""The data behind a made-up graph: one table per object type, the same for every process.

Reading a field gives plain values and :class:`Ref`; a required field's value tells exactly what was required,
so that a wrong representation becomes a wrong answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from schema.field_set import FieldSelection, FragmentSelection, Selection, parse_field_set
from tests.engine.graph_model import ContextRead, FieldModel, GraphModel

COUNT = 3
"""Objects of each type."""


@dataclass(frozen=True)
class Ref:
    """An object: a row of a table."""

    type_name: str
    row: int


@dataclass
class Data:
    """``tables[type][row][field]``; a gathered field's value is a mapping from subgraph to its part."""

    model: GraphModel
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def read(self, at: Ref, name: str, argument: Any = None, subgraph: str | None = None) -> Any:
        """The value of a field as ``subgraph`` holds it; as the whole graph does where none is given."""
        value = self.tables[at.type_name][at.row][name]
        declared = self.model.field(at.type_name, name)
        if declared.gather:
            if subgraph is not None:
                return value[subgraph]
            parts = [item for part in sorted(value) for item in value[part]]
            return self._merged(parts, declared.merge_by)
        if declared.is_computed:
            return value
        return with_argument(value, argument)

    def required(self, at: Ref, name: str) -> Any:
        """What a field with ``@requires`` answers: a text tells what was required, from the tables."""
        declared = self.model.field(at.type_name, name)
        if declared.type != "String":
            return self.read(at, name)
        return told(self.project(at, parse_field_set(declared.requires).selections))

    def read_context(self, read: ContextRead, subgraph: str, above: Sequence[Ref]) -> Any:
        """What the nearest object above that sets the context has where the selection leads."""
        setting = [
            name
            for one in self.model.types.values()
            if read.context in one.contexts.get(subgraph, ())
            for name in self.model.possible(one.name)
        ]
        at = next((one for one in reversed(above) if one.type_name in setting), None)
        assert at is not None, f"{read} has no value here"
        value: Any = self.project(at, parse_field_set(read.selection).selections)
        while isinstance(value, dict):
            (value,) = value.values()
        return value

    def _merged(self, parts: list[Any], key: str) -> list[Any]:
        if not key:
            return parts
        selections = parse_field_set(key).selections
        merged: dict[str, Any] = {}
        for position, item in enumerate(parts):
            # Nothing equals null.
            merged.setdefault(str(position) if item is None else told(self.project(item, selections)), item)
        return list(merged.values())

    def project(self, at: Ref, selections: tuple[Selection, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in selections:
            if isinstance(one, FragmentSelection):
                if one.type_name is None or at.type_name in self.model.possible(one.type_name):
                    found.update(self.project(at, one.selections))
                continue
            is_name = one.name == "__typename"
            found[one.name] = at.type_name if is_name else self._projected(self._value(at, one), one)
        return found

    def _value(self, at: Ref, one: FieldSelection) -> Any:
        declared = self.model.field(at.type_name, one.name)
        if declared.is_computed:
            return self.required(at, one.name)
        return self.read(at, one.name, int(one.arguments.split(":")[1]) if one.arguments else default_of(declared))

    def _projected(self, value: Any, one: FieldSelection) -> Any:
        if isinstance(value, list):
            return [self._projected(item, one) for item in value]
        return self.project(value, one.selections) if isinstance(value, Ref) else value


def told(required: Any) -> str:
    return json.dumps(required, sort_keys=True)


def default_of(declared: FieldModel) -> int | str | None:
    _, _, default = declared.argument.partition("= ")
    return (int(default) if default.isdigit() else default) if default else None


def with_argument(value: Any, argument: Any) -> Any:
    """Fields with an argument: texts carry it, lists are cut at it."""
    if argument is None or value is None:
        return value
    if isinstance(value, list):
        return value[: max(argument, 0)] if isinstance(argument, int) else value
    return (
        f"{value}|{argument if isinstance(argument, int) else told(argument)}" if isinstance(value, str) else value
    )


def project_representation(sent: Mapping[str, Any], selections: tuple[Selection, ...]) -> dict[str, Any]:
    """What a representation brought of a field set; raises ``KeyError`` for a field that is missing."""
    found: dict[str, Any] = {}
    for one in selections:
        if isinstance(one, FragmentSelection):
            if all(part.name in sent for part in one.selections if isinstance(part, FieldSelection)):
                found.update(project_representation(sent, one.selections))
            continue
        found[one.name] = _project_value(sent[one.name], one.selections)
    return found


def _project_value(value: Any, selections: tuple[Selection, ...]) -> Any:
    if isinstance(value, list):
        return [_project_value(item, selections) for item in value]
    return project_representation(value, selections) if selections and value is not None else value


def make_data(model: GraphModel, random: Random) -> Data:
    """Rows for every object type; the root is a row too."""
    data = Data(model)
    objects = [one for one in model.types.values() if one.kind == "object"]
    for one in objects:
        rows, fields = 1 if one.name in ("Query", "Mutation") else COUNT, model.all_fields(one.name)
        data.tables[one.name] = [
            {name: _field_value(model, each, one.name, row, random) for name, each in fields.items()}
            for row in range(rows)
        ]
    return data


def _field_value(model: GraphModel, one: FieldModel, owner: str, row: int, random: Random) -> Any:
    if one.name in KEY_VALUES:
        return KEY_VALUES[one.name](owner, row)
    if one.name.startswith("link"):
        return f"{one.name}-{row}"
    if one.name.startswith("keyed"):
        first = Ref(one.named, row)
        return [first, Ref(one.named, (row + 1) % COUNT)] if one.type.startswith("[") else first
    if one.gather:
        allowed = {part: model.possible(one.named, part) for part in one.resolvers}
        return {part: _list(model, one.type, allowed[part], random, row) for part in one.resolvers}
    enum = model.types.get(one.named)
    is_enum = enum is not None and enum.kind == "enum"
    allowed_types = _common_values(model, one) if is_enum else _common_types(model, one)
    is_strict = any(source.strict for source in one.sources.values()) and not one.type.endswith("!")
    return _typed(model, one.type + "!" * is_strict, allowed_types, random, row)


KEY_VALUES: dict[str, Callable[[str, int], Any]] = {
    "id": lambda owner, row: f"{owner}-{row}",
    "code": lambda _owner, row: f"c{row}",
    "part": lambda _owner, row: row // 2,
    "half": lambda _owner, row: f"h{row % 2}",
    "mark": lambda _owner, row: f"m{row}",
    "serial": lambda owner, row: f"{row}-{owner}",
}
"""Fields that identify an object, alone or together (``part half``)."""


def _common_types(model: GraphModel, one: FieldModel) -> list[str]:
    """What the field may hold: what all its subgraphs know to be possible."""
    sets = [set(model.possible(one.named_in(subgraph), subgraph)) for subgraph in one.sources]
    return sorted(set.intersection(*sets)) if sets else []


def _common_values(model: GraphModel, one: FieldModel) -> list[str]:
    """The values that all the field's subgraphs know; any where these do not differ."""
    enum = model.types[one.named]
    if not enum.values_in:
        return []
    return sorted(set.intersection(*(set(model.enum_values(enum, name)) for name in one.sources)))


def _typed(model: GraphModel, type_: str, allowed: list[str], random: Random, row: int) -> Any:
    if not type_.endswith("!") and random.random() < 0.2:
        return None
    type_ = type_.removesuffix("!")
    if type_.startswith("["):
        return _list(model, type_, allowed, random, row)
    if type_ in model.types and model.types[type_].kind == "enum":
        return random.choice(allowed or model.types[type_].values)
    if type_ in model.types and model.types[type_].kind != "scalar":
        return Ref(random.choice(allowed), random.randrange(COUNT)) if allowed else None
    return _leaf(type_, random)


def _list(model: GraphModel, type_: str, allowed: list[str], random: Random, row: int) -> list[Any]:
    inner = type_.removesuffix("!")[1:-1]
    if not allowed and inner.strip("[]!") in model.types and model.types[inner.strip("[]!")].kind in (
        "object", "union", "interface",
    ):  # fmt: skip
        return []
    return [_typed(model, inner, allowed, random, row) for _ in range(random.choice((0, 1, 2, 2, 3)))]


def _leaf(type_: str, random: Random) -> Any:
    if type_ == "Int":
        return random.randrange(-5, 100)
    if type_ == "Boolean":
        return random.random() < 0.5
    if type_ == "Float":
        return random.choice((0.5, 1.0, -2.25))
    if type_ == "Date":
        return random.choice(("2026-01-01", {"year": 2026}, [1, None]))
    return random.choice(("s", "集易", "", "long text", '"q"'))

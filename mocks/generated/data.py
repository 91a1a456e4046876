"""Data that the integrator gives: objects with values of their own, values of a field, keys that nobody has.

Product:
  - {id: p-1, name: 示例台灯, priceFen: 19900}
Product.state: [ON_SALE, SOLD_OUT]
absent:
  Product: [{id: p-9}]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mocks.structured import UnreadableFile, read_structured


@dataclass(frozen=True, slots=True)
class GivenData:
    """``rows`` by type, ``values`` by ``Type.field``, ``absent`` keys by type."""

    rows: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    values: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    absent: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)


def read_data(path: Path, type_fields: Mapping[str, frozenset[str]]) -> GivenData:
    """Checked against the types and fields of the SDL. Raises :class:`UnreadableFile`."""
    body = read_structured(path)
    if not isinstance(body, dict):
        raise UnreadableFile(f"{path}: name types (Product:) or fields (Product.price:) on the left.")
    rows: dict[str, tuple[Mapping[str, Any], ...]] = {}
    values: dict[str, tuple[Any, ...]] = {}
    absent: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for name, value in body.items():
        type_name, _, field_name = name.partition(".")
        if name == "absent":
            if not isinstance(value, dict):
                raise UnreadableFile(f'{path}: "absent" has types on its left, and keys that nobody has.')
            absent = {each: _rows(path, each, of, type_fields) for each, of in value.items()}
        elif field_name:
            _check(path, type_name, (field_name,), type_fields)
            values[name] = tuple(value) if isinstance(value, list) else (value,)
        else:
            rows[name] = _rows(path, name, value, type_fields)
    return GivenData(rows, values, absent)


def _rows(
    path: Path, type_name: str, rows: Any, type_fields: Mapping[str, frozenset[str]]
) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableFile(f'{path}: "{type_name}" is a list of objects.')
    for row in ({}, *rows):
        _check(path, type_name, tuple(row), type_fields)
    return tuple(rows)


def _check(path: Path, type_name: str, fields: tuple[str, ...], type_fields: Mapping[str, frozenset[str]]) -> None:
    if type_name not in type_fields:
        raise UnreadableFile(
            f'{path}: the SDL has no type "{type_name}". It has: {", ".join(sorted(type_fields))}.'
        )
    for name in fields:
        if name != "__typename" and name not in type_fields[type_name]:
            known = ", ".join(sorted(type_fields[type_name]))
            raise UnreadableFile(f'{path}: "{type_name}" has no field "{name}". It has: {known}.')

"""Catalogue entries as they are written (TOML, JSON) into values of the domain.

A key that means nothing is refused, so that no line of an item is ever silently ignored. Two short forms stay
possible: one fee as ``fee_fen``, ``fee_name``, ``fee_name_en``; one result as ``result_kind``.
Source: docs/domain.md, "Service item and case".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from schema.domain.catalogue import LifeEvent, Standing
from schema.domain.licence import LicenceType
from schema.domain.organisation import Organisation, Place
from schema.domain.service_item import ServiceItem

Value = TypeVar("Value")


class BadContent(Exception):
    """An entry that is not what its kind has to be; the text says what, where, and of which entry."""


def read_item(content: Mapping[str, Any], version: int, in_force_since: datetime) -> ServiceItem:
    """An item version. Raises :class:`BadContent`."""
    written = _without_short_forms(content)
    return _read(ServiceItem, {**written, "version": version, "in_force_since": in_force_since})


def read_organisation(content: Mapping[str, Any]) -> Organisation:
    return _read(Organisation, content)


def read_place(content: Mapping[str, Any]) -> Place:
    return _read(Place, content)


def read_life_event(content: Mapping[str, Any]) -> LifeEvent:
    return _read(LifeEvent, content)


def read_licence_type(content: Mapping[str, Any]) -> LicenceType:
    return _read(LicenceType, content)


def read_standing(content: Mapping[str, Any], version: int, since: datetime) -> Standing:
    return _read(Standing, {**content, "version": version, "since": since})


def _read(type_: type[Value], content: Mapping[str, Any]) -> Value:
    where = content.get("code") or content.get("item") or "an entry without a code"
    unknown = tuple(_unknown_keys(type_, content, ""))
    if unknown:
        raise BadContent(f"{where}: nothing is known by the name of {', '.join(unknown)}. Mend or drop it.")
    try:
        return msgspec.convert(content, type_, strict=True)
    except msgspec.ValidationError as error:
        raise BadContent(f"{where}: {error}.") from None


def _without_short_forms(content: Mapping[str, Any]) -> dict[str, Any]:
    written = dict(content)
    fee, name, name_en = (written.pop(key, None) for key in ("fee_fen", "fee_name", "fee_name_en"))
    kind = written.pop("result_kind", None)
    if fee and "fees" not in written:
        written["fees"] = [{"code": "FEE", "name": name or "", "name_en": name_en or "", "amount_fen": fee}]
    if kind and "results" not in written:
        written["results"] = [{"licence_type": kind}]
    return written


def _unknown_keys(type_: Any, value: Any, path: str) -> Iterator[str]:
    """Keys that no field takes, at any depth; free mappings (a form) are left alone."""
    if get_origin(type_) in (Union, UnionType):
        inner = next((each for each in get_args(type_) if is_dataclass(each) or get_origin(each)), None)
        yield from _unknown_keys(inner, value, path)
    elif get_origin(type_) is tuple and isinstance(value, list | tuple):
        for place, each in enumerate(value):
            yield from _unknown_keys(get_args(type_)[0], each, f"{path}[{place}]")
    elif isinstance(type_, type) and is_dataclass(type_) and isinstance(value, Mapping):
        known = _types_of_fields(type_)
        for key, each in value.items():
            where = f"{path}.{key}" if path else str(key)
            if key not in known:
                yield f"`{where}`"
            else:
                yield from _unknown_keys(known[key], each, where)


@cache
def _types_of_fields(type_: type[Any]) -> Mapping[str, Any]:
    """Of a dataclass. Kept, since to find them Python compiles each annotation anew."""
    hints = get_type_hints(type_)
    return {field.name: hints[field.name] for field in fields(type_)}

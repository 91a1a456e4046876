"""Schemas of an OpenAPI document brought to one form: references followed, ``allOf`` merged, null set apart.

Sources: OpenAPI 3.0, "Schema Object"; JSON Schema 2020-12, which OpenAPI 3.1 uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schema.drafting.openapi_document import OpenApiDocument, text

_DEEPEST = 20
_NO_PARENT = frozenset({"discriminator", "nullable", "x-nullable", "title", "description", "deprecated"})
"""What a schema says of itself and not of those that build on it."""


@dataclass(frozen=True, slots=True)
class Schema:
    """``node`` has no reference, no ``allOf`` and no null among its types. ``reference`` names it, if it has one.

    ``alternatives`` are those of ``oneOf`` or ``anyOf`` that are not just null.
    """

    node: Mapping[str, Any]
    reference: str | None
    is_nullable: bool
    types: tuple[str, ...]
    alternatives: tuple[Any, ...]

    @property
    def type(self) -> str:
        """The one type, as far as it can be told; nothing where there are several or none."""
        if len(self.types) == 1:
            return self.types[0]
        if self.types:
            return ""
        if "properties" in self.node or "additionalProperties" in self.node:
            return "object"
        return "array" if "items" in self.node else ""


class Schemas:
    """Reads schemas of one document."""

    def __init__(self, document: OpenApiDocument) -> None:
        self._references = document.references
        self._prefix = "#/definitions/" if document.is_swagger else "#/components/schemas/"
        self.children = self._children(document.component_schemas)

    def read(self, schema: Any) -> Schema:
        node, reference = self._references.follow(schema)
        if not isinstance(node, Mapping):
            return Schema({}, None, True, (), ())
        beside = schema if reference is not None and isinstance(schema, Mapping) else {}
        single = self._single(node)
        if single is not None:
            inner = self.read(single)
            given = [*_listed(node, "oneOf"), *_listed(node, "anyOf")]
            is_nullable = inner.is_nullable or _says_null(node) or _says_null(beside) or any(map(_is_null, given))
            return Schema(inner.node, inner.reference or reference, is_nullable, inner.types, inner.alternatives)
        merged = self.merged(node, frozenset(), 0)
        types = _types(merged)
        enum = _listed(merged, "enum")
        alternatives = tuple(self._alternatives(merged))
        given = [*_listed(merged, "oneOf"), *_listed(merged, "anyOf")]
        is_nullable = (
            _says_null(node) or _says_null(beside) or "null" in types or None in enum or any(map(_is_null, given))
        )
        kept = tuple(each for each in types if each != "null")
        return Schema(merged, reference, is_nullable, kept, alternatives)

    def merged(self, node: Mapping[str, Any], seen: frozenset[str], depth: int) -> Mapping[str, Any]:
        """A schema with all that its ``allOf`` say."""
        parts = _listed(node, "allOf")
        if not parts or depth > _DEEPEST:
            return node
        result: dict[str, Any] = {}
        for part in parts:
            inner, reference = self._references.follow(part)
            if not isinstance(inner, Mapping) or (reference is not None and reference in seen):
                continue
            further = seen | {reference} if reference else seen
            _add(result, {k: v for k, v in self.merged(inner, further, depth + 1).items() if k not in _NO_PARENT})
        _add(result, {key: value for key, value in node.items() if key != "allOf"})
        return result

    def name_of(self, reference: str) -> str:
        """``#/components/schemas/Pet`` is called ``Pet``."""
        return reference.rpartition("/")[2].replace("~1", "/").replace("%20", " ")

    def discriminated(self, schema: Schema) -> tuple[str, list[tuple[str, Any]]]:
        """The property that tells alternatives apart, and each value with its schema."""
        found = schema.node.get("discriminator")
        name = found.get("propertyName") if isinstance(found, Mapping) else found
        if not isinstance(name, str):
            return "", []
        mapping = found.get("mapping") if isinstance(found, Mapping) else None
        alternatives = schema.alternatives or tuple(
            {"$ref": child} for child in self.children.get(schema.reference or "", ())
        )
        return name, [
            (value, each)
            for each in alternatives
            for value in self._values_of(each, name, mapping if isinstance(mapping, Mapping) else {})
        ]

    def _values_of(self, alternative: Any, name: str, mapping: Mapping[str, Any]) -> list[str]:
        reference = text(alternative.get("$ref")) if isinstance(alternative, Mapping) else ""
        given = [
            str(value)
            for value, target in mapping.items()
            if reference and target in (reference, self.name_of(reference))
        ]
        if given:
            return given
        own = self.read(alternative).node.get("properties")
        told = self.read(own.get(name, {})).node if isinstance(own, Mapping) else {}
        values = [*_listed(told, "enum"), *([told["const"]] if "const" in told else [])]
        called = [self.name_of(reference)] if reference else []
        if len(values) > 1 and called and called[0] in values:
            return called
        return [each for each in values if isinstance(each, str)] or called

    def _single(self, node: Mapping[str, Any]) -> Any:
        """What a schema only stands for: ``allOf: [{$ref}]``, or one alternative beside null."""
        if "properties" in node or node.get("type", "object") != "object":
            return None
        parts = _listed(node, "allOf")
        if len(parts) == 1 and not node.keys() & {"oneOf", "anyOf", "required", "discriminator"}:
            return parts[0]
        for key in ("oneOf", "anyOf"):
            left = [each for each in _listed(node, key) if not _is_null(each)]
            if len(left) == 1 and "allOf" not in node:
                return left[0]
        return None

    def _alternatives(self, merged: Mapping[str, Any]) -> Iterator[Any]:
        """Those that only demand some properties of the same object are none."""
        for each in _listed(merged, "oneOf") or _listed(merged, "anyOf"):
            says_more = isinstance(each, Mapping) and each.keys() - {"required", "not", "description", "title"}
            if says_more and not _is_null(each):
                yield each

    def _children(self, components: Mapping[str, Any]) -> dict[str, list[str]]:
        """Who builds by ``allOf`` on a schema that has a discriminator."""
        children: dict[str, list[str]] = {}
        for name, node in components.items():
            for part in _listed(node, "allOf") if isinstance(node, Mapping) else ():
                parent = part.get("$ref") if isinstance(part, Mapping) else None
                if isinstance(parent, str):
                    escaped = str(name).replace("~", "~0").replace("/", "~1")
                    children.setdefault(parent, []).append(f"{self._prefix}{escaped}")
        return children


def _add(result: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        before = result.get(key)
        if key == "properties" and isinstance(before, Mapping) and isinstance(value, Mapping):
            result[key] = {**before, **{name: _together(before.get(name), each) for name, each in value.items()}}
        elif key == "required" and isinstance(before, list) and isinstance(value, list):
            result[key] = [*before, *value]
        else:
            result[key] = value


def _together(first: Any, second: Any) -> Any:
    if (
        isinstance(first, Mapping)
        and isinstance(second, Mapping)
        and not second.keys() & {"type", "$ref", "oneOf", "anyOf", "allOf"}
    ):
        return {**first, **second}
    return second


def _types(node: Mapping[str, Any]) -> tuple[str, ...]:
    found = node.get("type")
    return tuple(str(each) for each in (found if isinstance(found, list) else [found] if found else ()))


def _listed(node: Mapping[str, Any], key: str) -> list[Any]:
    found = node.get(key)
    return found if isinstance(found, list) else []


def _says_null(node: Mapping[str, Any]) -> bool:
    return node.get("nullable") is True or node.get("x-nullable") is True


def _is_null(node: Any) -> bool:
    return isinstance(node, Mapping) and (
        node.get("type") in ("null", ["null"])
        or node.get("enum") == [None]
        or ("const" in node and node["const"] is None)
    )

"""How things are named, so that one client finds the same habits in every department."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphql import Node

from schema.lint.finding import LintFinding, Severity, place
from schema.lint.schema_parts import (
    FieldPart,
    InputPart,
    own_arguments,
    own_fields,
    own_inputs,
    own_types,
    own_values,
)
from schema.subgraph import ValidSubgraph

_PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*")
_CAMEL = re.compile(r"[a-z][A-Za-z0-9]*")
_UPPER = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")


def type_names(subgraph: ValidSubgraph) -> Iterator[LintFinding]:
    for declared in own_types(subgraph):
        if not _PASCAL.fullmatch(declared.name):
            message = f'Type "{declared.name}" is not in PascalCase. Call it "{_pascal(declared.name)}".'
            yield _warn(subgraph, "TYPE_NAME_CASE", declared.name, message, declared.ast_node)


def field_names(subgraph: ValidSubgraph) -> Iterator[LintFinding]:
    parts: tuple[FieldPart | InputPart, ...] = (*own_fields(subgraph), *own_inputs(subgraph))
    for part in parts:
        if not _CAMEL.fullmatch(part.name):
            message = f'Field "{part.path}" is not in camelCase. Call it "{_camel(part.name)}".'
            yield _warn(subgraph, "FIELD_NAME_CASE", part.path, message, part.field.ast_node)


def argument_names(subgraph: ValidSubgraph) -> Iterator[LintFinding]:
    for part in own_arguments(subgraph):
        if not _CAMEL.fullmatch(part.name):
            message = f'Argument "{part.path}" is not in camelCase. Call it "{_camel(part.name)}".'
            yield _warn(subgraph, "ARGUMENT_NAME_CASE", part.path, message, part.argument.ast_node)


def enum_values(subgraph: ValidSubgraph) -> Iterator[LintFinding]:
    for part in own_values(subgraph):
        if not _UPPER.fullmatch(part.name):
            upper = "_".join(_words(part.name)).upper()
            message = f'Enum value "{part.path}" is not in UPPER_CASE. Call it "{upper}".'
            yield _warn(subgraph, "ENUM_VALUE_CASE", part.path, message, part.value.ast_node)


def _warn(subgraph: ValidSubgraph, code: str, path: str, message: str, node: Node | None) -> LintFinding:
    return LintFinding(code, Severity.WARNING, path, message, place(subgraph.name, node))


def _pascal(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in _words(name))


def _camel(name: str) -> str:
    pascal = _pascal(name)
    return pascal[:1].lower() + pascal[1:]


def _words(name: str) -> list[str]:
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).split("_")
    return [part.lower() if part.isupper() else part for part in parts if part]

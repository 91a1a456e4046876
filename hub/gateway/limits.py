"""How large an operation may be, counted on the expanded operation: what its fragments multiply is counted too.

Sizes are memoised per fragment, so that counting is linear in the document however much it expands to.
Precedents: CVE-2025-32030 (named fragments), CVE-2026-47707 (counted per spread).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from hub.gateway.request import refused
from schema.errors import RuntimeCode


@dataclass(frozen=True, slots=True)
class Limits:
    """``tokens`` of a document while parsing; ``depth`` of fields; ``fields`` of the expanded operation.

    ``values`` in all variables together: these are checked on the event loop.
    """

    tokens: int = 15_000
    depth: int = 30
    fields: int = 10_000
    values: int = 20_000


@dataclass(frozen=True, slots=True)
class _Size:
    fields: int
    depth: int


def check_size(document: DocumentNode, operation: OperationDefinitionNode, limits: Limits) -> None:
    """Raises ``RequestRefused`` (OPERATION_TOO_COMPLEX). The document is valid: its fragments have no cycle."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    size = _measure(operation.selection_set, fragments, {})
    if size.depth > limits.depth:
        raise refused(
            RuntimeCode.OPERATION_TOO_COMPLEX,
            f"The operation is {size.depth} fields deep; {limits.depth} are allowed. Ask in several operations.",
        )
    if size.fields > limits.fields:
        raise refused(
            RuntimeCode.OPERATION_TOO_COMPLEX,
            f"The operation selects {size.fields} fields, fragments expanded; {limits.fields} are allowed.",
        )


def check_values(variables: Mapping[str, object], limits: Limits) -> None:
    """Raises ``RequestRefused`` (OPERATION_TOO_COMPLEX). A text is one value however long it is."""
    left = limits.values
    waiting: list[Collection[object]] = [variables.values()]
    while waiting:
        values = waiting.pop()
        left -= len(values)
        if left < 0:
            raise refused(
                RuntimeCode.OPERATION_TOO_COMPLEX,
                f"The variables hold over {limits.values} values. Send them in several operations.",
            )
        for value in values:
            if isinstance(value, dict):
                waiting.append(value.values())
            elif isinstance(value, list):
                waiting.append(value)


def _measure(
    node: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], known: dict[str, _Size]
) -> _Size:
    fields, depth = 0, 0
    for selection in node.selections:
        size = _measure_one(selection, fragments, known)
        fields += size.fields
        depth = max(depth, size.depth)
    return _Size(fields, depth)


def _measure_one(
    selection: object, fragments: Mapping[str, FragmentDefinitionNode], known: dict[str, _Size]
) -> _Size:
    if isinstance(selection, FieldNode):
        if selection.selection_set is None:
            return _Size(1, 1)
        below = _measure(selection.selection_set, fragments, known)
        return _Size(below.fields + 1, below.depth + 1)
    if isinstance(selection, InlineFragmentNode):
        return _measure(selection.selection_set, fragments, known)
    if isinstance(selection, FragmentSpreadNode):
        name = selection.name.value
        if name not in known:
            known[name] = _measure(fragments[name].selection_set, fragments, known)
        return known[name]
    raise TypeError("A selection is a field or a fragment.")

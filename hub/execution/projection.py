"""What a fetch asked for, as a tree of response names: nothing else of an answer is ever looked at.

A subgraph that answers more than it was asked could otherwise plant a key for the next subgraph, or
overwrite what another one said (docs/architecture.md, "A hostile answer").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Optional

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from connectors.connector import FetchResponse
from connectors.recent import known_by_text
from hub.execution.fault import Fault, path_of_error
from schema.planning.query_plan import Fetch, Path

Projection = dict[str, Optional["Projection"]]
"""Response name -> what is asked below it, ``None`` for a leaf."""


class Mixed(dict[str, Optional["Projection"]]):
    """What is asked below a name that, on objects of another type, is a leaf: a scalar may be a JSON object.

    Only internal aliases let the two stand side by side; what answers under one is looked at field by field
    when the alias is taken away.
    """


_LIST_DEPTH = 8


Renames = tuple[tuple[Path, str, str], ...]


def projection_of(fetch: Fetch) -> Projection:
    """What ``fetch`` asks for, in names of the merged answer: below ``_entities`` for an entity fetch."""
    tree = _projection(fetch.document, fetch.renames)
    return (tree.get("_entities") or {}) if fetch.representations else tree


@known_by_text(1_000, 1_000_000)
def _projection(document: str, renames: Renames) -> Projection:
    return _renamed_tree(_asked(document), _internal_names(renames))


@known_by_text(1_000, 1_000_000)
def _asked(document: str) -> Projection:
    """The names as the document has them. Fragments are flattened, whatever their condition."""
    definitions = parse(document, no_location=True).definitions
    fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
    operation = next(d for d in definitions if isinstance(d, OperationDefinitionNode))
    tree: Projection = {}
    _read(operation.selection_set, fragments, tree)
    return tree


def _read(node: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], tree: Projection) -> None:
    for selection in node.selections:
        if isinstance(selection, FieldNode):
            name = selection.alias.value if selection.alias else selection.name.value
            below = tree.setdefault(name, {} if selection.selection_set else None)
            if selection.selection_set and below is not None:
                _read(selection.selection_set, fragments, below)
        elif isinstance(selection, InlineFragmentNode):
            _read(selection.selection_set, fragments, tree)
        elif isinstance(selection, FragmentSpreadNode):
            _read(fragments[selection.name.value].selection_set, fragments, tree)


def rename(fetch: Fetch, answer: FetchResponse) -> FetchResponse:
    """The answer with the fetch's internal aliases mapped back, in its data and its errors' paths."""
    names = _internal_names(fetch.renames)
    data = _renamed(answer.data, _asked(fetch.document), names)
    errors = tuple(_renamed_error(error, names) for error in answer.errors)
    return replace(answer, data=data, errors=errors, shaped=None, body=None)


def _internal_names(renames: Renames) -> dict[str, str]:
    return {internal: response_name for _path, internal, response_name in renames}


def _renamed_tree(tree: Projection, names: dict[str, str]) -> Projection:
    renamed: Projection = {}
    for name, below in tree.items():
        public = names.get(name, name)
        inner = _renamed_tree(below, names) if below is not None else None
        renamed[public] = _both(renamed[public], inner) if public in renamed else inner
    return renamed


def _both(one: Projection | None, other: Projection | None) -> Projection | None:
    if one is None or other is None:
        mixed = one if other is None else other
        return None if mixed is None else Mixed(mixed)
    joined = type(one)(one) if type(one) is Mixed else type(other)(one)
    for name, below in other.items():
        joined[name] = _both(joined[name], below) if name in joined else below
    return joined


def _renamed(value: Any, asked: Projection, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(item, asked, names) for item in value]
    if type(value) is not dict:
        return value
    renamed: dict[str, Any] = {}
    for name, below in asked.items():
        if name in value and renamed.get(names.get(name, name)) is None:
            renamed[names.get(name, name)] = _renamed(value[name], below, names) if below else value[name]
    return renamed


def _renamed_error(error: Any, names: dict[str, str]) -> Any:
    path = path_of_error(error)
    if path is None:
        return error
    return {**error, "path": [names.get(step, step) if isinstance(step, str) else step for step in path]}


def merge(target: dict[str, Any], answer: dict[str, Any], projection: Projection) -> None:
    """Merge what was asked for into ``target``: objects deep, lists by position, a value that is there stays.

    Every object and list of the answer is copied, so that one answer can be merged into several targets.
    """
    for name, below in projection.items():
        if name not in answer:
            continue
        value, present = answer[name], target.get(name)
        if below is not None:
            target[name] = _merged(present, value, below, 0)
        elif present is None or type(present) is Fault:
            target[name] = value


def _merged(present: Any, value: Any, below: Projection, lists: int) -> Any:
    if type(value) is dict:
        if type(present) is dict:
            merge(present, value, below)
            return present
        if present is None or type(present) is Fault:
            copy: dict[str, Any] = (
                {} if type(below) is not Mixed else {n: v for n, v in value.items() if n not in below}
            )
            merge(copy, value, below)
            if type(present) is Fault and present.missing:
                _note_missing(copy, present.missing, present)
            return copy
        return present
    if type(value) is list and lists < _LIST_DEPTH:
        if present is None or type(present) is Fault:
            return [_merged(present, item, below, lists + 1) for item in value]
        if isinstance(present, list):
            for index, item in enumerate(value[: len(present)]):
                present[index] = _merged(present[index], item, below, lists + 1)
            if type(present) is list:
                # Whoever answers first, the longer list counts; what the shorter lacks is missing.
                present.extend(_merged(None, item, below, lists + 1) for item in value[len(present) :])
        return present
    return value if present is None or type(present) is Fault else present


def _note_missing(target: Any, missing: Mapping[str, Any], fault: Fault) -> None:
    """Put the fault of a fetch that failed before at what only that one should have brought."""
    for item in target if isinstance(target, list) else (target,):
        if isinstance(item, list):
            _note_missing(item, missing, fault)
        elif type(item) is dict:
            for name, below in missing.items():
                if name not in item:
                    item[name] = Fault(fault.cause, missing=below)
                elif below:
                    _note_missing(item[name], below, fault)


def place(target: Any, path: Iterable[str | int], fault: Fault, projection: Projection | None) -> bool:
    """Put ``fault`` at the first null on ``path`` below ``target``; false when there is a value all the way.

    ``projection`` is what was asked at ``target``.
    """
    steps = tuple(path)
    for index, step in enumerate(steps):
        if type(target) is dict and type(step) is str:
            value = target.get(step)
            projection = projection.get(step) if projection else None
        elif isinstance(target, list) and type(step) is int and 0 <= step < len(target):
            value = target[step]
        else:
            return False
        if value is None:
            target[step] = Fault(fault.cause, 0, steps[index + 1 :], projection)
            return True
        if type(value) is Fault:
            return True
        target = value
    return False

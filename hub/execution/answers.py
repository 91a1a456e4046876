"""Take a subgraph's answer into the merged answer: values where they belong, faults where there are none.

Whatever the answer looks like, only what it should have brought is touched.
Source: GraphQL specification, section 7 "Response".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from connectors.connector import FetchResponse
from hub.execution.entities import Object
from hub.execution.fault import Cause, Diagnostics, Fault, ResponsePath, cause_of_error, path_of_error
from hub.execution.projection import Projection, merge, place
from schema.errors import RuntimeCode


def take_root(
    targets: Sequence[Object],
    answer: FetchResponse | Cause,
    service: str,
    projection: Projection,
    order: int,
    notes: Diagnostics,
    base: ResponsePath = (),
) -> None:
    """Merge the answer of a root fetch into ``targets``, which stand at ``base``."""
    if isinstance(answer, Cause):
        blame(targets, projection, answer)
        return
    errors = _causes(answer, service)
    if type(answer.data) is dict:
        for target in targets:
            merge(target, answer.data, projection)
        for cause, path in errors:
            placed = [path is not None and place(one, path, Fault(cause), projection) for one in targets]
            if not any(placed):
                notes.add(order, cause, base or _visible(path, projection))
        return
    if not errors:
        blame(targets, projection, malformed(service))
        return
    for target in targets:
        _blame_root(target, errors, projection)


def _blame_root(
    target: Object, errors: Sequence[tuple[Cause, ResponsePath | None]], projection: Projection
) -> None:
    """Without data each field has its own error, or else the first."""
    own = {path[0]: (cause, path) for cause, path in reversed(errors) if path}
    first, first_path = errors[0]
    for name in projection:
        if target.get(name) is None:
            cause, path = own.get(name, (first, first_path))
            elsewhere = _visible(path, projection) if path and name not in own else ()
            up, rest = (1, elsewhere) if elsewhere else (0, (path or ())[1:] if name in own else ())
            target[name] = Fault(cause, up, rest, projection[name])


def _causes(answer: FetchResponse, service: str) -> list[tuple[Cause, ResponsePath | None]]:
    """Each error with its path."""
    declared = answer.declares_errors
    return [(cause_of_error(e, service, is_declared=declared), path_of_error(e)) for e in answer.errors]


def parts_of(answer: FetchResponse | Cause, numbers: Sequence[int]) -> Iterator[tuple[int, FetchResponse | Cause]]:
    """Each asked node's part of a batch's answer, as if it had been asked alone.

    An error that names no part belongs to the parts that are missing, or to the first where none is.
    """
    if isinstance(answer, Cause):
        yield from ((number, answer) for number in numbers)
        return
    every = answer.data if type(answer.data) is dict else {}
    missing = [number for number in numbers if type(every.get(f"_{number}")) is not list]
    for number in numbers:
        name = f"_{number}"
        errors: list[dict[str, Any]] = []
        for error in answer.errors:
            path = path_of_error(error)
            if path and path[0] == name:
                errors.append({**error, "path": ["_entities", *path[1:]]})
            elif not (path and path[0] in every) and number in (missing or numbers[:1]):
                errors.append({**error, "path": None})
        data = {"_entities": every.get(name)} if type(answer.data) is dict else None
        yield number, replace(answer, data=data, errors=tuple(errors), shaped=None, body=None)


def take_entities(
    waiting: Sequence[Sequence[Object]],
    answer: FetchResponse | Cause,
    service: str,
    projection: Projection,
    order: int,
    notes: Diagnostics,
    base: ResponsePath,
) -> None:
    """Merge the answer of an entity fetch; ``waiting[i]`` are the objects that representation ``i`` stood for."""
    everyone = [target for group in waiting for target in group]
    if isinstance(answer, Cause):
        blame(everyone, projection, answer)
        return
    rows: Any = answer.data.get("_entities") if type(answer.data) is dict else None
    rows = rows if type(rows) is list else None
    if rows is None and not answer.errors:
        blame(everyone, projection, malformed(service))
        return
    for group, row in zip(waiting, rows or (), strict=False):
        if type(row) is dict:
            for target in group:
                merge(target, row, projection)
    causes = _causes(answer, service)
    for cause, path in causes:
        index = _index_of(path, len(waiting))
        if index is None or path is None:
            is_placed = blame(everyone, projection, Fault(cause))
        else:
            is_null = _row(rows, index) is None
            is_placed = _place_entity_error(waiting[index], cause, path[2:], projection, is_null=is_null)
        if not is_placed:
            notes.add(order, cause, base)
    if rows is None:
        blame(everyone, projection, Fault(causes[0][0]))
        return
    wrong = [target for i, group in enumerate(waiting) if _is_wrong(rows, i) for target in group]
    blame(wrong, projection, malformed(service))


def _place_entity_error(
    group: Sequence[Object], cause: Cause, below: ResponsePath, projection: Projection, *, is_null: bool
) -> bool:
    is_placed = False
    for target in group:
        if below:
            is_placed |= place(target, below, Fault(cause), projection)
        if is_null or not below:
            elsewhere = Fault(cause, 1, _visible(below, projection)) if below else Fault(cause)
            is_placed |= blame((target,), projection, elsewhere)
    return is_placed


def _index_of(path: ResponsePath | None, count: int) -> int | None:
    """The representation that an error's path names, if it does."""
    if path is None or len(path) < 2 or path[0] != "_entities" or type(path[1]) is not int:
        return None
    return path[1] if 0 <= path[1] < count else None


def _row(rows: list[Any] | None, index: int) -> Any:
    return rows[index] if rows is not None and index < len(rows) else None


def _is_wrong(rows: list[Any], index: int) -> bool:
    """A row that is missing, or neither an object nor null."""
    return index >= len(rows) or not (rows[index] is None or type(rows[index]) is dict)


def blame(targets: Sequence[Object], projection: Projection, cause: Cause | Fault) -> bool:
    """Put the cause at everything that ``projection`` should have brought and that is absent.

    A ``Cause`` is told once for each field, at the first object that shows it; a ``Fault`` once in all.
    False when nothing was absent.
    """
    causes: dict[tuple[int, str], Fault] = {}
    found = False
    for target in targets:
        found |= _blame_one(target, projection, cause, causes)
    return found


def _blame_one(
    target: Object, projection: Projection, cause: Cause | Fault, causes: dict[tuple[int, str], Fault]
) -> bool:
    found = False
    for name, below in projection.items():
        if name not in target:
            fault = _fault_for(id(projection), name, cause, causes)
            target[name] = replace(fault, missing=below) if below else fault
            found = True
        elif below is not None:
            for item in _objects_in(target[name]):
                found |= _blame_one(item, below, cause, causes)
    return found


def _fault_for(projection: int, name: str, cause: Cause | Fault, causes: dict[tuple[int, str], Fault]) -> Fault:
    if isinstance(cause, Fault):
        return cause
    fault = causes.get((projection, name))
    if fault is None:
        fault = causes[projection, name] = Fault(Cause(cause.message, cause.code, cause.service))
    return fault


def _objects_in(value: Any) -> Sequence[Object]:
    if type(value) is dict:
        return (value,)
    if isinstance(value, list):
        return [one for item in value for one in _objects_in(item)]
    return ()


def malformed(service: str) -> Cause:
    return Cause(
        "The department's answer is not what was asked for.", RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, service
    )


def _visible(path: ResponsePath | None, projection: Projection) -> ResponsePath:
    """A path as far as it follows what was asked; the only field there is when the error has none."""
    if path is None:
        return tuple(projection)[:1] if len(projection) == 1 else ()
    return path if path[0] in projection else ()

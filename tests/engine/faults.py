"""What must still hold when something fails: a dead subgraph, an absent entity, a null where none may be.

Each trial compares the answer with the healthy one, or with what one process says of the same bad data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

from hub.execution import ExecutionResult
from schema.planning.check_plan import fetches
from tests.engine.data import Data, Ref
from tests.engine.graph_model import GraphModel
from tests.engine.operations import Asked
from tests.engine.processes import with_data
from tests.engine.trial import Finding, World, run

Place = tuple[str | int, ...]


def dead_subgraph(world: World, asked: Asked) -> Finding | None:
    """One of the plan's subgraphs cannot be reached: no value is wrong, and each missing one is told."""
    document, found = world.document(asked), world.plan(asked)
    for service in sorted({fetch.service for fetch in fetches(found.node)}):
        result = run(world, document, found, asked.variables, world.processes, frozenset({service}))
        clear(world)
        if wrong := _wrong_with_dead(world, asked, result, service):
            return Finding("dead subgraph", f"{service}: {wrong}\n{result}\n{found}")
    return None


def _wrong_with_dead(world: World, asked: Asked, result: ExecutionResult, service: str) -> str:
    expected = world.expected(asked)
    lost = list(_lost(expected, result.data, (), _gathered_names(world.model)))
    if other := [place for is_other, place in lost if is_other]:
        return f"another value at {other[0]}"
    for error in result.errors:
        if error["extensions"].get("service") != service and error["extensions"]["code"] != "GATHER_FAILED":
            return f"an error that does not name it: {error}"
        if not error.get("path"):
            return f"an error without a path: {error}"
    told = {error["path"][0] for error in result.errors}
    # One cause is told once, at the first field that it takes away: look only for the root field.
    silent = [place for _, place in lost if place and place[0] not in told]
    return f"{silent[0]} is null and nobody says why" if silent else ""


def _lost(expected: Any, got: Any, place: Place, gathered: frozenset[str]) -> Iterator[tuple[bool, Place]]:
    """The places where a value is missing, and (marked ``True``) those where there is another one."""
    if got is None:
        if expected is not None:
            yield False, place
    elif isinstance(expected, dict) and isinstance(got, dict):
        if list(expected) != list(got):
            yield True, place
        for name, value in expected.items():
            # What a gathered list lost moves the rest: such graphs are only compared at the root.
            if name in got and (not gathered or got[name] is None):
                yield from _lost(value, got[name], (*place, name), gathered)
    elif isinstance(expected, list) and isinstance(got, list):
        if len(expected) != len(got):
            yield True, place
        for index, (one, other) in enumerate(zip(expected, got, strict=False)):
            yield from _lost(one, other, (*place, index), gathered)
    elif expected != got:
        yield True, place


def _gathered_names(model: GraphModel) -> frozenset[str]:
    return frozenset(f.name for one in model.types.values() for f in one.fields.values() if f.gather)


def _loses_more_apart(model: GraphModel, asked: Asked) -> bool:
    """A gathered list loses the part alone that has the null; what a ``@requires`` reads beside it is lost too,
    and what a subgraph that is stricter than the graph takes away itself."""
    fields = (f for one in model.types.values() for f in one.fields.values())
    names = {f.name for f in fields if f.gather or any(one.requires or one.strict for one in f.sources.values())}
    return not names.isdisjoint(re.findall(r"\w+", asked.text))


def bad_null(world: World, asked: Asked) -> Finding | None:
    """A null where the schema forbids it spreads as far as in one process, and is told."""
    data, name = with_bad_null(world, Random(f"null {asked.text}"))
    if data is None or _loses_more_apart(world.model, asked):
        return None
    document, found = world.document(asked), world.plan(asked)
    processes = with_data(world.processes, data)
    result = run(world, document, found, asked.variables, processes)
    expected = replace(world.whole, data=data).answer(asked.text, asked.variables)
    if result.data != expected.data:
        return Finding("bad null", f"{name}: {result.data}\nis not\n{expected.data}\n{result.errors}\n{found}")
    if bool(result.errors) != bool(expected.errors):
        return Finding("bad null errors", f"{name}: {result.errors} is not {expected.errors}\n{found}")
    untrue = [error for error in result.errors if _at(result.data, error["path"]) is not None]
    return Finding("bad null errors", f"{name}: there is a value at {untrue[0]}\n{found}") if untrue else None


def _at(data: Any, path: list[str | int]) -> Any:
    """The value at a path, as far as there is one."""
    for step in path:
        if data is None:
            return None
        data = data[step]
    return data


def with_bad_null(world: World, random: Random) -> tuple[Data | None, str]:
    """The data with a null in a field that is not null, that no key and no ``@requires`` uses."""
    types = world.model.types.values()
    used = [key.fields for one in types for keys in one.keys.values() for key in keys]
    sources = [s for one in types for f in one.fields.values() for s in f.sources.values()]
    used += [s.requires for s in sources] + [read.selection for s in sources for read in s.reads]
    names = re.findall(r"\w+", " ".join(used))
    places = [
        (one.name, each.name)
        for one in types
        for each in (world.model.all_fields(one.name) if one.kind == "object" else {}).values()
        if each.type.endswith("!") and each.name not in names and not each.gather
    ]  # fmt: skip
    if not places:
        return None, ""
    type_name, name = random.choice(places)
    tables = deepcopy(world.data.tables)
    for row in tables[type_name][: random.randint(1, 3)]:
        row[name] = None
    return Data(world.model, tables), f"{type_name}.{name}"


def absent_entity(world: World, asked: Asked) -> Finding | None:
    """An entity that subgraphs do not find by its key: what they would bring is null, nothing else is."""
    random = Random(f"absent {asked.text}")
    entities = sorted(one.name for one in world.model.types.values() if one.keys and one.kind == "object")
    gone = frozenset({Ref(random.choice(entities), random.randrange(3))})
    document, found = world.document(asked), world.plan(asked)
    processes = with_data(world.processes, world.data, absent=gone)
    result = run(world, document, found, asked.variables, processes)
    expected = world.expected(asked)
    gathered = _gathered_names(world.model)
    if any(is_other for is_other, _ in _lost(expected, result.data, (), gathered)):
        return Finding("absent entity", f"{gone}: {result.data}\nis not\n{expected}\n{found}")
    told = [tuple(error["path"]) for error in result.errors]
    strange = [error for error in result.errors if not _is_due_to_absence(error)]
    return Finding("absent entity error", f"{strange[0]} {told}\n{found}") if strange else None


def _is_due_to_absence(error: Mapping[str, Any]) -> bool:
    """A field of an entity that was not found is null, and told where null is forbidden. A part of a gathered list
    whose key it was is told, since it could not be asked; it may be the last part."""
    return "null" in error["message"] or error["extensions"]["code"] in ("GATHER_FAILED", "SERVICE_UNAVAILABLE")


def clear(world: World) -> None:
    for process in world.processes.values():
        process.misuses.clear()

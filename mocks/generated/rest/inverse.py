"""Turn a mapping round: the JSON whose mapping is these values, and the variables that a request's body had."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from mocks.generated.rest.mapping import Call, Constant, Members, Node, Read

ReadField = Callable[[Any, str], Any]
"""What an object says in a field."""


def json_of(mapping: Node, value: Any, read: ReadField) -> Any:
    """The JSON that the mapping turns into ``value``. Where it reads nothing, ``{}``."""
    if value is None:
        return None
    if isinstance(value, list):
        before, inner = _up_to_list(mapping)
        if before is not None:
            return _placed(before, [json_of(inner, each, read) for each in value], read)
        return [json_of(mapping, each, read) for each in value]
    match mapping:
        case Constant():
            return {}
        case Members(members):
            found: Any = {}
            for name, node in members:
                inner_value = value if name is None else read(value, name)
                if not _reads_nothing(node):
                    found = merged(
                        found,
                        json_of(node, inner_value, read) if name is None else _field(node, inner_value, read),
                    )
            return found
        case Read() if not mapping.is_of_json:
            return {}
        case Read(steps=steps, below=below):
            return _placed(steps, value if below is None else json_of(below, value, read), read)


def _field(node: Node, value: Any, read: ReadField) -> Any:
    """The part of the JSON that one field is read from."""
    if isinstance(node, Read):
        inner: Any = value
        if node.below is not None and value is not None:
            many = isinstance(value, list)
            inner = (
                [json_of(node.below, each, read) for each in value] if many else json_of(node.below, value, read)
            )
        return _placed(node.steps, inner, read)
    return json_of(node, value, read) if value is not None else {}


def _reads_nothing(node: Node) -> bool:
    return isinstance(node, Constant) or (isinstance(node, Read) and not node.is_of_json)


def _up_to_list(mapping: Node) -> tuple[tuple[str | Call, ...] | None, Node]:
    """For a list: where in the JSON it stands, and how each of it is mapped."""
    if isinstance(mapping, Members) and len(mapping.members) == 1 and mapping.members[0][0] is None:
        (_, node) = mapping.members[0]
        if isinstance(node, Read) and node.is_of_json:
            return node.steps, node.below or Read("", ())
    return None, mapping


def _placed(steps: tuple[str | Call, ...], value: Any, read: ReadField) -> Any:
    """The JSON that has the value where the steps lead."""
    for step in reversed(steps):
        value = _undone(step, value, read) if isinstance(step, Call) else {step: value}
    return value


def _undone(call: Call, value: Any, read: ReadField) -> Any:
    """What the method was applied to, if it can be told."""
    match call.name:
        case "first" | "last" | "get":
            return [value]
        case "jsonParse":
            return json.dumps(value, ensure_ascii=False)
        case "jsonStringify" if isinstance(value, str):
            return _parsed(value)
        case "split" if isinstance(value, list):
            return _constant(call.arguments, ",").join(str(each) for each in value)
        case "joinNotNull" | "join" if isinstance(value, str):
            return value.split(_constant(call.arguments, ","))
        case "map" if isinstance(value, list) and call.arguments and not isinstance(call.arguments[0], Constant):
            return [json_of(call.arguments[0], each, lambda one, name: one.get(name)) for each in value]
        case "match":
            return _matched(call, value, read)
        case "toString":
            return value
        case "parseInt" | "toNumber":
            return str(value)
        case "not" if isinstance(value, bool):
            return not value
        case "entries" if isinstance(value, list):
            return {str(each.get("key")): each.get("value") for each in value if isinstance(each, Mapping)}
    return value


def _matched(call: Call, value: Any, read: ReadField) -> Any:
    """What the method must have met to give this value, or an object of this type."""
    is_plain = value is None or isinstance(value, str | int | float | bool | list | Mapping)
    for pair in call.arguments:
        if not isinstance(pair, list) or len(pair) != 2:
            continue
        met, given = pair
        if isinstance(given, Members):
            given = dict(given.members).get("__typename")
            is_given = isinstance(given, Constant) and not is_plain and read(value, "__typename") == given.value
        else:
            is_given = isinstance(given, Constant) and is_plain and given.value == value
        if is_given:
            return met.value if isinstance(met, Constant) else "other"
    return value if is_plain else "other"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _constant(arguments: tuple[Any, ...], default: str) -> str:
    first = arguments[0] if arguments else None
    return str(first.value) if isinstance(first, Constant) else default


def merged(one: Any, other: Any) -> Any:
    """Both, where each says a part; the first where they contradict each other."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {
            **one,
            **{name: merged(one[name], value) if name in one else value for name, value in other.items()},
        }
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [merged(*pair) for pair in zip(one, other, strict=True)]
    return other if one is None or one == {} else one


def variables_of(mapping: Node, body: Any) -> dict[str, Any]:
    """The values of ``$args``, ``$this`` and ``$batch`` that a body made by the mapping carries, by variable."""
    found: dict[str, Any] = {}
    _collect(mapping, body, found)
    return found


def _collect(mapping: Node, body: Any, found: dict[str, Any]) -> None:
    match mapping:
        case Members(members):
            for name, node in members:
                if name is None:
                    _collect(node, body, found)
                elif isinstance(body, Mapping) and name in body:
                    _collect(node, body[name], found)
        case Read(start=start, steps=steps, below=below) if not mapping.is_of_json:
            names = tuple(step for step in steps if isinstance(step, str))
            if below is None:
                put(found, (start, *names), body)
                return
            inner = body if isinstance(body, list) else [body]
            each = [_inner(below, one) for one in inner]
            whole = each if isinstance(body, list) else each[0]
            if start == "$batch" and not names:
                put(found, (start,), {n: [one.get(n) for one in each] for n in each[0]} if each else {})
            else:
                put(found, (start, *names), whole)


def _inner(below: Members, body: Any) -> dict[str, Any]:
    """The object that a sub-selection of a variable turned into ``body``."""
    found: Any = json_back(below, body)
    return found if isinstance(found, dict) else {}


def json_back(mapping: Members, body: Any) -> Any:
    """The object whose mapping is ``body``: like :func:`json_of`, of plain JSON."""
    return json_of(mapping, body, lambda one, name: one.get(name) if isinstance(one, Mapping) else None)


def put(found: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        found = found.setdefault(name, {})
    found[path[-1]] = merged(found.get(path[-1], value), value)

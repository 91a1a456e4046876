"""Each variable exists where it is used, and has the properties that are read from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import GraphQLInputObjectType, GraphQLNamedType, GraphQLObjectType, get_named_type

from schema.mapping.connect import Connect
from schema.mapping.findings import Findings
from schema.mapping.syntax import (
    VARIABLES,
    Expression,
    Group,
    Key,
    Maybe,
    Method,
    Path,
    Variable,
    properties_of,
    walk,
)
from schema.mapping.texts import ABOUT_THE_ANSWER, answer_selections, code_of, kind_of, request_texts

_OF_THE_ANSWER = frozenset({"$status", "$response"})
_KNOWN = VARIABLES | {"@"}
_Properties = Mapping[str, GraphQLNamedType]


def check_variables(findings: Findings) -> None:
    for connect in findings.read.connects:
        for role, expression in _texts(connect):
            parts = tuple(walk(expression))
            bound = _bound(parts)
            for part in parts:
                if isinstance(part, Variable) and part.name not in bound:
                    _exists(findings, connect, role, part)
                elif isinstance(part, Path) and isinstance(part.start, Variable):
                    _has_properties(findings, connect, role, part, part.start)


def _bound(parts: tuple[Expression, ...]) -> frozenset[str]:
    """The variables that ``->as`` makes."""
    steps = (step for part in parts if isinstance(part, Path) for step in part.steps)
    first = (step.arguments[0] for step in steps if isinstance(step, Method) and step.name == "as")
    return frozenset(each.name for each in first if isinstance(each, Variable))


def _texts(connect: Connect) -> Iterator[tuple[str, Expression]]:
    yield from request_texts(connect)
    for role, selection in answer_selections(connect):
        yield role, selection.value
    yield "selection", connect.selection.value


def _exists(findings: Findings, connect: Connect, role: str, variable: Variable) -> None:
    name, on_type = variable.name, connect.field_name is None
    mend = None
    if name not in _KNOWN:
        mend = f"there is no such variable. Known are {', '.join(sorted(_KNOWN))}"
    elif name in _OF_THE_ANSWER and kind_of(role) not in ABOUT_THE_ANSWER:
        mend = "it exists once the answer is there: in selection, errors and isSuccess"
    elif name == "$this" and not on_type and findings.read.virtual.is_root(connect.type_name):
        mend = "a root field has no parent. Use $args"
    elif name == "$args" and on_type:
        mend = "a type has no arguments. Use $this or $batch"
    elif name == "$batch" and not on_type:
        mend = "it exists on types only. Use $this"
    if mend:
        message = f'@connect on "{connect.coordinate}" uses {name}: {mend}.'
        code = "INVALID_SQL" if connect.statement and role == "url" else code_of(role)
        findings.tell(code, message, findings.at(connect, role, variable.at))


def _has_properties(findings: Findings, connect: Connect, role: str, path: Path, variable: Variable) -> None:
    parent = findings.object_type(connect.type_name)
    if parent is None or variable.name not in {"$args", "$this", "$batch"}:
        return
    if variable.name != "$args" and findings.read.virtual.is_root(connect.type_name):
        return
    code, what, properties = "UNDEFINED_FIELD", "field", _properties(parent)
    if variable.name == "$args":
        if connect.field_name is None:
            return
        code, what = "UNDEFINED_ARGUMENT", "argument"
        arguments = parent.fields[connect.field_name].args
        properties = {name: get_named_type(argument.type) for name, argument in arguments.items()}
    direct = properties_of(variable.name, path) - properties.keys()
    wrong = [(f"{variable.name}.{name}", what, properties) for name in direct]
    wrong += [
        (f'"{name}" of {variable.name}', "field", known) for name, known in _undefined_below(path, properties)
    ]
    for name, kind, known in sorted(wrong, key=lambda each: each[0]):
        message = (
            f'@connect on "{connect.coordinate}" reads {name}, but there is no such {kind}. '
            f"There is: {', '.join(sorted(known)) or 'none'}."
        )
        findings.tell(code, message, findings.at(connect, role, variable.at))


def _undefined_below(path: Path, properties: _Properties) -> Iterator[tuple[str, _Properties]]:
    """Properties of properties that their types do not have, as far as they are read by plain keys. Those of the
    variable itself are told by whoever knows what they are."""
    known = properties
    for depth, step in enumerate(step for step in path.steps if not isinstance(step, Maybe)):
        if not isinstance(step, Key):
            return
        if step.name not in known:
            if depth and known and not step.name.startswith("__"):
                yield step.name, known
            return
        known = _properties(known[step.name])
    if path.group is not None and known:
        yield from _undefined_in(path.group, known, is_below=any(isinstance(step, Key) for step in path.steps))


def _undefined_in(group: Group, known: _Properties, *, is_below: bool) -> Iterator[tuple[str, _Properties]]:
    for member in group.members:
        value = member.value
        if not (isinstance(value, Path) and (value.start is None or value.start == Variable("$"))):
            continue
        first = next((step for step in value.steps if not isinstance(step, Maybe)), None)
        is_unknown = isinstance(first, Key) and first.name not in known
        if is_unknown and isinstance(first, Key) and is_below and not first.name.startswith("__"):
            yield first.name, known
        elif not is_unknown:
            yield from _undefined_below(value, known)


def _properties(named: GraphQLNamedType) -> _Properties:
    """By name; none of what has none that could be told."""
    if isinstance(named, GraphQLObjectType | GraphQLInputObjectType):
        return {name: get_named_type(field.type) for name, field in named.fields.items()}
    return {}

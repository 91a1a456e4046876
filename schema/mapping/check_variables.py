"""Each variable exists where it is used, and has the properties that are read from it."""

from __future__ import annotations

from collections.abc import Iterator

from schema.mapping.connect import Connect
from schema.mapping.findings import Findings
from schema.mapping.syntax import VARIABLES, Expression, Method, Path, Variable, properties_of, walk

_OF_THE_ANSWER = frozenset({"$status", "$response"})
_KNOWN = VARIABLES | {"@"}
_CODES = {"url": "INVALID_URL", "body": "INVALID_BODY", "selection": "INVALID_SELECTION", "": "INVALID_HEADER"}


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
    """Every expression with the role of the text it stands in; headers and the rest have none."""
    address = connect.url or connect.statement
    own = {id(expression) for expression in address.expressions} if address else set()
    for expression in connect.request_expressions:
        is_body = connect.body is not None and expression is connect.body.value
        yield ("url" if id(expression) in own else "body" if is_body else ""), expression
    yield "selection", connect.selection.value


def _exists(findings: Findings, connect: Connect, role: str, variable: Variable) -> None:
    name, on_type = variable.name, connect.field_name is None
    mend = None
    if name not in _KNOWN:
        mend = f"there is no such variable. Known are {', '.join(sorted(_KNOWN))}"
    elif name in _OF_THE_ANSWER and role != "selection":
        mend = "it exists once the answer is there: in selection, errors and isSuccess"
    elif name == "$this" and not on_type and findings.read.virtual.is_root(connect.type_name):
        mend = "a root field has no parent. Use $args"
    elif name == "$args" and on_type:
        mend = "a type has no arguments. Use $this or $batch"
    elif name == "$batch" and not on_type:
        mend = "it exists on types only. Use $this"
    if mend:
        message = f'@connect on "{connect.coordinate}" uses {name}: {mend}.'
        code = "INVALID_SQL" if connect.statement and role == "url" else _CODES[role]
        findings.tell(code, message, findings.at(connect, role, variable.at))


def _has_properties(findings: Findings, connect: Connect, role: str, path: Path, variable: Variable) -> None:
    parent = findings.object_type(connect.type_name)
    if parent is None or variable.name not in {"$args", "$this", "$batch"}:
        return
    if variable.name != "$args" and findings.read.virtual.is_root(connect.type_name):
        return
    code, what, known = "UNDEFINED_FIELD", "field", set(parent.fields)
    if variable.name == "$args":
        if connect.field_name is None:
            return
        code, what, known = "UNDEFINED_ARGUMENT", "argument", set(parent.fields[connect.field_name].args)
    for name in sorted(properties_of(variable.name, path) - known):
        message = (
            f'@connect on "{connect.coordinate}" reads {variable.name}.{name}, but there is no such {what}. '
            f"There is: {', '.join(sorted(known)) or 'none'}."
        )
        findings.tell(code, message, findings.at(connect, role, variable.at))

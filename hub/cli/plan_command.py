"""``jiyi plan``: how an operation would be answered, without asking anybody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from hub.cli.graph_sources import read_source, supergraph_or_exit
from hub.cli.input import Unreadable, read_text
from hub.cli.output import envelope, fail, write

if TYPE_CHECKING:
    from graphql import DocumentNode

    from schema.planning.choices import Alternative, Choice
    from schema.supergraph import Supergraph


def print_plan(
    operation: Path,
    subgraphs: Path | None,
    supergraph: Path | None,
    *,
    operation_name: str | None,
    variables: str | None,
    explains: bool,
    as_json: bool,
) -> None:
    """The plan as text, or in the envelope; ``explains`` adds what else was considered.

    Exits with 1 when there is none, with 2 on wrong usage.
    """
    from schema.errors import PlanningError
    from schema.planning.choices import explain_plan, print_choices

    if subgraphs is None and supergraph is None:
        raise typer.BadParameter("Name the graph with --subgraphs or --supergraph.")
    text = _read(operation, as_json)
    graph = supergraph_or_exit(read_source(subgraphs, supergraph, as_json=as_json), as_json=as_json)
    document = _checked(graph, text, operation_name, variables, as_json)
    try:
        made, choices = explain_plan(graph, document, operation_name)
    except PlanningError as error:
        fail(error.code, error.message, as_json=as_json)
    if not as_json:
        write(f"{made}\n\n{print_choices(choices)}" if explains else str(made))
        return
    data: dict[str, Any] = {"plan": str(made)}
    if explains:
        data["choices"] = [_choice_json(each) for each in reversed(choices)]
    write(envelope(data))


def _choice_json(choice: Choice) -> dict[str, Any]:
    return {
        "type": choice.type_name,
        "fields": list(choice.fields),
        "broughtBy": list(choice.brought_by),
        "taken": _alternative_json(choice.taken),
        "others": [_alternative_json(each) for each in choice.others],
    }


def _alternative_json(alternative: Alternative) -> dict[str, Any]:
    return {
        "subgraphs": list(alternative.subgraphs),
        "fetches": alternative.cost.fetches,
        "steps": alternative.cost.steps,
        "complete": alternative.is_complete,
    }


def _read(operation: Path, as_json: bool) -> str:
    try:
        return read_text(operation)
    except Unreadable as error:
        fail("OPERATION_UNREADABLE", str(error), as_json=as_json, exit_code=2)


def _checked(
    graph: Supergraph, text: str, operation_name: str | None, variables: str | None, as_json: bool
) -> DocumentNode:
    """The document, valid against the graph, and the variables against it. Exits with each mistake."""
    from hub.execution import VariablesRefused
    from hub.gateway import GraphQLRequest
    from hub.gateway.check import check_operation
    from hub.gateway.limits import Limits
    from hub.gateway.request import RequestRefused, told
    from hub.standalone.open_policy import OpenPolicy
    from schema.errors import RuntimeCode

    given = _variables(variables)
    try:
        request = GraphQLRequest(text, operation_name)
        checked = check_operation(graph, request, OpenPolicy(), Limits(), hide_suggestions=False)
        if given is not None:
            checked.operation.coerce(given)
    except RequestRefused as refusal:
        _refuse(refusal.answer.errors, as_json)
    except VariablesRefused as refusal:
        _refuse([told(error, RuntimeCode.BAD_USER_INPUT) for error in refusal.errors], as_json)
    return checked.operation.document


def _variables(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"--variables is not JSON: {error}.") from None
    if not isinstance(given, dict):
        raise typer.BadParameter("--variables must be a JSON object.")
    return given


def _refuse(errors: Any, as_json: bool) -> NoReturn:
    first = errors[0]
    messages = "; ".join(f"{each['message']}{_place(each)}" for each in errors)
    fail(first["extensions"]["code"], messages, as_json=as_json, details={"errors": list(errors)})


def _place(error: dict[str, Any]) -> str:
    return "".join(f" ({at['line']}:{at['column']})" for at in error.get("locations", ())[:1])

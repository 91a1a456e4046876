"""``jiyi compose``, ``plan``, ``introspect`` and ``explain``: the engine at hand, without a hub."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.output import envelope, fail, note, write

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the JSON envelope.")]
Output = Annotated[Path | None, typer.Option("--output", help="File to write to.")]
Subgraphs = Annotated[Path, typer.Argument(help="Our JSON list, rover's YAML or wgc's list of subgraphs.")]


def register_schema_commands(app: typer.Typer) -> None:
    app.command()(compose)
    app.command()(plan)
    app.command()(introspect)
    app.command()(explain)


def compose(subgraphs: Subgraphs, output: Output = None, as_json: JsonFlag = False) -> None:
    """Compose subgraphs and print the supergraph SDL; exit 1 with every error when they do not."""
    from graphql import print_schema

    from hub.cli.lint import as_json as error_as_json
    from hub.cli.subgraph_lists import read_subgraph_list
    from schema.composition import compose as compose_subgraphs

    composition = compose_subgraphs(asyncio.run(read_subgraph_list(subgraphs)))
    hints = [{"code": hint.code, "message": hint.message} for hint in composition.hints]
    if composition.supergraph is None:
        errors = [error_as_json(error) for error in composition.errors]
        if as_json:
            message = f"{len(errors)} composition errors"
            details = {"errors": errors}
            failure = {"code": "COMPOSITION_FAILED", "message": message, "details": details}
            write(envelope({"hints": hints}, failure))
        for each in composition.errors if not as_json else ():
            note(f"{each} {' '.join(map(str, each.locations))}")
        raise typer.Exit(1)
    for hint in composition.hints:
        note(f"hint {hint}")
    supergraph = composition.supergraph
    if as_json:
        api_schema = print_schema(supergraph.api_schema)
        write(envelope({"supergraph": supergraph.sdl, "apiSchema": api_schema, "hints": hints}), output)
        return
    write(supergraph.sdl, output)


def plan(
    operation: Annotated[Path, typer.Option("--operation", help="File with the GraphQL operation.")],
    subgraphs: Annotated[Path, typer.Option("--subgraphs", help="The subgraphs, as for compose.")],
    as_json: JsonFlag = False,
) -> None:
    """Print the query plan of an operation."""
    from graphql import GraphQLError, parse, validate

    from hub.cli.subgraph_lists import read_subgraph_list
    from schema.composition import compose as compose_subgraphs
    from schema.errors import PlanningError
    from schema.planning import plan as plan_operation

    composition = compose_subgraphs(asyncio.run(read_subgraph_list(subgraphs)))
    if composition.supergraph is None:
        fail("COMPOSITION_FAILED", str(composition.errors[0]), as_json=as_json)
    try:
        document = parse(operation.read_text(encoding="utf-8"))
        problems = validate(composition.supergraph.api_schema, document)
        if problems:
            fail("GRAPHQL_VALIDATION_FAILED", problems[0].message, as_json=as_json)
        text = str(plan_operation(composition.supergraph, document))
    except GraphQLError as error:
        fail("GRAPHQL_PARSE_FAILED", error.message, as_json=as_json)
    except PlanningError as error:
        fail(error.code, error.message, as_json=as_json)
    except OSError as error:
        fail("OPERATION_UNREADABLE", f"{operation}: {error.strerror}", as_json=as_json, exit_code=2)
    write(envelope({"plan": text}) if as_json else text)


def introspect(
    url: Annotated[str, typer.Argument(help="A Federation subgraph's address.")],
    output: Output = None,
    as_json: JsonFlag = False,
) -> None:
    """Print the SDL that a subgraph states of itself."""
    from connectors.connector import ConnectorFailure
    from hub.cli.subgraph_lists import read_sdl

    try:
        sdl = asyncio.run(read_sdl(url))
    except ConnectorFailure as failure:
        fail(failure.code, failure.message, as_json=as_json)
    write(envelope({"sdl": sdl}) if as_json else sdl, output)


def explain(
    code: Annotated[str, typer.Argument(help="An error code, for example AGENT_OFFLINE.")],
    as_json: JsonFlag = False,
) -> None:
    """Tell what an error code means and how to mend it."""
    from schema.explanations import explanation

    text = explanation(code.upper())
    if text is None:
        fail("UNKNOWN_CODE", f'"{code}" is no code of ours; docs/errors.md lists them.', as_json=as_json)
    write(envelope({"code": code.upper(), "explanation": text}) if as_json else f"{code.upper()}: {text}")

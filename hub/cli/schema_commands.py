"""``jiyi compose``, ``plan``, ``introspect`` and ``explain``: the engine at hand, without a hub."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.output import JsonFlag, envelope, fail, note, write

if TYPE_CHECKING:
    from schema.supergraph import Composition

Output = Annotated[Path | None, typer.Option("--output", help="File to write to.")]
Subgraphs = Annotated[
    Path, typer.Argument(help="Our JSON list, rover's YAML or wgc's list of subgraphs; \"-\" is stdin.")
]


def register_schema_commands(app: typer.Typer) -> None:
    app.command()(compose)
    app.command()(plan)
    app.command()(introspect)
    app.command()(explain)


def compose(subgraphs: Subgraphs, output: Output = None, as_json: JsonFlag = False) -> None:
    """Compose subgraphs and print the supergraph SDL; exit 1 with every error when they do not."""
    from graphql import print_schema

    from hub.problem_json import problem_json

    composition = _composed(subgraphs, as_json)
    hints = [problem_json(hint) for hint in composition.hints]
    if composition.supergraph is None:
        errors = [problem_json(error) for error in composition.errors]
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

    from hub.cli.input import Unreadable, read_text
    from schema.errors import PlanningError
    from schema.planning import plan as plan_operation

    composition = _composed(subgraphs, as_json)
    if composition.supergraph is None:
        fail("COMPOSITION_FAILED", str(composition.errors[0]), as_json=as_json)
    try:
        document = parse(read_text(operation))
        problems = validate(composition.supergraph.api_schema, document)
        if problems:
            fail("GRAPHQL_VALIDATION_FAILED", problems[0].message, as_json=as_json)
        text = str(plan_operation(composition.supergraph, document))
    except GraphQLError as error:
        fail("GRAPHQL_PARSE_FAILED", error.message, as_json=as_json)
    except PlanningError as error:
        fail(error.code, error.message, as_json=as_json)
    except Unreadable as error:
        fail("OPERATION_UNREADABLE", str(error), as_json=as_json, exit_code=2)
    write(envelope({"plan": text}) if as_json else text)


def introspect(
    url: Annotated[str, typer.Argument(help="A Federation subgraph's address.")],
    output: Output = None,
    as_json: JsonFlag = False,
) -> None:
    """Print the SDL that a subgraph states of itself."""
    from hub.standalone.describing import SubgraphUnreadable, read_sdl, subgraph_client

    async def read() -> str:
        async with subgraph_client() as client:
            return await read_sdl(url, client)

    try:
        sdl = asyncio.run(read())
    except SubgraphUnreadable as error:
        fail(error.code, str(error), as_json=as_json)
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


def _composed(subgraphs: Path, as_json: bool) -> Composition:
    from hub.cli.input import Unreadable
    from hub.cli.subgraph_lists import read_subgraph_list
    from hub.standalone.describing import SubgraphUnreadable
    from schema.composition import compose as compose_subgraphs

    try:
        return compose_subgraphs(asyncio.run(read_subgraph_list(subgraphs)))
    except Unreadable as error:
        fail("SUBGRAPHS_UNREADABLE", str(error), as_json=as_json, exit_code=2)
    except SubgraphUnreadable as error:
        fail(error.code, str(error), as_json=as_json)

"""``jiyi compose``, ``introspect`` and ``explain``: the engine at hand, without a hub."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.input import read_header
from hub.cli.output import JsonFlag, envelope, fail, note, write

Output = Annotated[Path | None, typer.Option("--output", "-o", help="File to write to.")]
_LIST = "Our JSON list, rover's YAML or wgc's list of subgraphs; \"-\" is stdin."


def register_schema_commands(app: typer.Typer) -> None:
    app.command()(compose)
    app.command()(introspect)
    app.command()(explain)


def compose(
    subgraphs: Annotated[Path | None, typer.Argument(help=_LIST)] = None,
    config: Annotated[Path | None, typer.Option("--config", "-i", help="The same, as others name it.")] = None,
    output: Output = None,
    as_json: JsonFlag = False,
) -> None:
    """Compose subgraphs and print the supergraph SDL; exit 1 with every error when they do not."""
    from graphql import print_schema

    from hub.cli.graph_sources import read_source
    from hub.doors.problem_json import problem_json
    from hub.standalone.graph_source import composition_of

    if (subgraphs is None) is (config is None):
        raise typer.BadParameter("Name one list of subgraphs.")
    composition = composition_of(read_source(subgraphs or config, None, as_json=as_json))
    supergraph, errors = composition.supergraph, composition.errors
    if not as_json:
        for hint in composition.hints:
            note(f"hint {hint}")
        for each in errors:
            note(f"{each} {' '.join(map(str, each.locations))}".rstrip())
        if supergraph is None:
            raise typer.Exit(1)
        write(supergraph.sdl, output)
        return
    data = {
        "supergraph": supergraph.sdl if supergraph else None,
        "apiSchema": print_schema(supergraph.api_schema) if supergraph else None,
        "hints": [problem_json(hint) for hint in composition.hints],
    }
    if supergraph is None:
        message = f"{len(errors)} composition {'error' if len(errors) == 1 else 'errors'}"
        details = {"errors": [problem_json(error) for error in errors]}
        fail("COMPOSITION_FAILED", message, as_json=True, details=details, data=data)
    write(envelope(data), output)


def introspect(
    url: Annotated[str, typer.Argument(help="A Federation subgraph's address.")],
    header: Annotated[
        list[str] | None, typer.Option("--header", "-H", metavar="NAME:VALUE", help="Sent along; repeatable.")
    ] = None,
    output: Output = None,
    as_json: JsonFlag = False,
) -> None:
    """Print the SDL that a subgraph states of itself."""
    from hub.standalone.describing import SubgraphUnreadable, read_sdl, subgraph_client

    headers = dict(read_header(each) for each in header or ())

    async def read() -> str:
        async with subgraph_client() as client:
            return await read_sdl(url, client, headers)

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
    from difflib import get_close_matches

    from schema.examples import example_of
    from schema.explanations import codes, explanation

    code = code.strip().upper()
    text, example = explanation(code), example_of(code)
    if text is None:
        near = get_close_matches(code, codes(), n=1, cutoff=0.7)
        meant = f" Did you mean {near[0]}?" if near else " docs/errors.md lists them."
        fail("UNKNOWN_CODE", f'"{code}" is no code of ours.{meant}', as_json=as_json)
    if as_json:
        write(envelope({"code": code, "explanation": text, "example": example}))
        return
    write(f"{code}: {text}" + (f"\n\n{example}" if example else ""))

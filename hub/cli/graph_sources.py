"""The graph that a command is given: ``--subgraphs`` (a list in any form) or ``--supergraph`` (join-spec SDL).

What is wrong with it ends the command here, with every reason.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from hub.cli.input import Unreadable, read_text
from hub.cli.output import fail, note
from hub.cli.subgraph_lists import read_list
from hub.standalone.describing import SubgraphUnreadable, described, described_so_far, subgraph_client
from hub.standalone.graph_source import GraphSource, composition_of
from hub.standalone.subgraph_list import ListedSubgraph

if TYPE_CHECKING:
    from schema.subgraph import Subgraph
    from schema.supergraph import Supergraph


def read_source(
    subgraphs: Path | None,
    supergraph: Path | None,
    *,
    may_be_nothing: bool = False,
    as_json: bool = False,
) -> GraphSource:
    """The source, with every SDL; what has none in the list is asked for it."""
    if subgraphs is not None and supergraph is not None:
        raise typer.BadParameter("Give --subgraphs or --supergraph, not both.")
    try:
        if supergraph is not None:
            return GraphSource(supergraph=read_text(supergraph))
        listed = () if subgraphs is None else read_list(subgraphs, may_be_empty=may_be_nothing)
        return GraphSource.of(*asyncio.run(_described(listed)))
    except Unreadable as error:
        code = "SUBGRAPHS_UNREADABLE" if supergraph is None else "SUPERGRAPH_UNREADABLE"
        fail(code, str(error), as_json=as_json, exit_code=2)
    except SubgraphUnreadable as error:
        fail(error.code, str(error), as_json=as_json)


def read_source_so_far(
    subgraphs: Path | None, supergraph: Path | None, *, patience: timedelta, may_be_nothing: bool
) -> tuple[GraphSource, tuple[ListedSubgraph, ...]]:
    """The same of those who came in ``patience``, and who is still missing."""
    if subgraphs is None or supergraph is not None:
        return read_source(subgraphs, supergraph, may_be_nothing=may_be_nothing), ()
    try:
        listed = read_list(subgraphs, may_be_empty=may_be_nothing)
        come, missing = asyncio.run(_described_so_far(listed, patience))
    except Unreadable as error:
        fail("SUBGRAPHS_UNREADABLE", str(error), exit_code=2)
    except SubgraphUnreadable as error:
        fail(error.code, str(error))
    return GraphSource.of(*come), missing


def supergraph_or_exit(source: GraphSource, *, as_json: bool = False) -> Supergraph:
    """The graph of a source; hints and errors on stderr, one line each with their places."""
    from hub.doors.problem_json import problem_json

    composition = composition_of(source)
    if composition.supergraph is not None:
        if not as_json:
            for hint in composition.hints:
                note(f"hint {hint}")
        return composition.supergraph
    if not as_json:
        for problem in composition.errors:
            note(f"{problem} {' '.join(map(str, problem.locations))}".rstrip())
    code = "COMPOSITION_FAILED" if source.supergraph is None else "SUPERGRAPH_UNREADABLE"
    found = len(composition.errors)
    message = f"{found} {'error' if found == 1 else 'errors'}; there is no graph. Mend what is named."
    details = {"errors": [problem_json(error) for error in composition.errors]}
    fail(code, message, as_json=as_json, details=details)


async def _described(listed: tuple[ListedSubgraph, ...]) -> tuple[Subgraph, ...]:
    if all(each.sdl is not None for each in listed):
        return tuple(each.with_sdl(each.sdl or "") for each in listed)
    async with subgraph_client() as client:
        return await described(listed, client)


async def _described_so_far(
    listed: tuple[ListedSubgraph, ...], patience: timedelta
) -> tuple[tuple[Subgraph, ...], tuple[ListedSubgraph, ...]]:
    async with subgraph_client() as client:
        return await described_so_far(listed, client, patience=patience, say=note)

"""Subgraphs by flags, as rover and hive have them: ``--name a --url … --schema f``, ``--service a --url …``.

Flags that stand together describe one subgraph; a flag that comes again begins the next one. The parser of
options forgets such an order, so it is read from the arguments themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from typer._click.core import Context  # what the command's own signature names

_FLAGS = {"--name": "name", "-n": "name", "--service": "name", "--url": "url", "-u": "url", "--schema": "schema"}
_KEY = "jiyi.subgraph_flags"


@dataclass(frozen=True, slots=True)
class NamedSubgraph:
    """One subgraph by its flags. Without a schema file it is asked for its SDL."""

    name: str
    url: str
    schema: Path | None = None


class CommandWithSubgraphs(TyperCommand):
    """A command that takes such flags; :func:`named_subgraphs` gives them to its function."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        ctx.meta[_KEY] = grouped(args)
        return super().parse_args(ctx, args)


def named_subgraphs(ctx: typer.Context) -> tuple[NamedSubgraph, ...]:
    """In the order of the flags. Raises ``typer.BadParameter`` for one without a name or an address."""
    found: tuple[dict[str, str], ...] = ctx.meta.get(_KEY, ())
    return tuple(_named(given) for given in found)


def grouped(arguments: Sequence[str]) -> tuple[dict[str, str], ...]:
    """Each subgraph's flags, by what they mean."""
    groups: list[dict[str, str]] = []
    rest = iter(arguments)
    for argument in rest:
        flag, equals, value = argument.partition("=")
        meaning = _FLAGS.get(flag)
        if meaning is None:
            continue
        if not groups or meaning in groups[-1]:
            groups.append({})
        groups[-1][meaning] = value if equals else next(rest, "")
    return tuple(groups)


def _named(given: dict[str, str]) -> NamedSubgraph:
    name, url, schema = given.get("name", ""), given.get("url", ""), given.get("schema")
    if not name:
        what = f"the subgraph at {url}" if url else f"the subgraph of {schema}"
        raise typer.BadParameter(f"{what} has no name. Put --name (or --service) beside it.")
    if not url and not schema:
        raise typer.BadParameter(f'subgraph "{name}" has no --url. Add the address at which it serves GraphQL.')
    return NamedSubgraph(name, url, Path(schema) if schema else None)

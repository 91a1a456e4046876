"""``--format plain|json`` on every verb that has ``--json``: two spellings of one choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click.core import Context  # what the group's own signature names

_SPELLINGS = {"plain": [], "json": ["--json"]}


class VerbsWithFormat(TyperGroup):
    """The root of all verbs; what stands behind ``--`` is left alone."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, spelt_as_flag(args))


def spelt_as_flag(arguments: list[str]) -> list[str]:
    """The arguments with ``--json`` in the place of ``--format json``. Raises ``typer.BadParameter``."""
    rest = iter(arguments)
    spelt: list[str] = []
    for argument in rest:
        if argument == "--":
            return [*spelt, argument, *rest]
        name, equals, value = argument.partition("=")
        if name != "--format":
            spelt.append(argument)
            continue
        chosen = value if equals else next(rest, "")
        if chosen not in _SPELLINGS:
            raise typer.BadParameter(f'--format "{chosen}" is neither plain nor json.')
        spelt += _SPELLINGS[chosen]
    return spelt

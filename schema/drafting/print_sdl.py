"""The text of a draft: an SDL to register, to read and to change. What a person should look at is a comment.

Source: GraphQL specification, section 3; Federation 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphql.language.block_string import print_block_string
from graphql.language.print_string import print_string

from schema.drafting.graph import EnumType, Field, Graph, ObjectType, UnionType, print_type

SCALARS = {
    "JSON": "Any JSON value.",
    "Long": "A whole number that may be larger than 32 bits.",
    "Date": "A date as ISO 8601 has it: 2026-07-01.",
    "DateTime": "A point in time as RFC 3339 has it: 2026-07-01T09:30:00+08:00.",
    "Time": "A time of day: 09:30:00.",
    "UUID": "A UUID as RFC 9562 has it.",
    "Base64": "The bytes of a file as Base64, RFC 4648.",
    "Decimal": "An exact decimal number, as text.",
}
_LONGEST = 300


def described(value: str, indent: str = "") -> Iterator[str]:
    """The first paragraph of a description, cut at a word."""
    first = " ".join(value.split("\n\n")[0].split())
    if len(first) > _LONGEST:
        first = f"{first[:_LONGEST].rsplit(' ', 1)[0]} …"
    if first:
        yield f"{indent}{print_string(first)}"


def reviewed(reviews: Iterable[str], indent: str = "") -> Iterator[str]:
    for review in reviews:
        yield f"{indent}# review: {' '.join(review.split())}"


def string(value: str, indent: str) -> str:
    """A string as it reads best: on its line, or as a block where it has quotes or several lines."""
    if "\n" not in value and '"' not in value and "\\" not in value:
        return print_string(value)
    block = print_block_string(value)
    lines = block.split("\n")
    if len(lines) == 1:
        block = f'"""\n{value.replace(chr(34) * 3, chr(92) + chr(34) * 3)}\n"""'
        lines = block.split("\n")
    return "\n".join([lines[0], *(f"{indent}{line}" if line else line for line in lines[1:])])


def print_types(graph: Graph, used: set[str], scalars: Iterable[str]) -> Iterator[str]:
    """Every used type, in the order of their names within each kind."""
    for name in sorted(scalars):
        yield "\n".join((*described(SCALARS[name]), f"scalar {name}"))
    for name in sorted(used & graph.objects.keys()):
        yield _object(graph.objects[name])
    for name in sorted(used & graph.unions.keys()):
        yield _union(graph.unions[name])
    for name in sorted(used & graph.enums.keys()):
        yield _enum(graph.enums[name])


def _object(made: ObjectType) -> str:
    keys = "".join(f' @key(fields: "{" ".join(key)}")' for key in made.keys)
    head = f"{'input' if made.is_input else 'type'} {made.name}{keys} {{"
    lines = [*described(made.description), *reviewed(made.reviews), head]
    for field in made.fields.values():
        lines += _field(field)
    return "\n".join((*lines, "}"))


def _field(field: Field) -> Iterator[str]:
    yield from described(field.description, "  ")
    yield from reviewed(field.reviews, "  ")
    typed = print_type(field.type, is_nullable=field.is_nullable)
    yield f"  {field.name}: {typed}{' @deprecated' * field.deprecated}"


def _union(made: UnionType) -> str:
    review = f'which of them it is, is told by "{made.discriminator}"'
    return "\n".join(
        (*described(made.description), *reviewed([review]), f"union {made.name} = {' | '.join(made.members)}")
    )


def _enum(made: EnumType) -> str:
    lines = [*described(made.description), f"enum {made.name} {{"]
    for name, original in made.values:
        if name != original:
            lines += described(f'"{original}" in the data.', "  ")
        lines.append(f"  {name}")
    return "\n".join((*lines, "}"))

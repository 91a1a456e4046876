"""External definitions must agree with the field they stand for. Source: Federation 2, "@external"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphql import (
    ConstDirectiveNode,
    DirectiveNode,
    FieldDefinitionNode,
    GraphQLField,
    GraphQLType,
    InputValueDefinitionNode,
    print_ast,
)

from schema.composition.applied import STRATEGIES
from schema.composition.merge_inputs import canonical_value
from schema.composition.merging import Merging, Part
from schema.composition.problems import Place
from schema.composition.rules import argument_of

_MERGED = ("tag", "inaccessible", *STRATEGIES)


def check_external(
    coordinate: str,
    merged_type: GraphQLType,
    merged: FieldDefinitionNode,
    resolving: Sequence[Part[GraphQLField]],
    external: Sequence[Part[GraphQLField]],
    merging: Merging,
) -> None:
    """Tell external definitions whose type or arguments differ from the merged field's, or that are marked."""
    # Where the resolvers differ themselves, an external field may go with any of them.
    is_open = len({str(part.element.type) for part in resolving}) > 1
    for part in external:
        own = part.element.type
        if str(own) != str(merged_type) and not (is_open and merging.is_subtype(own, merged_type)):
            merging.problems.error(
                "EXTERNAL_TYPE_MISMATCH",
                f'Field "{coordinate}" has type "{merged_type}", but subgraph "{part.name}" names it @external '
                f'with type "{own}". Use "{merged_type}" there.',
                part.place,
            )
        for argument in merged.arguments or ():
            narrowest = merging.narrowest([each.element.args[argument.name.value].type for each in resolving])
            _check_argument(f"{coordinate}({argument.name.value}:)", argument, narrowest, part, merging)
        for directive in _marks(part, resolving):
            merging.problems.error(
                "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
                f'@{directive.name.value} cannot stand on "{coordinate}", which is @external in subgraph '
                f'"{part.name}". Put it on the field in the subgraph that resolves it.',
                Place(part.name, directive),
            )


def _marks(part: Part[GraphQLField], resolving: Sequence[Part[GraphQLField]]) -> Iterator[ConstDirectiveNode]:
    """Directives that merge, and so belong to the owner. Federation 1 repeats the owner's tags by custom."""
    links = part.subgraph.links
    for directive in getattr(part.node, "directives", None) or ():
        canonical = links.canonical(directive)
        is_merged = canonical in _MERGED or directive.name.value == "deprecated"
        repeated = (
            links.is_federation_1
            and canonical == "tag"
            and any(
                _text(each) == _text(directive)
                for other in resolving
                for each in other.subgraph.links.applied(other.node, "tag")
            )
        )
        if is_merged and not repeated:
            yield directive


def _text(tag: DirectiveNode) -> str:
    value = argument_of(tag, "name")
    return print_ast(value) if value else ""


def _check_argument(
    coordinate: str,
    merged: InputValueDefinitionNode,
    narrowest: GraphQLType | None,
    part: Part[GraphQLField],
    merging: Merging,
) -> None:
    own = part.element.args.get(merged.name.value)
    expected = print_ast(merged.type)
    if own is None:
        merging.problems.error(
            "EXTERNAL_ARGUMENT_MISSING",
            f'Argument "{coordinate}" is missing on the @external field in subgraph "{part.name}". Add it as '
            f'"{merged.name.value}: {expected}".',
            part.place,
        )
        return
    place = Place(part.name, own.ast_node)
    # It may take more than the owner does, as without "!", never less.
    if narrowest is not None and not merging.is_subtype(narrowest, own.type):
        merging.problems.error(
            "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
            f'Argument "{coordinate}" has type "{expected}", but "{own.type}" on the @external field in subgraph '
            f'"{part.name}". Use "{expected}" there.',
            place,
        )
    default = own.ast_node.default_value if own.ast_node else None
    if canonical_value(default) != canonical_value(merged.default_value):
        shown = [print_ast(each) if each else "none" for each in (merged.default_value, default)]
        merging.problems.error(
            "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH",
            f'Argument "{coordinate}" has the default {shown[0]}, but {shown[1]} on the @external field in '
            f'subgraph "{part.name}". Use the same.',
            place,
        )

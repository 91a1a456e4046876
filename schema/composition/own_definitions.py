"""Definitions of a specification's elements that the SDL brings along: compatible ones stand, others are told.

A definition may leave out optional arguments and locations, demand what is optional, and take any built-in
type where the specification has a scalar of its own, since its values are checked by hand anyway.
Source: https://specs.apollo.dev/link/v1.0; Federation 2, "Subgraph specification".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from graphql import (
    ConstValueNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    InputValueDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    ScalarTypeDefinitionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    TypeNode,
    Visitor,
    print_ast,
    visit,
)

from schema.composition.problems import Place, Problems
from schema.directives import SPECIFICATIONS, Links, localized_definitions

_BUILT_IN = frozenset({"Int", "Float", "String", "Boolean", "ID"})
_UNSTABLE = frozenset({"shareable", "external"})
"""Moved from a type to its fields while reading, so a narrower definition would not hold."""


def linked_definitions(links: Links) -> dict[str, DefinitionNode]:
    """Every definition that the linked specifications bring, by local name; directives with ``@``."""
    found: dict[str, DefinitionNode] = {}
    for feature in links.features:
        known = SPECIFICATIONS.get(feature.identity)
        if known and feature.version in known.versions:
            for name, node in localized_definitions(feature).items():
                found.setdefault(name, node)
    return found


def check_own_definitions(name: str, document: DocumentNode, links: Links, problems: Problems) -> None:
    """Tell definitions of the specifications' directives and types that differ, or that nothing can mean."""
    linked = linked_definitions(links)
    scalars = _custom_scalars(document, linked)
    seen: set[str] = set()
    for node in document.definitions:
        place = Place(name, node)
        if isinstance(node, DirectiveDefinitionNode) and node.name.value in links.directives:
            if node.name.value in seen:
                problems.error("INVALID_GRAPHQL", f'Directive "@{node.name.value}" is defined twice.', place)
            seen.add(node.name.value)
            if not _has_unknown_types(name, node, document, problems):
                _check_directive(node, linked[f"@{node.name.value}"], links, scalars, place, problems)
        elif isinstance(node, TypeDefinitionNode | TypeExtensionNode) and node.name.value in links.machinery:
            _check_type(node, linked.get(node.name.value), place, problems)
    _check_shadows(name, document, links, problems)


def _has_unknown_types(
    name: str, node: DirectiveDefinitionNode, document: DocumentNode, problems: Problems
) -> bool:
    """Who brings a definition along brings the types that it names."""
    defined = {
        each.name.value for each in document.definitions if isinstance(each, TypeDefinitionNode)
    } | _BUILT_IN
    unknown = [each for each in _type_names(node) if each.value not in defined]
    for each in unknown:
        problems.error(
            "INVALID_GRAPHQL",
            f'Subgraph "{name}": the definition of "@{node.name.value}" names the unknown type "{each.value}". '
            "Define it too, or remove the definition: linking it is enough.",
            Place(name, each),
        )
    return bool(unknown)


def _type_names(node: DirectiveDefinitionNode) -> Iterator[NameNode]:
    for argument in node.arguments or ():
        type_ = argument.type
        while isinstance(type_, ListTypeNode | NonNullTypeNode):
            type_ = type_.type
        if isinstance(type_, NamedTypeNode):
            yield type_.name


def own_definitions(
    directives: tuple[DirectiveDefinitionNode, ...], links: Links
) -> Mapping[str, DirectiveDefinitionNode]:
    """The SDL's own definitions of linked directives that hold in place of the specification's, by name."""
    return {
        each.name.value: each
        for each in directives
        if links.directives.get(each.name.value) not in (None, *_UNSTABLE) and not _is_forgiven(each, links)
    }


def _check_directive(
    node: DirectiveDefinitionNode,
    expected: DefinitionNode,
    links: Links,
    scalars: frozenset[str],
    place: Place,
    problems: Problems,
) -> None:
    if not isinstance(expected, DirectiveDefinitionNode) or _is_forgiven(node, links):
        return
    difference = next(_differences(node, expected, scalars), None)
    if difference:
        problems.error(
            "DIRECTIVE_DEFINITION_INVALID",
            f'The definition of "@{node.name.value}" differs from the specification\'s: {difference}. Remove it: '
            f"linking it is enough. It is: {print_ast(expected)}.",
            place,
        )


def _is_forgiven(node: DirectiveDefinitionNode, links: Links) -> bool:
    """Servers of Federation 1 define these wrongly in known ways, which nobody ever minded."""
    if not links.is_federation_1 or node.name.value not in ("key", "requires", "provides"):
        return False
    arguments = [(each.name.value, print_ast(each.type)) for each in node.arguments or ()]
    return not arguments or arguments in [[("fields", name)] for name in ("String", "_FieldSet", "FieldSet")]


def _differences(
    own: DirectiveDefinitionNode, expected: DirectiveDefinitionNode, scalars: frozenset[str]
) -> Iterator[str]:
    given = {each.name.value: each for each in own.arguments or ()}
    for wanted in expected.arguments or ():
        argument = given.pop(wanted.name.value, None)
        if argument is not None:
            yield from _argument_differences(argument, wanted, scalars)
        elif isinstance(wanted.type, NonNullTypeNode) and wanted.default_value is None:
            yield f'it lacks the argument "{wanted.name.value}"'
    yield from (f'it has no argument "{name}"' for name in given)
    if own.repeatable and not expected.repeatable:
        yield "it is not repeatable"
    locations = {each.value for each in expected.locations}
    yield from (f"it cannot stand on {each.value}" for each in own.locations if each.value not in locations)


def _argument_differences(
    own: InputValueDefinitionNode, wanted: InputValueDefinitionNode, scalars: frozenset[str]
) -> Iterator[str]:
    name, type_ = own.name.value, own.type
    if isinstance(type_, NonNullTypeNode) and not isinstance(wanted.type, NonNullTypeNode):
        type_ = type_.type
    if print_ast(type_) != print_ast(wanted.type) and not _may_stand_for(type_, wanted.type, scalars):
        yield f'its argument "{name}" is {print_ast(wanted.type)}'
    elif not isinstance(own.type, NonNullTypeNode) and _text(own.default_value) != _text(wanted.default_value):
        yield f'the default of its argument "{name}" is {_text(wanted.default_value)}'


def _may_stand_for(own: TypeNode, wanted: TypeNode, scalars: frozenset[str]) -> bool:
    for wrapper in (ListTypeNode, NonNullTypeNode):
        if isinstance(wanted, wrapper):
            return isinstance(own, wrapper) and _may_stand_for(own.type, wanted.type, scalars)
    return print_ast(wanted) in scalars and print_ast(own) not in scalars


def _custom_scalars(document: DocumentNode, linked: Mapping[str, DefinitionNode]) -> frozenset[str]:
    nodes = (*document.definitions, *linked.values())
    return frozenset(each.name.value for each in nodes if isinstance(each, ScalarTypeDefinitionNode)) - _BUILT_IN


def _text(value: ConstValueNode | None) -> str:
    return print_ast(value) if value is not None else "null"


def _check_type(
    node: TypeDefinitionNode | TypeExtensionNode, expected: DefinitionNode | None, place: Place, problems: Problems
) -> None:
    name = node.name.value
    if expected is None:
        if name == "_Any" and not isinstance(node, ScalarTypeDefinitionNode):
            problems.error("INVALID_GRAPHQL", '"_Any" is the scalar of representations. Rename your type.', place)
        return
    if type(expected) is not type(node):
        problems.error(
            "TYPE_DEFINITION_INVALID",
            f'"{name}" belongs to the specification, where it is another kind of definition. Remove it, or rename '
            "your type.",
            place,
        )
    elif isinstance(node, EnumTypeDefinitionNode) and _values(node) != _values(
        cast("EnumTypeDefinitionNode", expected)
    ):
        problems.error(
            "TYPE_DEFINITION_INVALID",
            f'Enum "{name}" belongs to the specification, where it has other values. Remove it, or rename yours.',
            place,
        )


def _values(node: EnumTypeDefinitionNode) -> list[str]:
    return sorted(each.name.value for each in node.values or ())


def _check_shadows(name: str, document: DocumentNode, links: Links, problems: Problems) -> None:
    """A namespaced name is no name for a directive that was imported under another one."""
    shadows = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, DirectiveDefinitionNode) and links.source(each.name.value) is not None
    }
    used: set[str] = set()

    class Collect(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: object) -> None:
            used.add(node.name.value)

    shadows = {each: node for each, node in shadows.items() if (links.source(each) or ("", ""))[1] is None}
    if shadows:
        visit(document, Collect())
    for each in sorted(used & shadows.keys()):
        problems.error(
            "INVALID_LINK_DIRECTIVE_USAGE",
            f'"@{each}" is used, but the directive is imported under another name. Use that name, and remove the '
            "definition.",
            Place(name, shadows[each]),
        )

"""``@cost`` and ``@listSize``: checked in each subgraph, merged to the larger estimate, carried on."""

from __future__ import annotations

import pytest
from graphql import Node, print_ast

from schema.composition import compose
from schema.errors import CompositionHint
from schema.subgraph import Subgraph
from schema.supergraph import Supergraph

_LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@shareable", "@cost", "@listSize"])\n'
)


def _codes(sdl: str) -> list[str]:
    return [error.code for error in compose([Subgraph("a", _LINK + sdl)]).errors]


def _supergraph(**sdls: str) -> tuple[Supergraph, tuple[CompositionHint, ...]]:
    composition = compose([Subgraph(name, _LINK + sdl) for name, sdl in sdls.items()])
    assert composition.supergraph is not None, composition.errors
    return composition.supergraph, composition.hints


def _directives(node: Node | None) -> list[str]:
    return [print_ast(each) for each in getattr(node, "directives", None) or ()]


_INTERFACE = "type Query { a: I } interface I { x: Int %s } type T implements I { x: Int %s }"


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        (
            _INTERFACE % ("", "@cost(weight: 3)"),
            _INTERFACE % ("@cost(weight: 3)", ""),
            "COST_APPLIED_TO_INTERFACE_FIELD",
        ),
        (
            "type Query { a: [Int!]! @listSize(assumedSize: 3) }",
            "type Query { a: Int @listSize(assumedSize: 3) }",
            "LIST_SIZE_APPLIED_TO_NON_LIST",
        ),
        (
            'type Query { a: T @listSize(sizedFields: ["x"]) } type T { x: [Int] }',
            'type Query { a: T @listSize(sizedFields: ["x"]) } type T { x: Int }',
            "LIST_SIZE_APPLIED_TO_NON_LIST",
        ),
        (
            "type Query { a: [Int] @listSize(assumedSize: 0) }",
            "type Query { a: [Int] @listSize(assumedSize: -1) }",
            "LIST_SIZE_INVALID_ASSUMED_SIZE",
        ),
        (
            'type Query { a: [T] @listSize(sizedFields: ["x"]) } type T { x: [Int] }',
            'type Query { a: [T] @listSize(sizedFields: ["y"]) } type T { x: [Int] }',
            "LIST_SIZE_INVALID_SIZED_FIELD",
        ),
        (
            "type Query { a: [Int] @listSize(sizedFields: []) }",
            'type Query { a: [Int] @listSize(sizedFields: ["x"]) }',
            "LIST_SIZE_INVALID_SIZED_FIELD",
        ),
        (
            'type Query { a(first: Int!): [Int] @listSize(slicingArguments: ["first"]) }',
            'type Query { a(first: [Int!]): [Int] @listSize(slicingArguments: ["first"]) }',
            "LIST_SIZE_INVALID_SLICING_ARGUMENT",
        ),
        (
            'type Query { a(last: Int): [Int] @listSize(slicingArguments: ["last"]) }',
            'type Query { a(first: Int): [Int] @listSize(slicingArguments: ["last"]) }',
            "LIST_SIZE_INVALID_SLICING_ARGUMENT",
        ),
    ],
)
def test_each_misuse_is_told(right: str, wrong: str, code: str) -> None:
    """An estimate that cannot be computed is worse than none."""
    assert _codes(right) == []
    assert _codes(wrong) == [code]


def test_the_larger_weight_wins() -> None:
    """What one subgraph finds dear is dear."""
    supergraph, hints = _supergraph(
        a="type Query { a(x: Int @cost(weight: 1)): Int @shareable @cost(weight: 3) }",
        b="type Query { a(x: Int @cost(weight: 1)): Int @shareable @cost(weight: 5) }",
    )
    assert supergraph.schema.query_type is not None
    field = supergraph.schema.query_type.fields["a"]
    assert _directives(field.ast_node) == ["@cost(weight: 5)"]
    assert _directives(field.args["x"].ast_node) == ["@cost(weight: 1)"]
    assert [hint.code for hint in hints] == ["MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"]
    assert '"@cost" is applied to "Query.a"' in hints[0].message


def test_list_sizes_merge_argument_by_argument() -> None:
    """The longest list, all arguments that cut it, and one of them required only if all require it."""
    supergraph, _ = _supergraph(
        a='type Query { a(f: Int, l: Int): [Int] @shareable @listSize(assumedSize: 3, slicingArguments: ["f"]) }',
        b='type Query { a(f: Int, l: Int): [Int] @shareable @listSize(slicingArguments: ["l"], '
        "requireOneSlicingArgument: false) }",
        c="type Query { a(f: Int, l: Int): [Int] @shareable @listSize(assumedSize: 9) }",
    )
    assert supergraph.schema.query_type is not None
    assert _directives(supergraph.schema.query_type.fields["a"].ast_node) == [
        '@listSize(assumedSize: 9, slicingArguments: ["f", "l"], requireOneSlicingArgument: false)'
    ]


def test_a_default_that_is_written_out_is_no_difference() -> None:
    """Both say the same."""
    _, hints = _supergraph(
        a="type Query { a: [Int] @shareable @listSize(assumedSize: 3) }",
        b="type Query { a: [Int] @shareable @listSize(assumedSize: 3, requireOneSlicingArgument: true) }",
    )
    assert hints == ()


def test_the_printed_supergraph_links_both_as_one_feature() -> None:
    """As routers with demand control expect it."""
    supergraph, _ = _supergraph(
        a="type Query { a: [E] @listSize(assumedSize: 3) b(i: I): S } enum E @cost(weight: 1) { V } "
        "input I { f: Int @cost(weight: 2) } scalar S @cost(weight: 3)"
    )
    for text in (
        '  @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@listSize"])\n',
        "directive @cost(weight: Int!) on ",
        "directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], "
        "requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION\n",
        "enum E\n  @join__type(graph: A)\n  @cost(weight: 1)\n{",
        "  f: Int @cost(weight: 2)\n",
        "scalar S\n  @join__type(graph: A)\n  @cost(weight: 3)\n",
    ):
        assert text in supergraph.sdl

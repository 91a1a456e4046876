"""``@composeDirective``: the supergraph carries directives of others, if all mean and call them alike."""

from __future__ import annotations

import pytest
from graphql import Node, print_ast

from schema.composition import compose
from schema.composition.supergraph_sdl import read_supergraph
from schema.subgraph import Subgraph
from schema.supergraph import Composition, Supergraph

_FOO = "https://example.com/foo"
_COMPOSE = '@composeDirective(name: "@bar")'
_BAR = "directive @bar(x: Int) on FIELD_DEFINITION "


def _foo(version: str = "v1.0", imports: str = '"@bar"') -> str:
    return f'@link(url: "{_FOO}/{version}", import: [{imports}])'


def _compose(*parts: tuple[str, str], imports: str = '"@composeDirective", "@shareable", "@tag"') -> Composition:
    """Subgraphs "a", "b", … of what stands on the schema, and the rest."""
    link = f'extend schema @link(url: "https://specs.apollo.dev/federation/v2.13", import: [{imports}])'
    return compose(
        Subgraph("abc"[index], f"{link} {on_schema}\n{body}") for index, (on_schema, body) in enumerate(parts)
    )


def _codes(*parts: tuple[str, str]) -> list[str]:
    return [error.code for error in _compose(*parts).errors]


def _hints(*parts: tuple[str, str]) -> list[str]:
    composition = _compose(*parts)
    assert composition.errors == ()
    return [hint.code for hint in composition.hints]


def _supergraph(*parts: tuple[str, str]) -> Supergraph:
    composition = _compose(*parts)
    assert composition.supergraph is not None, composition.errors
    return composition.supergraph


def _directives(node: Node | None) -> list[str]:
    return [print_ast(each) for each in getattr(node, "directives", None) or ()]


def _on_query(supergraph: Supergraph, field: str) -> list[str]:
    assert supergraph.schema.query_type is not None
    return _directives(supergraph.schema.query_type.fields[field].ast_node)


def test_a_composed_directive_stands_in_the_supergraph() -> None:
    """With its definition, and a link that says whose it is."""
    sdl = _supergraph((f"{_foo()} {_COMPOSE}", f"{_BAR} type Query {{ a: Int @bar(x: 1) }}")).sdl
    assert f'  @link(url: "{_FOO}/v1.0", import: ["@bar"])\n' in sdl
    assert "\ndirective @bar(x: Int) on FIELD_DEFINITION\n" in sdl
    assert "\n  a: Int @bar(x: 1)\n" in sdl


def test_it_is_composed_wherever_it_stands() -> None:
    """On every kind of definition, the schema itself included."""
    body = """
    directive @bar(x: Int) on SCHEMA | SCALAR | OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | INTERFACE | UNION
      | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION
    extend schema @bar(x: 0)
    type Query @bar(x: 1) { a(i: I @bar(x: 2)): U @bar(x: 3) e: E s: S n: N }
    input I @bar(x: 4) { f: Int @bar(x: 5) }
    union U @bar(x: 6) = T
    type T implements N { x: Int }
    interface N @bar(x: 7) { x: Int }
    enum E @bar(x: 8) { A @bar(x: 9) }
    scalar S @bar(x: 10)
    """
    sdl = _supergraph((f"{_foo()} {_COMPOSE}", body)).sdl
    for number in range(11):
        assert f"@bar(x: {number})" in sdl


def test_a_supergraph_that_was_read_keeps_what_was_composed() -> None:
    """Whoever composed it, the directives are for those who come after."""
    body = f"{_BAR} type Query @foo__baz {{ a: Int @bar(x: 1) }} directive @foo__baz on OBJECT"
    both = f'{_foo()} {_COMPOSE} @composeDirective(name: "@foo__baz") @tag(name: "s")'
    supergraph = _supergraph((both, body))
    assert 'import: ["@bar", {name: "@baz", as: "@foo__baz"}]' in supergraph.sdl
    read = read_supergraph(supergraph.sdl).supergraph
    assert read is not None
    assert read.sdl == supergraph.sdl


def test_equal_applications_count_once_and_repeatable_ones_are_all_kept() -> None:
    """An argument that is left out says what its default says."""
    repeatable = "directive @bar(x: Int = 3) repeatable on FIELD_DEFINITION "
    supergraph = _supergraph(
        (f"{_foo()} {_COMPOSE}", f"{repeatable} type Query {{ a: Int @shareable @bar(x: 1) @bar }}"),
        (f"{_foo()} {_COMPOSE}", f"{repeatable} type Query {{ a: Int @shareable @bar(x: 3) @bar(x: 2) }}"),
    )
    assert _on_query(supergraph, "a") == ["@bar(x: 1)", "@bar", "@bar(x: 2)"]


def test_of_different_applications_the_most_frequent_wins() -> None:
    """There is no rule to merge the arguments of a directive that nobody here knows."""
    parts = [
        (f"{_foo()} {_COMPOSE}", f"{_BAR} type Query {{ a: Int @shareable @bar(x: {x}) }}") for x in (1, 2, 2)
    ]
    assert _on_query(_supergraph(*parts), "a") == ["@bar(x: 2)"]
    assert _hints(*parts) == ["INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"]


def test_what_a_subgraph_does_not_compose_is_left_out() -> None:
    """Unless another one composes it on the same element."""
    supergraph = _supergraph(
        (f"{_foo()} {_COMPOSE}", f"{_BAR} type Query {{ a: Int @shareable @bar(x: 1) }}"),
        (_foo(), f"{_BAR} type Query {{ a: Int @shareable @bar(x: 1) b: Int @bar(x: 7) }}"),
    )
    assert _on_query(supergraph, "a") == ["@bar(x: 1)"]
    assert _on_query(supergraph, "b") == []


def test_the_newest_version_that_composes_defines_the_directive() -> None:
    """Minor versions go together."""
    supergraph = _supergraph(
        (f"{_foo()} {_COMPOSE}", f"{_BAR} type Query {{ a: Int @bar(x: 1) }}"),
        (
            f"{_foo('v1.1')} {_COMPOSE}",
            "directive @bar(x: Int, y: Int) on FIELD_DEFINITION type Query { b: Int @bar }",
        ),
        (_foo("v1.2"), "directive @bar on FIELD_DEFINITION type Query { c: Int }"),
    )
    assert f'  @link(url: "{_FOO}/v1.1", import: ["@bar"])\n' in supergraph.sdl
    assert "\ndirective @bar(x: Int, y: Int) on FIELD_DEFINITION\n" in supergraph.sdl


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (_COMPOSE, '@composeDirective(name: "bar")'),
        (_COMPOSE, '@composeDirective(name: "")'),
        (_COMPOSE, "@composeDirective(name: null)"),
        (_COMPOSE, "@composeDirective"),
        (_COMPOSE, '@composeDirective(name: "@nothing")'),
        (_COMPOSE, '@composeDirective(name: "@own")'),
        (_COMPOSE, '@composeDirective(name: "@deprecated")'),
        (_COMPOSE, '@composeDirective(name: "@shareable")'),
        (_COMPOSE, '@composeDirective(name: "@link")'),
        (_COMPOSE, '@composeDirective(name: "@foo__bar")'),
    ],
)
def test_what_cannot_be_composed_is_told(right: str, wrong: str) -> None:
    """Only a directive that is defined and linked has a meaning outside its subgraph."""
    own = "directive @own on FIELD_DEFINITION directive @foo__bar on FIELD_DEFINITION"
    body = f"{_BAR} {own} type Query {{ a: Int @bar(x: 1) }}"
    assert _codes((f"{_foo()} {right}", body)) == []
    assert _codes((f"{_foo()} {wrong}", body)) == ["DIRECTIVE_COMPOSITION_ERROR"]


_A = (f"{_foo()} {_COMPOSE}", f"{_BAR} type Query {{ a: Int @bar(x: 1) }}")
_RENAMED = '{ name: "@bar", as: "@baz" }'
_B = f"{_BAR} type Query {{ b: Int @bar(x: 1) }}"


@pytest.mark.parametrize(
    "other",
    [
        (f"{_foo('v2.0')} {_COMPOSE}", _B),
        (_foo(imports=_RENAMED) + ' @composeDirective(name: "@baz")', _B.replace("@bar", "@baz")),
        ('@link(url: "https://example.com/foo/v1.0", import: [{ name: "@qux", as: "@bar" }]) ' + _COMPOSE, _B),
        ('@link(url: "https://example.com/other/v1.0", import: ["@bar"]) ' + _COMPOSE, _B),
        (_foo("v1.1", imports='"@qux"') + ' @composeDirective(name: "@qux")', _B.replace("@bar", "@qux")),
    ],
)
def test_all_must_mean_the_same_and_call_it_alike(other: tuple[str, str]) -> None:
    """Another major version, another name, another directive, another specification, or no definition of it."""
    assert _codes(_A, (f"{_foo()} {_COMPOSE}", _B)) == []
    assert _codes(_A, other) == ["DIRECTIVE_COMPOSITION_ERROR"]


def test_a_name_that_federation_composes_cannot_be_taken() -> None:
    """``@tag`` of another subgraph would be mistaken for it, used or not."""
    tag = (
        f'@link(url: "{_FOO}/v1.0", import: ["@tag"]) @federation__composeDirective(name: "@tag")',
        "directive @tag(x: Int) on FIELD_DEFINITION type Query { a: Int @tag(x: 1) }",
    )
    link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.13", import: [%s])'
    first = Subgraph("a", link % "" + f" {tag[0]}\n{tag[1]}")
    without, importing = (Subgraph("b", link % each + "\ntype Query { b: Int }") for each in ("", '"@tag"'))
    assert compose([first, without]).errors == ()
    errors = compose([first, importing]).errors
    assert [error.code for error in errors] == ["DIRECTIVE_COMPOSITION_ERROR"]


@pytest.mark.parametrize(
    ("parts", "hint"),
    [
        (
            [('@composeDirective(name: "@tag")', 'type Query { a: Int @tag(name: "x") }')],
            "DIRECTIVE_COMPOSITION_INFO",
        ),
        ([_A, (_foo("v2.0"), _B)], "DIRECTIVE_COMPOSITION_INFO"),
        ([(_foo(), _A[1]), (_foo("v2.0"), _B)], "DIRECTIVE_COMPOSITION_INFO"),
        ([_A, (_foo(imports=_RENAMED), _B.replace("@bar", "@baz"))], "DIRECTIVE_COMPOSITION_WARN"),
    ],
)
def test_what_composes_but_deserves_a_look_is_hinted(parts: list[tuple[str, str]], hint: str) -> None:
    """What is composed anyway, several major versions, and another name where it is not composed."""
    assert _hints(*parts) == [hint]
    assert _hints(_A, (_foo(), _B)) == []

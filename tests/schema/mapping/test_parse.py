"""The mapping language: what can be written, how it prints, and how mistakes are told."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.mapping import MappingSyntaxError, parse_selection
from schema.mapping.methods import METHODS
from schema.mapping.syntax import (
    ArrayLiteral,
    Choice,
    Constant,
    Expression,
    Group,
    Inline,
    Key,
    Maybe,
    Method,
    ObjectLiteral,
    Output,
    Path,
    Selection,
    Variable,
    print_argument,
)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("id name", "id name"),
        ("id\nname # the name\n", "id name"),
        ("name:title", "name: title"),
        ("owner{id}", "owner { id }"),
        ("city: address.city.name", "city: address.city.name"),
        ("address.city { name }", "address.city { name }"),
        ("id ... address.city { name }", "id ... address.city { name }"),
        ("address: { city street: line1 }", "address: { city street: line1 }"),
        ("$.items { id }", "$.items { id }"),
        ("$args.input", "$args.input"),
        ("holder: $this.idNumber", "holder: $this.idNumber"),
        ("code: $('110102-JT')", 'code: $("110102-JT")'),
        ("none: $(null) yes: $(true) n: $(-1.5)", "none: $(null) yes: $(true) n: $(-1.5)"),
        ("x: $({ a: [1, 'b'], c: $.d })", 'x: $({ a: [1, "b"], c: $.d })'),
        ("n: nick? m: a?.b", "n: nick? m: a?.b"),
        ("n: $(nick ?? name ?? '?')", 'n: $(nick ?? name ?? "?")'),
        ("n: $(nick ?! null)", "n: $(nick ?! null)"),
        ("s: state->match(['1', 'VALID'], [@, 'EXPIRED'])", 's: state->match(["1", "VALID"], [@, "EXPIRED"])'),
        ("first: tags->first last: tags->last()", "first: tags->first last: tags->last"),
        ("'my key' a: \"other key\".b", '"my key" a: "other key".b'),
        ("items->first { id }", "items->first { id }"),
        ("l: list->map({ id: @.x, name })", "l: list->map({ id: @.x, name })"),
        ("t: 'true'", "t: true"),
        ("t: $(@.true)", "t: $(@.true)"),
    ],
)
def test_a_mapping_prints_in_one_form(text: str, printed: str) -> None:
    """What prints equal means equal; the printed form reads back as the same value."""
    selection = parse_selection(text)
    assert str(selection) == printed
    assert parse_selection(printed) == selection


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ('{ "a": 1, "b": [true, null], "c": { "d": "x" } }', '$({ a: 1, b: [true, null], c: { d: "x" } })'),
        ("id, name: 'x', n: -1.5,", 'id name: "x" n: -1.5'),
        ("x: { a: 1, b: 'two', c: { d: null } }", 'x: { a: 1 b: "two" c: { d: null } }'),
        (
            "upc ... kind->match(['b', $ { t: 'B' id }], [@, null])",
            'upc ... kind->match(["b", $ { t: "B" id }], [@, null])',
        ),
    ],
)
def test_the_newest_version_is_a_superset_of_json(text: str, printed: str) -> None:
    """From v0.4 on any JSON is a mapping that gives it, and commas may stand between members."""
    assert str(parse_selection(text, literals=True)) == printed


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("", 0, "at least one field"),
        ("id owner { name", 15, 'Expected "}", found the end'),
        ("id }", 3, 'Expected the end, found "}"'),
        ("id %", 3, "no meaning"),
        ("a: b.", 5, 'property name after "."'),
        ("id a.b", 3, 'Give "a.b" a name'),
        ("n: 1", 3, "Write a literal as $(1)"),
        ("n: x->shout", 6, 'no method "->shout"'),
        ("n: x->slice(1, 2, 3)", 6, "takes 0 to 2 arguments, not 3"),
        ("n: x->map", 6, "takes 1 argument, not 0"),
        ("n: x->first(1)", 6, "takes no arguments, not 1"),
        ("n: x->as(@)", 6, "names a variable of its own"),
        ("n: x->as($args)", 6, "names a variable of its own"),
        ("id, name", 2, 'found ","'),
        ("n: $(a ?? b ?! c)", 12, "do not mix"),
        ("n: $(a", 6, 'Expected ")"'),
        ("n: '\\u12'", 4, "four hexadecimal digits"),
        ("a { " * 60, 202, "deeper than 50"),
        ("x: $(" + "[" * 60, 54, "deeper than 50"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, at: int, message: str) -> None:
    """A department mends its mapping without asking anybody."""
    with pytest.raises(MappingSyntaxError) as caught:
        parse_selection(text)
    assert message in caught.value.message
    assert caught.value.at == at


KEYS = st.sampled_from(["id", "name", "true", "null", "my key", "中文", "a1", '"', ""])
CONSTANTS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.text(max_size=5), st.floats(-1e6, 1e6)
).filter(lambda value: not (isinstance(value, float) and "e" in repr(value)))


def expressions(children: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    methods = st.sampled_from(sorted(METHODS.keys() - {"as"})).flatmap(
        lambda name: st.lists(
            children, min_size=METHODS[name].fewest, max_size=METHODS[name].most or METHODS[name].fewest
        ).map(lambda arguments: Method(name, tuple(arguments)))
    )
    steps = st.lists(st.one_of(KEYS.map(Key), methods, st.just(Maybe())), max_size=3)
    paths = steps.filter(lambda each: (Maybe(), Maybe()) not in pairwise(each))
    outputs = st.tuples(KEYS, children).map(lambda pair: Output(*pair))
    simple = children.filter(lambda each: not isinstance(each, Choice))
    return st.one_of(
        st.tuples(children, paths).map(lambda pair: Path(pair[0], tuple(pair[1]))),
        st.tuples(KEYS, paths).map(lambda pair: Path(None, (Key(pair[0]), *pair[1]))),
        st.lists(children, max_size=3).map(lambda items: ArrayLiteral(tuple(items))),
        st.lists(outputs, max_size=3).map(lambda members: ObjectLiteral(tuple(members))),
        st.tuples(st.sampled_from(["??", "?!"]), st.lists(simple, min_size=2, max_size=3)).map(
            lambda pair: Choice(pair[0], tuple(pair[1]))  # type: ignore[arg-type]  # one of the two
        ),
    )


EXPRESSIONS = st.recursive(
    st.one_of(CONSTANTS.map(Constant), st.sampled_from(["$", "@", "$args", "$this"]).map(Variable)),
    expressions,
    max_leaves=8,
)


@given(EXPRESSIONS)
@settings(max_examples=300, deadline=None)
def test_every_printed_expression_means_the_same_when_read(expression: Expression) -> None:
    """Drafts, diffs and errors print mappings: what they print must be what was meant."""
    text = f"x: $({print_argument(expression)})"
    again = parse_selection(text)
    assert str(parse_selection(str(again))) == str(again)


@given(st.lists(KEYS, min_size=1, max_size=4, unique=True), st.lists(KEYS, max_size=3, unique=True))
def test_nested_groups_print_and_read_back(outer: list[str], inner: list[str]) -> None:
    """Names of any kind survive, quoted where they must be."""
    group = Group(tuple(Output(name, Path(None, (Key(name),))) for name in inner))
    members = [Output(name, Path(None, (Key(name),), group)) for name in outer]
    spread = Inline(Path(Variable("$"), (Key("rest"),), group))
    selection = Selection(Group((*members, spread)))
    assert parse_selection(str(selection)) == selection


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_place_inside_it(text: str) -> None:
    """No text makes the parser fail in another way."""
    place = 0
    try:
        parse_selection(text)
    except MappingSyntaxError as error:
        place = error.at
    assert 0 <= place <= len(text)

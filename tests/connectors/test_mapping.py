"""What mappings make of JSON."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mapping import MISSING, InvalidValue, evaluate, render_text, render_url
from connectors.mapping.methods import IMPLEMENTATIONS
from schema.mapping import parse_selection, parse_template, parse_url
from schema.mapping.methods import METHODS

PERSON = {
    "id": 7,
    "title": "Dr",
    "nick": None,
    "address": {"city": {"name": "集易"}, "lines": ["a", "b"]},
    "tags": ["x", None, "y"],
    "pets": [{"name": "Mimi", "age": 3}, {"name": "Doudou"}],
    "text": "hello",
    "json": '{"a": [1]}',
    "empty": [],
}


def mapped(text: str, data: Any = PERSON, **variables: Any) -> Any:
    return evaluate(parse_selection(text), data, {f"${name}": value for name, value in variables.items()})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id name: title", {"id": 7, "name": "Dr"}),
        ("id nothing", {"id": 7}),
        ("nick", {"nick": None}),
        ("nick?", {}),
        ("n: nick.deeper", {}),
        ("n: nick?.deeper", {}),
        ("city: address.city.name", {"city": "集易"}),
        ("address.city { name }", {"name": "集易"}),
        ("id ... address.city { name }", {"id": 7, "name": "集易"}),
        ("address { city { name } }", {"address": {"city": {"name": "集易"}}}),
        ("place: { city: address.city.name id }", {"place": {"city": "集易", "id": 7}}),
        ("pets { name }", {"pets": [{"name": "Mimi"}, {"name": "Doudou"}]}),
        ("names: pets.name ages: pets.age", {"names": ["Mimi", "Doudou"], "ages": [3, None]}),
        ("$.address.lines", ["a", "b"]),
        ("$", PERSON),
        ("pets { name owner: $.id of: @.name }", {"pets": [{"name": n, "of": n} for n in ("Mimi", "Doudou")]}),
        ("pets { who: $args.who }", {"pets": [{"who": "me"}, {"who": "me"}]}),
        ("text { length: @->size }", {"text": {"length": 5}}),
        ("nick { a }", {"nick": None}),
        ("empty { a }", {"empty": []}),
        ("c: $('x') n: $(null) l: $([1, 'b', {}])", {"c": "x", "n": None, "l": [1, "b", {}]}),
        ("o: $({ id, b: $.title, ...address.city { name } })", {"o": {"id": 7, "b": "Dr", "name": "集易"}}),
        ("n: $(nick ?? nothing ?? 'none')", {"n": "none"}),
        ("n: $(nick.deeper ?! 'none')", {"n": "none"}),
        (
            "address { lines } address { city { name } }",
            {"address": {"lines": ["a", "b"], "city": {"name": "集易"}}},
        ),
        ("pets { name } pets { years: age }", {"pets": [{"name": "Mimi", "years": 3}, {"name": "Doudou"}]}),
        ("id ... nick", None),
        ("id ... address.city { x: $.name }", {"id": 7, "x": "集易"}),
        ("nick { kind: $('none') }", {"nick": {"kind": "none"}}),
        ("... title->match(['Dr', { t: 'doctor', id }], [@, null]) id", {"t": "doctor", "id": 7}),
        ("n: $(nick ?! 'none') m: $(nothing ?! 'none')", {"n": None, "m": "none"}),
    ],
)
def test_paths_groups_and_literals(text: str, expected: Any) -> None:
    """The language's core, one line each."""
    assert mapped(text, args={"who": "me"}) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("title->echo('x')", "x"),
        ("title->echo({ was: @ })", {"was": "Dr"}),
        ("pets->map(@.name)", ["Mimi", "Doudou"]),
        ("pets->map({ n: @.name, of: id })", [{"n": "Mimi", "of": 7}, {"n": "Doudou", "of": 7}]),
        ("title->map([@])", [["Dr"]]),
        ("title->match(['Mr', 1], ['Dr', 2])", 2),
        ("title->match(['Mr', 1], [@, 3])", 3),
        ("title->match(['Mr', 1])", MISSING),
        ("tags->first", "x"),
        ("tags->last", "y"),
        ("empty->first", MISSING),
        ("text->first", "h"),
        ("pets->first.name", "Mimi"),
        ("tags->slice(1)", [None, "y"]),
        ("text->slice(1, 3)", "el"),
        ("id->slice(1)", MISSING),
        ("text->slice($.nothing, 2)", "he"),
        ("nothing->map(@)", MISSING),
        ("id->map(@.nothing)", MISSING),
        ("id->filter(@->gt(6))", [7]),
        ("tags->filter(@)", MISSING),
        ("tags->find('x')", MISSING),
        ("id->add(id, $.id)", 21),
        ("pets->first->as($pet).name->echo([$pet.age, @])", [3, "Mimi"]),
        ("pets->as($n, @->size)->last->echo({ n: $n, name: @.name })", {"n": 2, "name": "Doudou"}),
        (
            "$({ first_name: 1, LastName: 2, ZIP_CODE: 3, plain: { a_b: 4 } })->keysToCamelCase",
            {"firstName": 1, "lastName": 2, "zipCode": 3, "plain": {"a_b": 4}},
        ),
        ("$([{ a_b: [{ C_D: 1 }] }])->keysToCamelCaseDeep", [{"aB": [{"cD": 1}]}]),
        ("id->keysToCamelCase", MISSING),
        ("tags->size", 3),
        ("text->size", 5),
        ("address->size", 2),
        ("id->size", MISSING),
        ("address.city->entries", [{"key": "name", "value": "集易"}]),
        ("address.city->jsonStringify", '{"name":"集易"}'),
        ("json->jsonParse", {"a": [1]}),
        ("text->jsonParse", MISSING),
        ("tags->joinNotNull(',')", "x,y"),
        ("pets->joinNotNull(',')", MISSING),
        ("tags->filter(@->ne(null))", ["x", "y"]),
        ("pets->find(@.age->eq(3)).name", "Mimi"),
        ("pets->find(@.age->eq(4))", MISSING),
        ("id->eq(7.0)", True),
        ("id->eq(true)", False),
        ("address.lines->eq(['a', 'b'])", True),
        ("id->gt(6)", True),
        ("id->gte(7)", True),
        ("id->lt(7)", False),
        ("id->lte(7)", True),
        ("id->lt('8')", MISSING),
        ("title->lt('Ds')", True),
        ("id->gt(6)->and(true, false)", False),
        ("id->gt(9)->or(false, true)", True),
        ("id->gt(6)->not", False),
        ("id->not", MISSING),
        ("title->in(['Mr', 'Dr'])", True),
        ("tags->contains(null)", True),
        ("tags->get(0)", "x"),
        ("tags->get(-1)", "y"),
        ("tags->get(9)", MISSING),
        ("address->get('city').name", "集易"),
        ("id->toString", "7"),
        ("nick->toString", ""),
        ("address->toString", MISSING),
        ("$('ff')->parseInt(16)", 255),
        ("$('1_0')->parseInt", MISSING),
        ("$('x')->parseInt", MISSING),
        ("id->add(1, 2.5)", 10.5),
        ("id->sub(1)", 6),
        ("id->mul(3)", 21),
        ("id->div(2)", 3.5),
        ("$(6)->div(2)->toString", "3.0"),
        ("id->div(0)", MISSING),
        ("$(-7)->mod(3)", -1),
        ("id->mod(0)", MISSING),
        ("title->add(1)", MISSING),
        ("nothing->size", MISSING),
        ("$(1000000)->mul(1000000, 1000000000.5)->toString", "1.0000000005e21"),
        ("$(1)->div(10000000)->jsonStringify", "1e-7"),
    ],
)
def test_methods(expression: str, expected: Any) -> None:
    """Each method on what it is for, and on what it is not for."""
    result = mapped(f"value: {expression}")
    assert result == ({} if expected is MISSING else {"value": expected})


def test_every_method_that_parses_can_be_evaluated() -> None:
    """The table of rules and the table of implementations are one language."""
    assert METHODS.keys() == IMPLEMENTATIONS.keys()


JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=6,
)


@given(st.sampled_from(sorted(METHODS.keys() - {"as"})), JSON_VALUES, JSON_VALUES)
def test_no_method_fails_on_any_json(name: str, value: Any, argument: Any) -> None:
    """A department's odd data makes a missing value, never an exception."""
    arguments = ", ".join(["$args.a"] * METHODS[name].fewest)
    mapped(f"v: $.v->{name}({arguments})", {"v": value}, args={"a": argument})


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), JSON_VALUES))
def test_a_plain_selection_takes_exactly_what_is_there(data: dict[str, Any]) -> None:
    """Law: selecting keys is intersection."""
    assert mapped("a b", data) == {key: value for key, value in data.items() if key in {"a", "b"}}


def test_keys_that_look_like_python_are_only_keys() -> None:
    """A hostile answer or mapping reaches no attribute."""
    assert mapped(
        "c: __class__.__name__ d: __proto__.x", {"__class__": {"__name__": 1}, "__proto__": {"x": 2}}
    ) == {
        "c": 1,
        "d": 2,
    }
    assert mapped("c: title.__class__") == {}


@given(st.text(max_size=20))
def test_a_value_never_leaves_its_place_in_a_url(value: str) -> None:
    """No slash, question mark, ampersand or climbing segment of a value has a meaning."""
    template = parse_url("https://x.example/a/{$args.v}/b?c={$args.v}")
    try:
        url = render_url(template, {"$args": {"v": value}})
    except InvalidValue:
        assert value in {".", ".."}
        return
    path, _, query = url.removeprefix("https://x.example").partition("?")
    assert path.count("/") == 3
    assert path.startswith("/a/")
    assert path.endswith("/b")
    assert query.count("=") == 1
    assert not set(url) & set(" \r\n#@&")


@pytest.mark.parametrize("value", [[1], {"a": 1}])
def test_a_list_in_a_url_is_refused(value: Any) -> None:
    """Joining is written out, so that nobody is surprised by a format."""
    with pytest.raises(InvalidValue, match="joinNotNull"):
        render_url(parse_url("/x/{$args.v}"), {"$args": {"v": value}})


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "\x00"])
def test_a_line_break_in_a_header_is_refused_without_quoting_it(value: str) -> None:
    """Header injection ends here; the message repeats no value."""
    with pytest.raises(InvalidValue, match="line break") as caught:
        render_text(parse_template("Bearer {$args.v}"), {"$args": {"v": value}})
    assert "Evil" not in str(caught.value)

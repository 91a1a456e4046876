"""Documents that nobody cleans: what is wrong in them costs no more than itself."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from schema.drafting import Undraftable, draft_openapi
from schema.mapping import check_connectors
from tests.drafting.documents import TEXT, gives, listed, made_of, openapi, parameter, ref
from tests.drafting.drafted import draft, has


def test_what_an_example_breaks_is_not_promised() -> None:
    """Nobody cleans documents: a type that its own example is not of would fail for every answer."""
    thing = made_of(
        "count title kind",
        count={"type": "integer", "example": "many"},
        title={"type": "string", "example": None},
        kind={"type": "string", "enum": ["a", "b"], "example": "c"},
        fine={"type": "integer", "example": "12"},
    )
    drafted = draft(openapi({"/x": {"get": gives(thing)}}))
    has(drafted, "# review: JSON, since its own example is not of its type count: JSON", "title: String #")
    has(drafted, "kind: String fine: Int }")


@pytest.mark.parametrize("example", ["NaN", "inf", "-Infinity", float("nan")])
@pytest.mark.parametrize("type_name", ["integer", "number"])
def test_an_example_that_is_no_finite_number_is_none(type_name: str, example: object) -> None:
    """No JSON has such a number, so that nothing can be promised of the field."""
    drafted = draft(openapi({"/x": {"get": gives(made_of("size", size={"type": type_name, "example": example}))}}))
    has(drafted, "since its own example is not of its type size: JSON")


JUNK: list[Any] = [
    None,
    [],
    {},
    "x",
    1,
    True,
    [None],
    {"$ref": "#/nowhere"},
    {"$ref": 5},
    {"enum": [""]},
    "__x",
    '"""',
]


@pytest.mark.parametrize("seed", range(40))
def test_documents_that_are_wrong_anywhere_are_drafted_all_the_same(seed: int) -> None:
    """Whatever stands where something else belongs: the draft is right, or it is told that there is none."""
    schemas = {
        "A": made_of("a", a=TEXT, b=ref("B")),
        "B": {"allOf": [ref("A")], "discriminator": {"propertyName": "a"}},
    }
    known = [parameter("q", schema=listed(TEXT)), parameter("id", "path"), parameter("f", style="deepObject")]
    document = openapi(
        {"/a/{id}": {"get": gives(ref("A"), parameters=known), "post": gives(listed(ref("B")))}}, schemas
    )
    draw = random.Random(seed)
    for _ in range(4):
        holder: Any = document
        while isinstance(holder, dict | list) and holder:
            key = draw.choice(list(holder) if isinstance(holder, dict) else list(range(len(holder))))
            if draw.random() < 0.3 and holder is not document:
                holder[key] = copy.deepcopy(draw.choice(JUNK))
                break
            holder = holder[key]
    assert check_connectors("registry", draft_openapi(document, {}).sdl, may_be_sql=False) == ()


def test_what_is_no_openapi_document_is_told() -> None:
    with pytest.raises(Undraftable, match='neither "openapi" nor "swagger"'):
        draft_openapi({"hello": 1}, {})

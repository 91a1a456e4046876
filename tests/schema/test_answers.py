"""What an answer is like is told by places and kinds; what is in it is nobody's business."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema, parse, validate

from schema.answers import Place, differences, fit

SCHEMA = build_schema("""
type Query { parks(first: Int): [Park!]! holder: Holder named: Named }
interface Named { name: String }
type Park implements Named {
  id: ID! name: String size: Int height: Float open: Boolean! state: State raw: Raw near: [Park]
}
type Firm { code: ID! }
union Holder = Park | Firm
enum State { OPEN CLOSED }
scalar Raw
""")
PARK = {"id": "1", "name": "West", "size": 3, "height": 2, "open": True, "state": "OPEN", "raw": {"a": 1}}
QUERY = "{ parks { id name size height open state raw } }"


def wrong(query: str, data: dict[str, Any]) -> list[str]:
    document = parse(query)
    assert not validate(SCHEMA, document)
    return [f"{place.path} {place.message}" for place in fit(SCHEMA, document, data).wrong]


def test_an_answer_that_fits_has_nothing_wrong() -> None:
    """Whole numbers are Floats too, and an Int may be written 3.0; a scalar of one's own has any form."""
    assert wrong(QUERY, {"parks": [PARK, {**PARK, "size": 3.0, "name": None, "id": 7}]}) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": None}, "parks[].id is null, and ID! may not be"),
        ({"size": "three"}, "parks[].size is a text, and no Int"),
        ({"size": 3.5}, "parks[].size is a number, and no Int"),
        ({"size": True}, "parks[].size is a boolean, and no Int"),
        ({"name": 110102}, "parks[].name is a number, and no String"),
        ({"open": "true"}, "parks[].open is a text, and no Boolean"),
        ({"state": "SECRET"}, "parks[].state is a text, and no State"),
        ({"state": {}}, "parks[].state is an object, and no State"),
    ],
)
def test_each_misfit_is_told_by_place_and_kind(change: dict[str, Any], told: str) -> None:
    """Once, however many items have it, and without the value."""
    assert wrong(QUERY, {"parks": [{**PARK, **change}, {**PARK, **change}]}) == [told]


def test_missing_fields_and_wrong_shapes_are_told() -> None:
    """Lists, objects, and what is not there at all."""
    assert wrong("{ parks { id } }", {"parks": {"id": 1}}) == ["parks is an object, and [Park!]! is a list"]
    assert wrong("{ parks { id } }", {"parks": ["West"]}) == ["parks[] is a text, and Park is an object"]
    assert wrong("{ a: parks { b: id } }", {"a": [{"id": 1}]}) == ["a[].b is missing"]


def test_fragments_count_where_they_apply_and_conditions_need_not_be_met() -> None:
    """A union's member is known by its type name."""
    query = "{ holder { __typename ... on Firm { code } ...P } } fragment P on Park { open near { open } }"
    assert wrong(query, {"holder": {"__typename": "Firm", "code": None}}) == [
        "holder.code is null, and ID! may not be"
    ]
    park = {"__typename": "Park", "open": True, "near": [None, {"open": 1}]}
    assert wrong(query, {"holder": park}) == ["holder.near[].open is a number, and no Boolean"]
    assert wrong("{ holder { ... on Named { name @include(if: false) } } }", {"holder": {}}) == []


def test_what_is_null_wherever_it_was_asked_is_pointed_at() -> None:
    """A mapping that misses its path gives null without an error."""
    answer = {"parks": [{**PARK, "name": None, "size": None}, {**PARK, "name": None}]}
    assert fit(SCHEMA, parse(QUERY), answer).empty == ("parks[].name",)


def test_two_answers_are_compared_without_telling_values() -> None:
    """Counts, kinds and places; the same difference in many items is one."""
    live = {"parks": [PARK, PARK], "holder": {"code": "110102"}}
    new = {"parks": [{**PARK, "name": "SECRET", "size": None}] * 2 + [PARK], "holder": None}
    assert differences(live, new) == (
        Place("holder", "null, and an object before"),
        Place("parks", "3 items, and 2 before"),
        Place("parks[].name", "another value (a text)"),
        Place("parks[].size", "null, and a number before"),
    )
    assert differences(live, live) == ()

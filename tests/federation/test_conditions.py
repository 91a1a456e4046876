"""``@skip`` and ``@include``: what is off is not asked for, with everything that it alone needed."""

from __future__ import annotations

import pytest

from tests.federation.strangers import Service, Strangers, to

HOTEL = Strangers(
    {
        "rooms": Service(
            """
            type Query { rooms(first: Int = 2): [Room!]! }
            type Room @key(fields: "no") { no: Int! beds: Int! view: String guest: Guest }
            type Guest @key(fields: "id") { id: ID! }
            """,
            {"rooms": lambda _it, first: [to("Room", no=1), to("Room", no=2), to("Room", no=3)][:first]},
            {
                "Room": [
                    {"no": 1, "beds": 2, "view": "sea", "guest": to("Guest", id="g")},
                    {"no": 2, "beds": 1, "view": None, "guest": None},
                    {"no": 3, "beds": 4, "view": None, "guest": None},
                ],
                "Guest": [{"id": "g"}],
            },
        ),
        "rates": Service(
            """
            type Room @key(fields: "no") {
              no: Int! beds: Int! @external rate(nights: Int! = 1, code: String): Int! @requires(fields: "beds")
            }
            """,
            rows={
                "Room": [
                    {"no": no, "rate": lambda it, nights, code=None: it["beds"] * nights * (5 if code else 10)}
                    for no in (1, 2, 3)
                ]
            },
        ),
        "taxes": Service(
            """
            type Room @key(fields: "no") { no: Int! rate(nights: Int! = 1, code: String): Int! @external
              tax: Int! @requires(fields: "rate(nights: 7)") }
            """,
            rows={"Room": [{"no": no, "tax": lambda it: it["rate"] // 10} for no in (1, 2, 3)]},
        ),
        "guests": Service(
            """
            type Guest @key(fields: "id") { id: ID! name: String! vip: Boolean }
            """,
            rows={"Guest": [{"id": "g", "name": "Gil", "vip": None}]},
        ),
    }
)


@pytest.mark.parametrize(("is_on", "requests"), [(True, "rooms > rates > taxes"), (False, "rooms")])
def test_a_field_that_is_off_stops_its_whole_chain(is_on: bool, requests: str) -> None:
    """Neither the field, nor what it requires, nor what that requires is fetched."""
    tax = {"tax": 14} if is_on else {}
    HOTEL.answers(
        "query ($tax: Boolean!) { rooms(first: 1) { no tax @include(if: $tax) } }",
        {"rooms": [{"no": 1, **tax}]},
        variables={"tax": is_on},
        requests=requests,
    )


@pytest.mark.parametrize(
    ("skip", "include", "rooms", "requests"),
    [
        (False, True, [{"guest": {"name": "Gil", "vip": None}, "view": "sea"}], "rooms > guests"),
        (False, False, [{"guest": {"name": "Gil"}, "view": "sea"}], "rooms > guests"),
        (True, True, [{"view": "sea"}], "rooms"),
        (True, False, [{"view": "sea"}], "rooms"),
    ],
)
def test_conditions_inside_conditions(
    skip: bool, include: bool, rooms: list[dict[str, object]], requests: str
) -> None:
    HOTEL.answers(
        """
        query ($skip: Boolean!, $include: Boolean!) {
          rooms(first: 1) { guest @skip(if: $skip) { name vip @include(if: $include) } view }
        }
        """,
        {"rooms": rooms},
        variables={"skip": skip, "include": include},
        requests=requests,
    )


@pytest.mark.parametrize(
    ("one", "two", "room", "requests"),
    [
        (True, True, {"a": 20, "b": 40}, "rooms > rates"),
        (True, False, {"a": 20}, "rooms > rates"),
        (False, True, {"b": 40}, "rooms > rates"),
        (False, False, {}, "rooms"),
    ],
)
def test_conditions_of_merged_requests_keep_their_meaning(
    one: bool, two: bool, room: dict[str, int], requests: str
) -> None:
    """Two aliases of one service, each under its own condition, travel together and come apart."""
    HOTEL.answers(
        """
        query ($one: Boolean!, $two: Boolean!) {
          rooms(first: 1) { a: rate @include(if: $one) b: rate(nights: 2) @include(if: $two) }
        }
        """,
        {"rooms": [room]},
        variables={"one": one, "two": two},
        requests=requests,
    )


@pytest.mark.parametrize(("on", "off"), [(True, False), (False, True), (True, True), (False, False)])
def test_both_directives_on_one_field(on: bool, off: bool) -> None:
    is_asked = on and not off
    HOTEL.answers(
        """
        query ($on: Boolean!, $off: Boolean!) { rooms(first: 1) { no tax @include(if: $on) @skip(if: $off) } }
        """,
        {"rooms": [{"no": 1, **({"tax": 14} if is_asked else {})}]},
        variables={"on": on, "off": off},
        requests="rooms > rates > taxes" if is_asked else "rooms",
    )


def test_a_field_asked_twice_is_wanted_if_either_is() -> None:
    HOTEL.answers(
        """
        query ($yes: Boolean! = true, $no: Boolean! = false) {
          rooms(first: 1) { rate @include(if: $no) ...More @include(if: $yes) ... @skip(if: $yes) { view } }
        }
        fragment More on Room { rate guest @skip(if: $yes) { name } }
        """,
        {"rooms": [{"rate": 20}]},
        requests="rooms > rates",
    )


def test_defaults_of_variables_and_of_arguments_reach_services() -> None:
    """A default of the operation is sent; a default of the service's own schema is left to the service."""
    HOTEL.answers(
        "query ($nights: Int = 3, $code: String) { rooms { rate(nights: $nights) off: rate(code: $code) } }",
        {"rooms": [{"rate": 60, "off": 20}, {"rate": 30, "off": 10}]},
        requests="rooms > rates",
    )


def test_given_variables_win_over_defaults_and_null_stays_null() -> None:
    HOTEL.answers(
        'query ($first: Int = 1, $code: String = "x") { rooms(first: $first) { rate(code: $code) } }',
        {"rooms": [{"rate": 20}, {"rate": 10}]},
        variables={"first": 2, "code": None},
        requests="rooms > rates",
    )


def test_literal_conditions_cost_nothing() -> None:
    HOTEL.answers(
        """
        { rooms(first: 1) { beds tax @skip(if: true) guest @include(if: false) { name } view @include(if: true)
        } }
        """,
        {"rooms": [{"beds": 2, "view": "sea"}]},
        requests="rooms",
    )

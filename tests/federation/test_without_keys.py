"""A value without a key is completed from above: from the nearest entity, or from the root."""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

WEATHER = Strangers(
    {
        "stations": Service(
            """
            type Query { station(id: ID!): Station now: Now! @shareable }
            type Station @key(fields: "id") { id: ID! site: Site! @shareable readings: [Reading]! @shareable }
            type Site { place: Place @shareable }
            type Place { country: String! @shareable hill: Int }
            type Reading { at: Int! @shareable celsius: Float parts: [Part!] @shareable }
            type Part { name: String! @shareable ok: Boolean }
            type Now { sun: Boolean! moon: Moon @shareable }
            type Moon { phase: String @shareable }
            """,
            {
                "station": lambda _it, **given: to("Station", **given),
                "now": {"sun": True, "moon": {"phase": "new"}},
            },
            {
                "Station": [
                    {
                        "id": "x",
                        "site": {"place": {"country": "IS", "hill": 80}},
                        "readings": [
                            {
                                "at": 1,
                                "celsius": -2.5,
                                "parts": [{"name": "a", "ok": True}, {"name": "b", "ok": None}],
                            },
                            None,
                            {"at": 2, "celsius": None, "parts": None},
                        ],
                    },
                    {"id": "y", "site": {"place": None}, "readings": []},
                ]
            },
        ),
        "climate": Service(
            """
            type Query { now: Now! @shareable }
            type Station @key(fields: "id") {
              id: ID! site: Site! @shareable readings: [Reading]! @shareable zone: String
            }
            type Site { place: Place @shareable }
            type Place { country: String! @shareable sea: Int }
            type Reading { at: Int! @shareable hpa: Int parts: [Part!] @shareable }
            type Part { name: String! @shareable age: Int }
            type Now { rain: Int moon: Moon @shareable }
            type Moon { phase: String @shareable rise: String }
            """,
            {"now": {"rain": 3, "moon": {"phase": "new", "rise": "18:00"}}},
            {
                "Station": [
                    {
                        "id": "x",
                        "site": {"place": {"country": "IS", "sea": 5}},
                        "zone": "polar",
                        "readings": [
                            {"at": 1, "hpa": 990, "parts": [{"name": "a", "age": 7}, {"name": "b", "age": 8}]},
                            None,
                            {"at": 2, "hpa": None, "parts": None},
                        ],
                    },
                    {"id": "y", "site": {"place": None}, "readings": [], "zone": None},
                ]
            },
        ),
    }
)


def test_a_value_two_levels_deep_is_completed_from_its_entity() -> None:
    WEATHER.answers(
        """
        { station(id: "x") { site { place { sea hill country } } } y: station(id: "y") { site { place { sea } }
        } }
        """,
        {"station": {"site": {"place": {"sea": 5, "hill": 80, "country": "IS"}}}, "y": {"site": {"place": None}}},
        requests="stations > climate",
    )


def test_lists_of_values_are_merged_by_position_with_their_nulls() -> None:
    WEATHER.answers(
        '{ station(id: "x") { readings { hpa celsius parts { age ok name } } } }',
        {
            "station": {
                "readings": [
                    {
                        "hpa": 990, "celsius": -2.5,
                        "parts": [{"age": 7, "ok": True, "name": "a"}, {"age": 8, "ok": None, "name": "b"}],
                    },
                    None,
                    {"hpa": None, "celsius": None, "parts": None},
                ]
            }
        },
        requests="stations > climate",
    )  # fmt: skip


def test_a_value_at_the_root_is_completed_from_the_root() -> None:
    """Both services are asked at once: neither needs the other."""
    WEATHER.answers(
        "{ now { rain moon { rise phase } sun } }",
        {"now": {"rain": 3, "moon": {"rise": "18:00", "phase": "new"}, "sun": True}},
        requests="climate + stations",
    )


def test_aliases_of_one_value_are_each_completed() -> None:
    WEATHER.answers(
        '{ station(id: "x") { here: site { place { sea } } there: site { place { hill } } zone } }',
        {"station": {"here": {"place": {"sea": 5}}, "there": {"place": {"hill": 80}}, "zone": "polar"}},
        requests="stations > climate",
    )


CINEMA = Strangers(
    {
        "programme": Service(
            """
            type Query { tonight: Evening! @shareable }
            type Evening { slots: [Slot!]! @shareable host: String }
            type Slot { show: Show! @shareable hall: Int }
            type Show { film: Film! @shareable dubbed: Boolean }
            type Film @key(fields: "id") { id: ID! }
            """,
            {
                "tonight": {
                    "host": "Eve",
                    "slots": [{"hall": 1, "show": {"dubbed": True, "film": to("Film", id="1")}}],
                }
            },
        ),
        "tickets": Service(
            """
            type Query { tonight: Evening! @shareable }
            type Evening { slots: [Slot!]! @shareable }
            type Slot { show: Show! @shareable seats: Int }
            type Show { film: Film! @shareable price: Price }
            type Film @key(fields: "id") { id: ID! soldOut: Boolean! }
            type Price { adult: Int! child: Int }
            """,
            {
                "tonight": {
                    "slots": [
                        {
                            "seats": 90,
                            "show": {"price": {"adult": 9, "child": None}, "film": to("Film", id="1")},
                        }
                    ]
                }
            },
            {"Film": [{"id": "1", "soldOut": False}]},
        ),
        "films": Service(
            """
            type Film @key(fields: "id") { id: ID! title: String! cast: [Actor!]! }
            type Actor { name: String! }
            """,
            rows={"Film": [{"id": "1", "title": "M", "cast": [{"name": "Lorre"}]}]},
        ),
    }
)


def test_values_below_values_from_the_root_and_an_entity_below_those() -> None:
    """Three levels without a key, merged by position, and a film at their end that has one."""
    CINEMA.answers(
        """
        { tonight { host slots { seats hall show { price { adult } dubbed film { soldOut title cast { name } } }
        } } }
        """,
        {
            "tonight": {
                "host": "Eve",
                "slots": [
                    {
                        "seats": 90, "hall": 1,
                        "show": {
                            "price": {"adult": 9}, "dubbed": True,
                            "film": {"soldOut": False, "title": "M", "cast": [{"name": "Lorre"}]},
                        },
                    }
                ],
            }
        },
        requests="programme + tickets > films",
    )  # fmt: skip

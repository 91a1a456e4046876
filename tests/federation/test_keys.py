"""Keys: composite, nested, through lists, several per type, chained, gathered; the cheapest way wins."""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

AIRLINE = Strangers(
    {
        "schedule": Service(
            """
            type Query { departures: [Flight!]! }
            type Flight @key(fields: "carrier { code } number day") {
              carrier: Carrier! number: Int! day: String! gate: String
            }
            type Carrier @key(fields: "code") { code: ID! }
            """,
            {
                "departures": [
                    to("Flight", carrier=to("Carrier", code="OS"), number=12, day="Mon"),
                    to("Flight", carrier=to("Carrier", code="LH"), number=12, day="Mon"),
                ]
            },
            {
                "Flight": [
                    {"carrier": to("Carrier", code="OS"), "number": 12, "day": "Mon", "gate": "A1"},
                    {"carrier": to("Carrier", code="LH"), "number": 12, "day": "Mon", "gate": None},
                ],
                "Carrier": [{"code": "OS"}, {"code": "LH"}],
            },
        ),
        "seats": Service(
            """
            type Flight @key(fields: "number day carrier { code }") {
              carrier: Carrier! number: Int! day: String! uid: ID! @shareable free: Int!
            }
            type Carrier @key(fields: "code") { code: ID! alliance: String }
            """,
            rows={
                "Flight": [
                    {"carrier": to("Carrier", code="OS"), "number": 12, "day": "Mon", "uid": "u1", "free": 3},
                    {"carrier": to("Carrier", code="LH"), "number": 12, "day": "Mon", "uid": "u2", "free": 0},
                ],
                "Carrier": [{"code": "OS", "alliance": "Star"}, {"code": "LH", "alliance": "Star"}],
            },
        ),
        "weather": Service(
            """
            type Query { delayed: [Flight!]! }
            type Flight @key(fields: "uid") { uid: ID! wind: Int }
            """,
            {"delayed": [to("Flight", uid="u2")]},
            {"Flight": [{"uid": "u1", "wind": 20}, {"uid": "u2", "wind": 90}]},
        ),
        "registry": Service(
            """
            type Flight @key(fields: "uid") @key(fields: "carrier { code } number day") {
              uid: ID! carrier: Carrier! number: Int! day: String!
            }
            type Carrier @key(fields: "code") { code: ID! }
            """,
            rows={
                "Flight": [
                    {"uid": "u1", "carrier": {"code": "OS"}, "number": 12, "day": "Mon"},
                    {"uid": "u2", "carrier": {"code": "LH"}, "number": 12, "day": "Mon"},
                ]
            },
        ),
    }
)


def test_a_composite_nested_key_travels_whole() -> None:
    """The order in which services write one key does not matter."""
    AIRLINE.answers(
        "{ departures { gate free } }",
        {"departures": [{"gate": "A1", "free": 3}, {"gate": None, "free": 0}]},
        requests="schedule > seats",
    )


def test_a_key_leads_to_the_key_that_the_last_service_knows() -> None:
    AIRLINE.answers(
        "{ departures { wind number } }",
        {"departures": [{"wind": 20, "number": 12}, {"wind": 90, "number": 12}]},
        requests="schedule > registry > weather",
    )


def test_the_service_that_is_asked_anyway_gives_the_key() -> None:
    """The seats know the uid as well as the registry does, and are asked for something else too."""
    AIRLINE.answers(
        "{ departures { wind free } }",
        {"departures": [{"wind": 20, "free": 3}, {"wind": 90, "free": 0}]},
        requests="schedule > seats > weather",
    )


def test_a_chain_of_keys_backwards() -> None:
    """The seats have a uid and are no door by it: only the registry leads on."""
    AIRLINE.answers(
        "{ delayed { free gate carrier { alliance } } }",
        {"delayed": [{"free": 0, "gate": None, "carrier": {"alliance": "Star"}}]},
        requests="weather > registry > schedule + seats",
    )


def test_a_key_s_field_that_the_client_asks_too_is_one_field() -> None:
    AIRLINE.answers(
        "{ departures { day: number number: day carrier { id: code code: __typename } free } }",
        {
            "departures": [
                {"day": 12, "number": "Mon", "carrier": {"id": "OS", "code": "Carrier"}, "free": 3},
                {"day": 12, "number": "Mon", "carrier": {"id": "LH", "code": "Carrier"}, "free": 0},
            ]
        },
        requests="schedule > seats",
    )


PLAYLISTS = Strangers(
    {
        "lists": Service(
            """
            type Query { mixes: [Mix!]! }
            type Mix @key(fields: "songs { isrc } owner { id }") { songs: [Song!]! owner: Fan! name: String }
            type Song @key(fields: "isrc") { isrc: ID! }
            type Fan @key(fields: "id") { id: ID! }
            """,
            {
                "mixes": [
                    {
                        "songs": [to("Song", isrc="i1"), to("Song", isrc="i2")],
                        "owner": to("Fan", id="f"),
                        "name": "AB",
                    },
                    {"songs": [], "owner": to("Fan", id="f"), "name": "none"},
                ]
            },
            {"Song": [{"isrc": "i1"}, {"isrc": "i2"}]},
        ),
        "plays": Service(
            """
            type Mix @key(fields: "songs { isrc } owner { id }") { songs: [Song!]! owner: Fan! plays: Int! }
            type Song @key(fields: "isrc") { isrc: ID! plays: Int! }
            type Fan @key(fields: "id") { id: ID! }
            """,
            rows={
                "Mix": [
                    {"songs": [to("Song", isrc="i1"), to("Song", isrc="i2")], "owner": {"id": "f"}, "plays": 7},
                    {"songs": [], "owner": {"id": "f"}, "plays": 0},
                ],
                "Song": [{"isrc": "i1", "plays": 70}, {"isrc": "i2", "plays": 3}],
            },
        ),
    }
)


def test_a_key_through_a_list() -> None:
    """An empty list is a key like another."""
    PLAYLISTS.answers(
        "{ mixes { name plays songs { plays } } }",
        {
            "mixes": [
                {"name": "AB", "plays": 7, "songs": [{"plays": 70}, {"plays": 3}]},
                {"name": "none", "plays": 0, "songs": []},
            ]
        },
        requests="lists > plays",
    )


REALTY = Strangers(
    {
        "listings": Service(
            """
            type Query { homes: [Home!]! }
            type Home @key(fields: "listing") { listing: ID! price: Int }
            """,
            {"homes": [to("Home", listing="l1"), to("Home", listing="l2")]},
            {"Home": [{"listing": "l1", "price": 10}, {"listing": "l2", "price": None}]},
        ),
        "cadastre": Service(
            """
            type Home @key(fields: "listing") @key(fields: "plot") { listing: ID! plot: ID! }
            """,
            rows={"Home": [{"listing": "l1", "plot": "p1"}, {"listing": "l2", "plot": "p2"}]},
        ),
        "post": Service(
            """
            type Home @key(fields: "listing") { listing: ID! zip: String @shareable street: String }
            """,
            rows={
                "Home": [
                    {"listing": "l1", "zip": "100", "street": "Elm"},
                    {"listing": "l2", "zip": None, "street": "Oak"},
                ]
            },
        ),
        "schools": Service(
            """
            type Home @key(fields: "plot zip") { plot: ID! zip: String nearest: String walk: Int }
            """,
            rows={"Home": [{"plot": "p1", "zip": "100", "nearest": "PS 1", "walk": 9}]},
        ),
    }
)


def test_a_key_is_gathered_from_two_services_before_the_third() -> None:
    """A home without a zip has half a key, by which the schools know none: nothing is said of it."""
    REALTY.answers(
        "{ homes { price nearest } }",
        {"homes": [{"price": 10, "nearest": "PS 1"}, {"price": None, "nearest": None}]},
        requests="listings > cadastre + post > schools",
    )


def test_what_the_gatherers_know_themselves_costs_nothing_more() -> None:
    REALTY.answers(
        "{ homes { street walk zip } }",
        {"homes": [{"street": "Elm", "walk": 9, "zip": "100"}, {"street": "Oak", "walk": None, "zip": None}]},
        requests="listings > cadastre + post > schools",
    )

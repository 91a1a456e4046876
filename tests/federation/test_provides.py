"""``@provides`` holds below the field that says so, for the member it names, as deep as it goes, and saves the
hop.
"""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

LEAGUE = Strangers(
    {
        "scores": Service(
            """
            type Query {
              final: Match @provides(fields: "home { name city { name } }")
              matches: [Match!]!
              best: [Award!]! @provides(fields: "... on Player { name team { name } }")
              table: [Team!]! @provides(fields: "name")
            }
            type Match @key(fields: "id") {
              id: ID! home: Team! guest: Team! @provides(fields: "name") mvp: Player
            }
            type Team @key(fields: "id") { id: ID! name: String! @external city: City @external points: Int! }
            type City @key(fields: "zip") { zip: ID! name: String @external }
            type Player @key(fields: "id") { id: ID! name: String @external team: Team @external }
            type Referee @key(fields: "id") { id: ID! }
            union Award = Player | Referee
            """,
            {
                "final": {
                    "id": "m1",
                    "home": to("Team", id="t1", name="Reds", city=to("City", zip="1", name="Rome")),
                    "guest": to("Team", id="t2", name="Blues"),
                    "mvp": to("Player", id="p1"),
                },
                "matches": [
                    {
                        "id": "m1",
                        "home": to("Team", id="t1"),
                        "guest": to("Team", id="t2", name="Blues"),
                        "mvp": None,
                    }
                ],
                "best": [
                    to("Player", id="p1", name="Zoe", team=to("Team", id="t1", name="Reds")),
                    to("Referee", id="r1"),
                ],
                "table": [to("Team", id="t1", name="Reds"), to("Team", id="t2", name="Blues")],
            },
            {
                "Team": [{"id": "t1", "points": 3}, {"id": "t2", "points": 0}],
            },
        ),
        "clubs": Service(
            """
            type Team @key(fields: "id") { id: ID! name: String! @shareable city: City @shareable founded: Int }
            type City @key(fields: "zip") { zip: ID! name: String @shareable people: Int }
            """,
            rows={
                "Team": [
                    {"id": "t1", "name": "Reds", "city": to("City", zip="1"), "founded": 1900},
                    {"id": "t2", "name": "Blues", "city": None, "founded": None},
                ],
                "City": [{"zip": "1", "name": "Rome", "people": 9}],
            },
        ),
        "people": Service(
            """
            type Player @key(fields: "id") { id: ID! name: String @shareable team: Team @shareable age: Int }
            type Referee @key(fields: "id") { id: ID! name: String }
            type Team @key(fields: "id", resolvable: false) { id: ID! }
            """,
            rows={
                "Player": [{"id": "p1", "name": "Zoe", "team": to("Team", id="t1"), "age": 22}],
                "Referee": [{"id": "r1", "name": "Ken"}],
            },
        ),
    }
)


def test_what_is_provided_saves_the_hop() -> None:
    LEAGUE.answers(
        "{ final { home { name city { name } points } guest { name } } }",
        {"final": {"home": {"name": "Reds", "city": {"name": "Rome"}, "points": 3}, "guest": {"name": "Blues"}}},
        requests="scores",
    )


def test_the_same_field_elsewhere_provides_nothing() -> None:
    """The matches say nothing of the home team's name; the guests' name is provided wherever a match is."""
    LEAGUE.answers(
        "{ matches { home { name } guest { name } } }",
        {"matches": [{"home": {"name": "Reds"}, "guest": {"name": "Blues"}}]},
        requests="scores > clubs",
    )


def test_it_holds_only_as_deep_as_it_says() -> None:
    """The guest's city is not provided, nor is what the city has beside its name."""
    LEAGUE.answers(
        "{ final { home { city { people name } } guest { city { zip } name } } }",
        {"final": {"home": {"city": {"people": 9, "name": "Rome"}}, "guest": {"city": None, "name": "Blues"}}},
        requests="scores > clubs",
    )


def test_it_holds_for_the_member_that_it_names() -> None:
    LEAGUE.answers(
        "{ best { __typename ... on Player { team { name points } name } ... on Referee { name } } }",
        {
            "best": [
                {"__typename": "Player", "team": {"name": "Reds", "points": 3}, "name": "Zoe"},
                {"__typename": "Referee", "name": "Ken"},
            ]
        },
        requests="scores > people",
    )


def test_a_provided_list_is_a_source_of_keys_too() -> None:
    LEAGUE.answers(
        "{ table { name founded } }",
        {"table": [{"name": "Reds", "founded": 1900}, {"name": "Blues", "founded": None}]},
        requests="scores > clubs",
    )


PARCELS = Strangers(
    {
        "depot": Service(
            """
            type Query { parcels: [Parcel!]! }
            type Parcel @key(fields: "code") {
              code: ID! stop: Stop @provides(fields: "address { zone }")
            }
            type Stop @key(fields: "id") { id: ID! address: Address @external }
            type Address { zone: String @external }
            """,
            {"parcels": [to("Parcel", code="x")]},
            {"Parcel": [{"code": "x", "stop": to("Stop", id="1", address={"zone": "N"})}]},
        ),
        "map": Service(
            """
            type Stop @key(fields: "id") { id: ID! address: Address @shareable }
            type Address { zone: String @shareable street: String }
            """,
            rows={"Stop": [{"id": "1", "address": {"zone": "N", "street": "Elm"}}]},
        ),
        "routes": Service(
            """
            type Stop @key(fields: "id") {
              id: ID! address: Address @external driver: String @requires(fields: "address { zone }")
            }
            type Address { zone: String @external }
            """,
            rows={"Stop": [{"id": "1", "driver": lambda it: f"driver {it['address']['zone']}"}]},
        ),
    }
)


def test_a_provided_value_is_completed_by_its_owner() -> None:
    PARCELS.answers(
        "{ parcels { stop { address { street zone } } } }",
        {"parcels": [{"stop": {"address": {"street": "Elm", "zone": "N"}}}]},
        requests="depot > map",
    )


def test_what_is_provided_feeds_a_requirement() -> None:
    """The map need not be asked for the zone."""
    PARCELS.answers(
        "{ parcels { stop { driver } } }",
        {"parcels": [{"stop": {"driver": "driver N"}}]},
        requests="depot > routes",
    )

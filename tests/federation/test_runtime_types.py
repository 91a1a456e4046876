"""Type conditions are rewritten for each service: dropped, exploded into concrete types, or kept."""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

CITY = Strangers(
    {
        "map": Service(
            """
            type Query { places: [Place!]! spot: Spot }
            interface Place { id: ID! name: String }
            interface Built implements Place { id: ID! name: String storeys: Int }
            union Spot = House | Park | Lake
            type House implements Place & Built @key(fields: "id") { id: ID! name: String storeys: Int }
            type Tower implements Place & Built @key(fields: "id") { id: ID! name: String storeys: Int }
            type Park implements Place @key(fields: "id") { id: ID! name: String trees: Int }
            type Lake implements Place @key(fields: "id") { id: ID! name: String }
            """,
            {
                "places": [to("House", id="h"), to("Park", id="p"), to("Tower", id="t"), to("Lake", id="l")],
                "spot": to("Lake", id="l"),
            },
            {
                "House": [{"id": "h", "name": "No 1", "storeys": 2}],
                "Tower": [{"id": "t", "name": "Spire", "storeys": 40}],
                "Park": [{"id": "p", "name": "Green", "trees": 300}],
                "Lake": [{"id": "l", "name": None}],
            },
        ),
        "tours": Service(
            """
            type Query { tour: [Stop!]! }
            interface Open { hours: String }
            union Stop = Park | Museum
            type Park implements Open @key(fields: "id") { id: ID! hours: String }
            type Museum implements Open @key(fields: "id") { id: ID! hours: String next: Stop }
            type Lake implements Open @key(fields: "id") { id: ID! hours: String }
            """,
            {"tour": [to("Museum", id="m"), to("Park", id="p")]},
            {
                "Park": [{"id": "p", "hours": "24"}],
                "Museum": [{"id": "m", "hours": "9-5", "next": to("Park", id="p")}],
                "Lake": [{"id": "l", "hours": None}],
            },
        ),
        "heritage": Service(
            """
            interface Place { id: ID! listed: Boolean }
            interface Built implements Place { id: ID! listed: Boolean }
            type House implements Place & Built @key(fields: "id") { id: ID! listed: Boolean }
            type Park implements Place @key(fields: "id") { id: ID! listed: Boolean }
            type Museum implements Place @key(fields: "id") { id: ID! listed: Boolean name: String }
            type Tower implements Place & Built @key(fields: "id") { id: ID! listed: Boolean }
            type Lake implements Place @key(fields: "id") { id: ID! listed: Boolean }
            """,
            rows={
                "House": [{"id": "h", "listed": True}],
                "Park": [{"id": "p", "listed": False}],
                "Museum": [{"id": "m", "listed": True, "name": "Old"}],
                "Tower": [{"id": "t", "listed": None}],
                "Lake": [{"id": "l", "listed": False}],
            },
        ),
    }
)


def test_an_interface_s_field_that_the_service_lacks_is_asked_by_type_elsewhere() -> None:
    CITY.answers(
        "{ places { name listed } }",
        {
            "places": [
                {"name": "No 1", "listed": True}, {"name": "Green", "listed": False},
                {"name": "Spire", "listed": None}, {"name": None, "listed": False},
            ]
        },
        requests="map > heritage",
    )  # fmt: skip


def test_a_condition_that_no_object_here_can_meet_is_dropped() -> None:
    """No place of the map is a museum; of what is open, the spot can be a park or a lake."""
    CITY.answers(
        """
        { places { ... on Museum { next { __typename } name } } spot { ... on Built { storeys ... on Place {
        name } } } }
        """,
        {"places": [{}, {}, {}, {}], "spot": {}},
        requests="map",
    )


def test_a_condition_on_an_interface_of_other_services_is_exploded() -> None:
    """The map knows no ``Open``; of its places, parks and lakes are."""
    CITY.answers(
        "{ places { ... on Open { hours __typename } } }",
        {"places": [{}, {"hours": "24", "__typename": "Park"}, {}, {"hours": None, "__typename": "Lake"}]},
        requests="map > tours",
    )


def test_a_wider_condition_around_a_narrower_one() -> None:
    CITY.answers(
        """
        { tour { ... on Place { id listed ... on Open { hours ... on Museum { name } } ... on Built { storeys } } }
          spot { ... on Built { storeys } ... on Place { name ... on Park { trees } } } }
        """,
        {
            "tour": [
                {"id": "m", "listed": True, "hours": "9-5", "name": "Old"},
                {"id": "p", "listed": False, "hours": "24"},
            ],
            "spot": {"name": None},
        },
        requests="map + tours > heritage",
    )


def test_a_type_that_does_not_implement_the_interface_here() -> None:
    """For tours a museum is no place, and a park has no name: both are asked by type."""
    CITY.answers(
        "{ tour { ... on Place { name } ... on Museum { next { ... on Place { name __typename } } } } }",
        {
            "tour": [
                {"name": "Old", "next": {"name": "Green", "__typename": "Park"}},
                {"name": "Green"},
            ]
        },
        requests="tours > heritage + map",
    )


def test_interfaces_that_implement_interfaces() -> None:
    CITY.answers(
        "{ places { ... on Built { storeys ... on Place { name } } ... on Lake { name listed } } }",
        {
            "places": [
                {"storeys": 2, "name": "No 1"}, {}, {"storeys": 40, "name": "Spire"},
                {"name": None, "listed": False},
            ]
        },
        requests="map > heritage",
    )  # fmt: skip

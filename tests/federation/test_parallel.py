"""A fetch waits only for what it needs; what one step asks of one service is one request; equals are sent once."""

from __future__ import annotations

from typing import Any

from tests.federation.strangers import Service, Strangers, to

SENT: list[int] = []
"""How many representations each entity call brought."""


def _counted(answer: dict[str, Any]) -> dict[str, Any]:
    SENT.extend(len(rows) for rows in answer["data"].values())
    return answer


FARM = Strangers(
    {
        "fields": Service(
            """
            type Query { fields: [Field!]! tractors: [Tractor!]! }
            type Field @key(fields: "id") { id: ID! farmer: Farmer! neighbour: Farmer crop: Crop }
            type Tractor @key(fields: "plate") { plate: ID! driver: Farmer }
            type Farmer @key(fields: "id") { id: ID! }
            type Crop @key(fields: "name") { name: ID! }
            """,
            {
                "fields": [to("Field", id="1"), to("Field", id="2"), to("Field", id="3")],
                "tractors": [to("Tractor", plate="T")],
            },
            {
                "Field": [
                    {
                        "id": "1",
                        "farmer": to("Farmer", id="f"),
                        "neighbour": to("Farmer", id="g"),
                        "crop": to("Crop", name="oat"),
                    },
                    {"id": "2", "farmer": to("Farmer", id="f"), "neighbour": None, "crop": to("Crop", name="oat")},
                    {"id": "3", "farmer": to("Farmer", id="g"), "neighbour": to("Farmer", id="f"), "crop": None},
                ],
                "Tractor": [{"plate": "T", "driver": to("Farmer", id="f")}],
            },
        ),
        "people": Service(
            'type Farmer @key(fields: "id") { id: ID! name: String spouse: Farmer }',
            rows={
                "Farmer": [
                    {"id": "f", "name": "Fay", "spouse": to("Farmer", id="g")},
                    {"id": "g", "name": "Gus", "spouse": to("Farmer", id="f")},
                ]
            },
        ),
        "market": Service(
            """
            type Crop @key(fields: "name") { name: ID! price: Int best: Farmer }
            type Farmer @key(fields: "id") { id: ID! debts: Int }
            """,
            rows={
                "Crop": [{"name": "oat", "price": 4, "best": to("Farmer", id="g")}],
                "Farmer": [{"id": "f", "debts": 0}, {"id": "g", "debts": 9}],
            },
        ),
    }
)


def test_equal_objects_are_sent_once() -> None:
    SENT.clear()
    FARM.answers(
        "{ fields { farmer { name } } }",
        {"fields": [{"farmer": {"name": "Fay"}}, {"farmer": {"name": "Fay"}}, {"farmer": {"name": "Gus"}}]},
        faults={"people": _counted},
        requests="fields > people",
    )
    assert SENT == [2, 2]


def test_what_one_step_asks_of_one_service_is_one_request() -> None:
    """Farmers at three places, two of them asked alike."""
    FARM.answers(
        "{ fields { farmer { name } neighbour { name } } tractors { driver { spouse { id } } } }",
        {
            "fields": [
                {"farmer": {"name": "Fay"}, "neighbour": {"name": "Gus"}},
                {"farmer": {"name": "Fay"}, "neighbour": None},
                {"farmer": {"name": "Gus"}, "neighbour": {"name": "Fay"}},
            ],
            "tractors": [{"driver": {"spouse": {"id": "g"}}}],
        },
        requests="fields > people",
    )


def test_services_that_need_nothing_of_each_other_are_asked_side_by_side() -> None:
    FARM.answers(
        "{ tractors { driver { name debts } } fields { crop { price } } }",
        {
            "tractors": [{"driver": {"name": "Fay", "debts": 0}}],
            "fields": [{"crop": {"price": 4}}, {"crop": {"price": 4}}, {"crop": None}],
        },
        requests="fields > market + people",
    )


def test_a_fetch_waits_for_its_own_needs_only() -> None:
    """The tractor's driver does not wait for the market, which has to name the best farmer first."""
    FARM.answers(
        "{ tractors { driver { spouse { debts } } } fields { crop { best { name } } } }",
        {
            "tractors": [{"driver": {"spouse": {"debts": 9}}}],
            "fields": [{"crop": {"best": {"name": "Gus"}}}, {"crop": {"best": {"name": "Gus"}}}, {"crop": None}],
        },
        requests="fields > market + people > market + people",
    )

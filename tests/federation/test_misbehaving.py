"""A service that answers nonsense never breaks the rest: only what it should have brought is missing."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.connector import ConnectorFailure
from schema.errors import RuntimeCode
from tests.federation.strangers import Fault, Service, Strangers, to

GARDEN = Strangers(
    {
        "beds": Service(
            """
            type Query { plants: [Plant!]! note: String }
            interface Plant { id: ID! height: Float }
            type Tree implements Plant @key(fields: "id") { id: ID! height: Float rings: Int! }
            type Herb implements Plant @key(fields: "id") { id: ID! height: Float }
            """,
            {"plants": [to("Tree", id="t"), to("Herb", id="h"), to("Tree", id="u")], "note": "ok"},
            {
                "Tree": [{"id": "t", "height": 9.5, "rings": 40}, {"id": "u", "height": None, "rings": 7}],
                "Herb": [{"id": "h", "height": 0.1}],
            },
        ),
        "care": Service(
            """
            interface Plant { water: Int }
            type Tree implements Plant @key(fields: "id") { id: ID! water: Int tools: [Tool!] }
            type Herb implements Plant @key(fields: "id") { id: ID! water: Int }
            type Tool { name: String! blade: Blade }
            enum Blade { SHARP BLUNT }
            type Query { tip: String }
            """,
            {"tip": "mulch"},
            {
                "Tree": [
                    {"id": "t", "water": 20, "tools": [{"name": "saw", "blade": "SHARP"}]},
                    {"id": "u", "water": 30, "tools": []},
                ],
                "Herb": [{"id": "h", "water": 1}],
            },
        ),
    }
)

QUERY = "{ plants { height water } tip note }"
GOOD = [{"height": 9.5, "water": 20}, {"height": 0.1, "water": 1}, {"height": None, "water": 30}]
WITHOUT = [{"height": 9.5, "water": None}, {"height": 0.1, "water": None}, {"height": None, "water": None}]


def rows(change: Any) -> Fault:
    """Change the rows of an entity answer; other answers stay."""

    def spoil(answer: dict[str, Any]) -> dict[str, Any]:
        data = answer.get("data") or {}
        if "_entities" not in data:
            return answer
        return {**answer, "data": {"_entities": change(data["_entities"])}}

    return spoil


def entities_only(came: Any) -> Fault:
    """Something else than an entity answer; other answers stay."""
    return lambda answer: came if "_entities" in (answer.get("data") or {}) else answer


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: [*rows, {"__typename": "Tree", "water": 99}, None, 7],
        lambda rows: [{**row, "id": "other", "__typename": "Gnome", "height": -1} for row in rows],
        lambda rows: [{**row, "extra": {"deep": [1]}} for row in rows],
    ],
    ids=["more rows", "other types and fields than were asked", "fields beside"],
)
def test_what_was_not_asked_for_is_not_looked_at(change: Any) -> None:
    GARDEN.answers(
        QUERY, {"plants": GOOD, "tip": "mulch", "note": "ok"}, faults={"care": rows(change)},
        requests="beds + care > care",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("came", "code"),
    [
        ({"data": None, "errors": [{"message": "down", "extensions": {"code": "DOWN"}}]}, "DOWN"),
        ({"errors": [{"message": "down"}]}, "DEPARTMENT_ERROR"),
        (
            {"data": {"_entities": None}, "errors": [{"message": "down", "path": ["_entities"]}]},
            "DEPARTMENT_ERROR",
        ),
        ({"data": {}}, "DEPARTMENT_MALFORMED_ANSWER"),
        ({"data": {"_entities": {"0": {}}}}, "DEPARTMENT_MALFORMED_ANSWER"),
        ({"data": []}, "DEPARTMENT_MALFORMED_ANSWER"),
        (b"<html>502</html>", "DEPARTMENT_MALFORMED_ANSWER"),
        (b"", "DEPARTMENT_MALFORMED_ANSWER"),
        (b"null", "DEPARTMENT_MALFORMED_ANSWER"),
        (b'{"data": {"_entities": [' + b"[" * 100_000, "DEPARTMENT_MALFORMED_ANSWER"),
        (ConnectorFailure(RuntimeCode.DEPARTMENT_BAD_STATUS, "500."), "DEPARTMENT_BAD_STATUS"),
        (ConnectorFailure(RuntimeCode.DEPARTMENT_UNREACHABLE, "gone."), "DEPARTMENT_UNREACHABLE"),
    ],
)
def test_a_failed_answer_takes_its_own_values_away(came: Any, code: str) -> None:
    """One error, at the first object that shows it. The other services and answers stand."""
    GARDEN.answers(
        QUERY,
        {"plants": WITHOUT, "tip": "mulch", "note": "ok"},
        errors=[("plants.0.water", code, "care")],
        faults={"care": entities_only(came)},
        requests="beds + care > care",
    )


@pytest.mark.parametrize("water", ["x", 1.5, {"litres": 20}, [20], 2**31])
def test_a_value_of_a_wrong_type_is_null_alone(water: Any) -> None:
    GARDEN.answers(
        "{ plants { water height } }",
        {"plants": [{"water": None, "height": 9.5}, {"water": 1, "height": 0.1}, {"water": 30, "height": None}]},
        errors=[("plants.0.water", "DEPARTMENT_WRONG_TYPE", "care")],
        faults={"care": rows(lambda all_: [{**all_[0], "water": water}, *all_[1:]])},
        requests="beds > care",
    )


def test_rows_that_are_missing_are_told() -> None:
    GARDEN.answers(
        "{ plants { water } }",
        {"plants": [{"water": 20}, {"water": None}, {"water": None}]},
        errors=[("plants.1.water", "DEPARTMENT_MALFORMED_ANSWER", "care")],
        faults={"care": rows(lambda all_: all_[:1])},
        requests="beds > care",
    )


def test_data_with_errors_keeps_the_data() -> None:
    """An error at a row, one at nothing, and one without a path, beside rows that are there."""
    GARDEN.answers(
        "{ plants { water } }",
        {"plants": [{"water": 20}, {"water": None}, {"water": 30}]},
        errors=[("plants.1.water", "DRY", "care"), ("plants", "DEPARTMENT_ERROR", "care")],
        faults={
            "care": lambda answer: {
                "data": {"_entities": [answer["data"]["_entities"][0], None, answer["data"]["_entities"][2]]},
                "errors": [
                    {"message": "dry", "path": ["_entities", 1, "water"], "extensions": {"code": "DRY"}},
                    {"message": "by the way"},
                ],
            }
        },
        requests="beds > care",
    )


@pytest.mark.parametrize(
    ("name", "plants"),
    [("Gnome", None), (None, None), (7, None), ("Plant", None)],
)
def test_an_object_of_a_type_that_cannot_be_takes_what_must_not_be_null(name: Any, plants: None) -> None:
    """Not knowing what it is, nothing can be said of it; the list may hold no null."""
    GARDEN.answers(
        "{ plants { id ... on Tree { rings } } note }",
        None,
        errors=[("plants.0", "DEPARTMENT_WRONG_TYPE", "beds")],
        faults={
            "beds": lambda answer: {
                "data": {**answer["data"], "plants": [{**answer["data"]["plants"][0], "__typename": name}]}
            }
        },
        requests="beds",
    )


def test_an_enum_and_a_list_of_a_wrong_shape_are_null_where_they_may() -> None:
    GARDEN.answers(
        "{ plants { ... on Tree { tools { name blade } } } tip }",
        {"plants": [{"tools": [{"name": "saw", "blade": None}]}, {}, {"tools": None}], "tip": "mulch"},
        errors=[
            ("plants.0.tools.0.blade", "DEPARTMENT_WRONG_TYPE", "care"),
            ("plants.2.tools", "DEPARTMENT_WRONG_TYPE", "care"),
        ],
        faults={
            "care": rows(
                lambda all_: [
                    {"__typename": "Tree", "tools": [{"name": "saw", "blade": "KEEN"}]},
                    {"tools": "none"},
                ]
            )
        },
        requests="beds + care > care",
    )

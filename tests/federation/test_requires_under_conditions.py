"""Requirements that share or split a request, each under a condition of its own or a label."""

from __future__ import annotations

from typing import Any

from tests.federation.strangers import Service, Strangers, to

GYM = Strangers(
    {
        "members": Service(
            """
            type Query { member: Member }
            type Member @key(fields: "id") {
              id: ID! weight(unit: String = "kg"): Int height: Int
              plan: String @override(from: "legacy", label: "percent(50)") level: Int
            }
            """,
            {"member": to("Member", id="1")},
            {
                "Member": [
                    {
                        "id": "1",
                        "weight": lambda _it, unit: {"kg": 80, "lb": 176}[unit],
                        "height": 2,
                        "plan": "new",
                        "level": 3,
                    }
                ]
            },
        ),
        "coach": Service(
            """
            type Member @key(fields: "id") {
              id: ID! weight(unit: String = "kg"): Int @external height: Int @external
              bmi: Int @requires(fields: "weight(unit: \\"kg\\") height")
              lbs: Int @requires(fields: "weight(unit: \\"lb\\")") tall: Boolean @requires(fields: "height")
              coach: String
            }
            """,
            rows={
                "Member": [
                    {
                        "id": "1",
                        "bmi": lambda it: it["weight"] // it["height"] ** 2,
                        "lbs": lambda it: it["weight"],
                        "tall": lambda it: it["height"] > 1,
                        "coach": "C",
                    }
                ]
            },
        ),
        "legacy": Service(
            """
            type Member @key(fields: "id") {
              id: ID! plan: String level: Int @external badge: String @requires(fields: "level")
            }
            """,
            rows={"Member": [{"id": "1", "plan": "old", "badge": lambda it: f"L{it['level']}"}]},
        ),
    }
)


def _g(data: Any, requests: str, **v: bool) -> None:
    GYM.answers(
        """
        query ($a: Boolean!, $b: Boolean!, $c: Boolean!) { member { bmi @include(if: $a) lbs @include(if:
        $b) tall @include(if: $c) coach @skip(if: $c) } }
        """,
        {"member": data},
        requests=requests,
        variables=v,
    )


def test_requirements_with_other_arguments_each_under_its_condition() -> None:
    """Two representations in one request, of which each goes when its field is off."""
    _g({"bmi": 20, "lbs": 176, "tall": True}, "members > coach", a=True, b=True, c=True)
    _g({"lbs": 176, "coach": "C"}, "members > coach", a=False, b=True, c=False)
    _g({"coach": "C"}, "members > coach", a=False, b=False, c=False)
    _g({"tall": True}, "members > coach", a=False, b=False, c=True)
    _g({"bmi": 20, "tall": True}, "members > coach", a=True, b=False, c=True)


def test_a_requirement_beside_a_field_that_moves_under_a_label() -> None:
    GYM.answers(
        "{ member { plan badge bmi } }",
        {"member": {"plan": "old", "badge": "L3", "bmi": 20}},
        requests="members > coach + legacy",
    )
    GYM.answers(
        "{ member { plan badge bmi } }",
        {"member": {"plan": "new", "badge": "L3", "bmi": 20}},
        requests="members > coach + legacy",
        labels=frozenset({"percent(50)"}),
    )
    GYM.answers(
        "{ member { plan bmi } }",
        {"member": {"plan": "new", "bmi": 20}},
        requests="members > coach",
        labels=frozenset({"percent(50)"}),
    )

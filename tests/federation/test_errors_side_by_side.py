"""Services that answer for one object side by side, or without knowing its type, fail each for itself."""

from __future__ import annotations

from typing import Any

from tests.federation.strangers import Service, Strangers, down, fails, to

BANK = Strangers(
    {
        "a": Service(
            """
            type Query { acc: Acc @shareable deep: Deep! @shareable }
            type Acc @key(fields: "id") { id: ID! x: Int }
            type Deep { xs: [Item] @shareable }
            type Item { n: Int @shareable left: Int! }
            """,
            {"acc": to("Acc", id="1"), "deep": {"xs": [{"n": 1, "left": 2}, {"n": 3, "left": 4}]}},
            {"Acc": [{"id": "1", "x": 1}]},
        ),
        "b": Service(
            """
            type Query { acc: Acc @shareable deep: Deep! @shareable }
            type Acc @key(fields: "id") { id: ID! y: Int! }
            type Deep { xs: [Item] @shareable }
            type Item { n: Int @shareable right: Int }
            """,
            {"acc": to("Acc", id="1"), "deep": {"xs": [{"n": 1, "right": 5}, {"n": 3, "right": fails("r")}]}},
            {"Acc": [{"id": "1", "y": 2}]},
        ),
    }
)


def test_of_two_services_side_by_side_one_is_down() -> None:
    """What the other brought stays, as far as nulls may be."""
    BANK.answers(
        "{ acc { x y } }",
        {"acc": None},
        errors=[("acc.y", "DEPARTMENT_TIMEOUT", "b")],
        faults={"b": down},
        requests="a + b",
    )
    BANK.answers(
        "{ acc { x y } }",
        {"acc": {"x": None, "y": 2}},
        errors=[("acc.x", "DEPARTMENT_TIMEOUT", "a")],
        faults={"a": down},
        requests="a + b",
    )


def test_both_are_down() -> None:
    BANK.answers(
        "{ acc { x } deep { xs { right } } __typename }",
        None,
        errors=[("acc.x", "DEPARTMENT_TIMEOUT", "a")]
        if False
        else [("acc", "DEPARTMENT_TIMEOUT", "a"), ("deep", "DEPARTMENT_TIMEOUT", "b")],
        faults={"a": down, "b": down},
        requests="a + b",
    )


def test_an_error_in_a_list_that_two_services_fill() -> None:
    BANK.answers(
        "{ deep { xs { left right n } } }",
        {"deep": {"xs": [{"left": 2, "right": 5, "n": 1}, {"left": 4, "right": None, "n": 3}]}},
        errors=[("deep.xs.1.right", "DEPARTMENT_ERROR", "b")],
        requests="a + b",
    )


def test_lists_of_unlike_length_are_as_long_as_the_longer() -> None:
    """Whoever answers first. What the shorter one lacks is missing."""

    def shorter(answer: Any) -> Any:
        answer["data"]["deep"]["xs"].pop()
        return {"data": answer["data"]}

    BANK.answers(
        "{ deep { xs { left right } } }",
        {"deep": {"xs": [{"left": 2, "right": 5}, {"left": 4, "right": None}]}},
        errors=[],
        faults={"b": shorter},
        requests="a + b",
    )
    BANK.answers(
        "{ deep { xs { left right } } }",
        {"deep": {"xs": [{"left": 2, "right": 5}, None]}},
        errors=[("deep.xs.1.left", "DEPARTMENT_WRONG_TYPE", "a")],
        faults={"a": shorter, "b": lambda a: {"data": {"deep": {"xs": [{"right": 5}, {"right": 6}]}}}},
        requests="a + b",
    )


GUILD = Strangers(
    {
        "blind": Service(
            """
            type Query { members: [Member!]! }
            type Member @interfaceObject @key(fields: "id") { id: ID! rank: Int }
            """,
            {"members": [to("Member", id="k"), to("Member", id="m"), to("Member", id="gone")]},
            {"Member": [{"id": "k", "rank": 1}, {"id": "m", "rank": 2}, {"id": "gone", "rank": 3}]},
        ),
        "seeing": Service(
            """
            interface Member @key(fields: "id") { id: ID! }
            type Knight implements Member @key(fields: "id") { id: ID! horse: String }
            type Monk implements Member @key(fields: "id") { id: ID! beer: String }
            """,
            rows={"Knight": [{"id": "k", "horse": "H"}], "Monk": [{"id": "m", "beer": "B"}]},
        ),
        "other": Service(
            'type Member @interfaceObject @key(fields: "id") { id: ID! deeds: String! }',
            rows={
                "Member": [
                    {"id": "k", "deeds": "many"},
                    {"id": "m", "deeds": fails("vow")},
                    {"id": "gone", "deeds": "?"},
                ]
            },
        ),
    }
)


def test_only_errors_that_concern_the_answer_are_told() -> None:
    """The monk's deeds failed, and only a knight's were asked for."""
    GUILD.answers(
        "{ members { rank ... on Knight { deeds } } }",
        None,
        errors=[("members.2", "DEPARTMENT_WRONG_TYPE", "blind")],
        requests="blind > other + seeing",
    )


def test_what_needs_no_type_is_answered_for_an_object_that_nobody_else_knows() -> None:
    GUILD.answers("{ members { rank } }", {"members": [{"rank": 1}, {"rank": 2}, {"rank": 3}]}, requests="blind")

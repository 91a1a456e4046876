"""Keys come in the operation's order; values pass as they are."""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

DEEP: dict[str, object] = {"a": [1, {"b": [[None, {"c": "\U0001f600"}]]}], "": 0, "é": [1.0, -0.0, 1e300]}

LAB = Strangers(
    {
        "samples": Service(
            """
            scalar JSON scalar Long scalar Date
            type Query { sample(id: ID!, raw: JSON, at: Date): Sample echo(value: JSON): JSON }
            type Sample @key(fields: "id") {
              id: ID! mass: Float! count: Int! big: Long blob: JSON at: Date grid: [[Float!]]! text: String
            }
            """,
            {
                "sample": lambda _it, **given: to("Sample", id=given["id"]),
                "echo": lambda _it, value=None: value,
            },
            {
                "Sample": [
                    {
                        "id": "1",
                        "mass": 1.0,
                        "count": 2**31 - 1,
                        "big": 2**60 + 1,
                        "blob": DEEP,
                        "at": "2026-02-30",
                        "grid": [[1.0, 2.5], None, []],
                        "text": '集易\u2028"\\ \x7f',
                    }
                ]
            },
        ),
        "results": Service(
            """
            scalar JSON scalar Long
            type Sample @key(fields: "id") {
              id: ID! big: Long @external blob: JSON @external mass: Float! @external
              told: JSON @requires(fields: "big blob mass") unit: String
            }
            """,
            rows={"Sample": [{"id": "1", "told": lambda it: [it["blob"], it["big"], it["mass"]], "unit": "µg"}]},
        ),
    }
)


def test_keys_come_in_the_operation_s_order_across_services_and_fragments() -> None:
    LAB.answers(
        """
        { one: sample(id: "1") { unit ...Rest z: id mass unit } __typename }
        fragment Rest on Sample { count ... { b: unit a: count } ... on Sample { mass } }
        """,
        {
            "one": {"unit": "µg", "count": 2147483647, "b": "µg", "a": 2147483647, "mass": 1.0, "z": "1"},
            "__typename": "Query",
        },
        requests="samples > results",
    )


def test_the_same_object_in_two_selections_is_one_with_the_first_s_order() -> None:
    LAB.answers(
        '{ sample(id: "1") { mass } other: sample(id: "1") { id } sample(id: "1") { unit id mass } }',
        {"sample": {"mass": 1.0, "unit": "µg", "id": "1"}, "other": {"id": "1"}},
        requests="samples > results",
    )


def test_values_pass_unchanged() -> None:
    """A date that no calendar has, integers beyond 53 bits, nesting, unicode: it is the service's to say."""
    LAB.answers(
        '{ sample(id: "1") { mass big blob at grid text } }',
        {
            "sample": {
                "mass": 1.0, "big": 1152921504606846977, "blob": DEEP, "at": "2026-02-30",
                "grid": [[1.0, 2.5], None, []], "text": "集易\u2028\"\\ \x7f",
            }
        },
        requests="samples",
    )  # fmt: skip


def test_values_pass_unchanged_through_a_requirement() -> None:
    LAB.answers(
        '{ sample(id: "1") { told } }',
        {"sample": {"told": [DEEP, 1152921504606846977, 1.0]}},
        requests="samples > results",
    )


def test_values_pass_unchanged_from_the_client() -> None:
    """In a variable, inside an object with a variable, and written out."""
    LAB.answers(
        """
        query ($value: JSON, $part: JSON = [1.50]) {
          echo(value: $value) made: echo(value: { a: $part, b: [1, "x", null, ENUM] }) none: echo
        }
        """,
        {"echo": DEEP, "made": {"a": [1.5], "b": [1, "x", None, "ENUM"]}, "none": None},
        variables={"value": DEEP},
        requests="samples",
    )

"""One type that several fields provide in unlike parts, and requirements that lean on it."""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

STAGE = Strangers(
    {
        "plan": Service(
            """
            type Query {
              acts: [Act!]! solo: Artist @provides(fields: "name label { name }")
              cast: [Artist!] @provides(fields: "name")
            }
            type Act @key(fields: "id") {
              id: ID! lead: Artist @provides(fields: "name") band: [Artist] @provides(fields: "label { name }")
            }
            type Artist @key(fields: "id") { id: ID! name: String @external label: Label @external }
            type Label @key(fields: "id") { id: ID! name: String @external }
            """,
            {
                "acts": [to("Act", id="1")],
                "solo": to("Artist", id="a", name="Ann", label=to("Label", id="l", name="Lbl")),
                "cast": [to("Artist", id="a", name="Ann"), to("Artist", id="b", name="Bo")],
            },
            {
                "Act": [
                    {
                        "id": "1",
                        "lead": to("Artist", id="a", name="Ann"),
                        "band": [to("Artist", id="b", label=to("Label", id="l", name="Lbl")), None],
                    }
                ]
            },
        ),
        "artists": Service(
            """
            type Artist @key(fields: "id") { id: ID! name: String @shareable label: Label @shareable age: Int }
            type Label @key(fields: "id") { id: ID! }
            """,
            rows={
                "Artist": [
                    {"id": "a", "name": "Ann", "label": to("Label", id="l"), "age": 20},
                    {"id": "b", "name": "Bo", "label": to("Label", id="l"), "age": None},
                ],
                "Label": [{"id": "l"}],
            },
        ),
        "labels": Service(
            """
            type Label @key(fields: "id") { id: ID! name: String @shareable city: String }
            type Artist @key(fields: "id") {
              id: ID! name: String @external label: Label @external
              badge: String @requires(fields: "name label { name }")
            }
            """,
            rows={
                "Label": [{"id": "l", "name": "Lbl", "city": "Rome"}],
                "Artist": [
                    {"id": i, "badge": lambda it: f"{it['name']}/{it['label']['name']}"} for i in ("a", "b")
                ],
            },
        ),
    }
)


def test_two_fields_provide_unlike_parts_of_one_type() -> None:
    STAGE.answers(
        "{ acts { lead { name label { name } } band { name label { name } } } }",
        {
            "acts": [
                {
                    "lead": {"name": "Ann", "label": {"name": "Lbl"}},
                    "band": [{"name": "Bo", "label": {"name": "Lbl"}}, None],
                }
            ]
        },
        requests="plan > artists > labels",
    )


def test_all_that_is_required_is_provided_two_levels_deep() -> None:
    STAGE.answers("{ solo { badge } }", {"solo": {"badge": "Ann/Lbl"}}, requests="plan > labels")


def test_one_type_provided_whole_in_one_place_and_by_name_in_another() -> None:
    STAGE.answers(
        "{ solo { label { city name } name } cast { badge name } }",
        {
            "solo": {"label": {"city": "Rome", "name": "Lbl"}, "name": "Ann"},
            "cast": [{"badge": "Ann/Lbl", "name": "Ann"}, {"badge": "Bo/Lbl", "name": "Bo"}],
        },
        requests="plan > artists > labels > labels",
    )

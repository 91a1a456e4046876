"""Errors midway: what depends on the missing value is missing, and tells why; the rest is there."""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, down, fails, to

BREWERY = Strangers(
    {
        "vats": Service(
            """
            type Query { vats: [Vat!]! vat(no: Int!): Vat }
            type Vat @key(fields: "no") { no: Int! malts: [Malt!]! brewer: Brewer size: Int label: Label }
            type Malt @key(fields: "id") { id: ID! }
            type Brewer @key(fields: "mail") { mail: ID }
            type Label { text: String }
            """,
            {"vats": [to("Vat", no=1), to("Vat", no=2)], "vat": lambda _it, **g: to("Vat", **g)},
            {
                "Vat": [
                    {
                        "no": 1,
                        "malts": [to("Malt", id="a"), to("Malt", id="b")],
                        "brewer": to("Brewer", mail="x"),
                        "size": 5,
                        "label": {"text": "one"},
                    },
                    {
                        "no": 2,
                        "malts": [to("Malt", id="a")],
                        "brewer": {"__typename": "Brewer", "mail": fails("no mail")},
                        "size": fails("no size"),
                        "label": None,
                    },
                ],
                "Malt": [{"id": "a"}, {"id": "b"}],
            },
        ),
        "malts": Service(
            """
            type Malt @key(fields: "id") { id: ID! colour: Int sugar: Int! origin: Farm }
            type Farm @key(fields: "id") { id: ID! }
            """,
            rows={
                "Malt": [
                    {"id": "a", "colour": 3, "sugar": 7, "origin": to("Farm", id="f")},
                    {"id": "b", "colour": fails("burnt"), "sugar": fails("gone"), "origin": None},
                ],
                "Farm": [{"id": "f"}],
            },
        ),
        "labels": Service(
            """
            type Vat @key(fields: "no") {
              no: Int! malts: [Malt!]! @external size: Int @external
              shade: Int @requires(fields: "malts { colour }") ratio: Float! @requires(fields: "size") note: String
            }
            type Malt @key(fields: "id") { id: ID! colour: Int @external }
            """,
            rows={
                "Vat": [
                    {
                        "no": n,
                        "shade": lambda it: sum(m["colour"] or 0 for m in it["malts"]),
                        "ratio": lambda it: it["size"] / 2,
                        "note": f"n{n}",
                    }
                    for n in (1, 2)
                ]
            },
        ),
        "people": Service(
            """
            type Brewer @key(fields: "mail") { mail: ID name: String home: Farm }
            type Farm @key(fields: "id", resolvable: false) { id: ID! }
            """,
            rows={"Brewer": [{"mail": "x", "name": "Xi", "home": to("Farm", id="f")}]},
        ),
        "farms": Service(
            'type Farm @key(fields: "id") { id: ID! acres: Int! name: String }',
            rows={"Farm": [{"id": "f", "acres": 9, "name": fails("no name")}]},
        ),
    }
)


def test_a_requirement_that_failed_takes_away_what_needs_it_and_nothing_else() -> None:
    """The note of the same request needs no colour."""
    BREWERY.answers(
        "{ vats { no shade note } }",
        {"vats": [{"no": 1, "shade": None, "note": "n1"}, {"no": 2, "shade": 3, "note": "n2"}]},
        errors=[("vats.0.shade", "DEPARTMENT_ERROR", "malts")],
        requests="vats > malts > labels",
    )


def test_where_all_needs_what_failed_the_object_is_not_sent() -> None:
    BREWERY.answers(
        "{ vats { shade } }",
        {"vats": [{"shade": None}, {"shade": 3}]},
        errors=[("vats.0.shade", "DEPARTMENT_ERROR", "malts")],
        requests="vats > malts > labels",
    )


def test_a_required_value_that_failed_ends_where_null_may_be() -> None:
    BREWERY.answers(
        "{ a: vat(no: 1) { ratio } b: vat(no: 2) { ratio size } }",
        {"a": {"ratio": 2.5}, "b": None},
        errors=[("b.ratio", "DEPARTMENT_ERROR", "vats")],
        requests="vats > labels",
    )


def test_a_key_that_failed_is_told_at_what_it_would_have_led_to() -> None:
    BREWERY.answers(
        "{ vats { brewer { name } } }",
        {"vats": [{"brewer": {"name": "Xi"}}, {"brewer": {"name": None}}]},
        errors=[("vats.1.brewer.name", "DEPARTMENT_ERROR", "vats")],
        requests="vats > people",
    )


def test_a_service_that_is_down_midway_is_told_once_for_each_field() -> None:
    """The farms are not asked: nobody could say for which."""
    BREWERY.answers(
        "{ vats { brewer { name home { acres } } malts { id } } }",
        {
            "vats": [
                {"brewer": {"name": None, "home": None}, "malts": [{"id": "a"}, {"id": "b"}]},
                {"brewer": {"name": None, "home": None}, "malts": [{"id": "a"}]},
            ]
        },
        errors=[
            ("vats.0.brewer.name", "DEPARTMENT_TIMEOUT", "people"),
            ("vats.0.brewer.home", "DEPARTMENT_TIMEOUT", "people"),
            ("vats.1.brewer.name", "DEPARTMENT_ERROR", "vats"),
        ],
        faults={"people": down},
        requests="vats > people",
    )


def test_one_entity_at_two_places_fails_at_both() -> None:
    """They were one request and one representation."""
    BREWERY.answers(
        "{ vats { brewer { home { name acres } } malts { origin { name } } } }",
        {
            "vats": [
                {
                    "brewer": {"home": {"name": None, "acres": 9}},
                    "malts": [{"origin": {"name": None}}, {"origin": None}],
                },
                {"brewer": {"home": None}, "malts": [{"origin": {"name": None}}]},
            ]
        },
        errors=[
            ("vats.0.brewer.home.name", "DEPARTMENT_ERROR", "farms"),
            ("vats.0.malts.0.origin.name", "DEPARTMENT_ERROR", "farms"),
            ("vats.1.brewer.home", "DEPARTMENT_ERROR", "vats"),
        ],
        requests="vats > malts + people > farms",
    )


def test_an_entity_in_a_list_without_nulls_takes_the_whole_list_away() -> None:
    BREWERY.answers(
        "{ vats { no malts { sugar } } }",
        None,
        errors=[("vats.0.malts.1.sugar", "DEPARTMENT_ERROR", "malts")],
        requests="vats > malts",
    )


def test_what_may_be_null_above_the_list_ends_it() -> None:
    BREWERY.answers(
        "{ a: vat(no: 1) { malts { sugar } } b: vat(no: 2) { malts { sugar } } }",
        {"a": None, "b": {"malts": [{"sugar": 7}]}},
        errors=[("a.malts.1.sugar", "DEPARTMENT_ERROR", "malts")],
        requests="vats > malts",
    )

"""Nulls propagate by the operation's own types; each cause is told once, in the client's terms."""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, down, fails, to

THEATRE = Strangers(
    {
        "plays": Service(
            """
            type Query { plays: [Play!]! play(id: ID!): Play tonight: Play! }
            type Play @key(fields: "id") { id: ID! title: String! author: Author length: Int }
            type Author @key(fields: "id") { id: ID! }
            """,
            {
                "plays": [to("Play", id="1"), to("Play", id="2")],
                "play": lambda _it, **given: to("Play", **given),
                "tonight": to("Play", id="3"),
            },
            {
                "Play": [
                    {"id": "1", "title": "Faust", "author": to("Author", id="g"), "length": 90},
                    {"id": "2", "title": "Egmont", "author": to("Author", id="g"), "length": fails("torn")},
                    {"id": "3", "title": "Lear", "author": to("Author", id="s"), "length": None},
                ]
            },
        ),
        "authors": Service(
            'type Author @key(fields: "id") { id: ID! name: String! born: Int quote(no: Int!): String! }',
            rows={
                "Author": [
                    {"id": "g", "name": "Goethe", "born": fails("burnt"), "quote": lambda _it, no: "Halt!"},
                    {"id": "s", "name": fails("blank"), "born": 1564, "quote": fails("lost")},
                ]
            },
        ),
        "tickets": Service(
            """
            type Play @key(fields: "id") {
              id: ID! length: Int @external price: Int! @requires(fields: "length") left: Int
            }
            """,
            rows={
                "Play": [
                    {"id": name, "price": lambda it: (it["length"] or 0) + 10, "left": fails(f"none {name}")}
                    for name in ("1", "2", "3")
                ]
            },
        ),
    }
)


def test_an_error_of_an_entity_is_told_in_the_client_s_path() -> None:
    THEATRE.answers(
        '{ all: plays { by: author { called: name year: born } } one: play(id: "1") { author { born } } }',
        {
            "all": [{"by": {"called": "Goethe", "year": None}}, {"by": {"called": "Goethe", "year": None}}],
            "one": {"author": {"born": None}},
        },
        errors=[
            ("all.0.by.year", "DEPARTMENT_ERROR", "authors"),
            ("one.author.born", "DEPARTMENT_ERROR", "authors"),
        ],
        requests="plays > authors",
    )


def test_null_goes_up_to_what_may_be_null() -> None:
    """The name may not be null, so the author is; the client reads one error."""
    THEATRE.answers(
        "{ tonight { title author { born name } } }",
        {"tonight": {"title": "Lear", "author": None}},
        errors=[("tonight.author.name", "DEPARTMENT_ERROR", "authors")],
        requests="plays > authors",
    )


def test_null_goes_up_to_the_whole_answer() -> None:
    """A price may not be null, nor a play, nor the list."""
    THEATRE.answers(
        "{ plays { title price } }",
        None,
        errors=[("plays.1.price", "DEPARTMENT_ERROR", "plays")],
        requests="plays > tickets",
    )


def test_the_error_of_a_hidden_field_is_told_at_the_field_that_needed_it() -> None:
    """The client never asked for the length. The other play is not harmed."""
    THEATRE.answers(
        '{ one: play(id: "1") { price } two: play(id: "2") { title price } }',
        {"one": {"price": 100}, "two": None},
        errors=[("two.price", "DEPARTMENT_ERROR", "plays")],
        requests="plays > tickets",
    )


def test_one_error_for_one_cause_however_many_objects_share_it() -> None:
    THEATRE.answers(
        "{ plays { title author { name } } }",
        {"plays": [{"title": "Faust", "author": None}, {"title": "Egmont", "author": None}]},
        errors=[("plays.0.author.name", "DEPARTMENT_TIMEOUT", "authors")],
        faults={"authors": down},
        requests="plays > authors",
    )


def test_errors_of_different_objects_are_different_errors() -> None:
    THEATRE.answers(
        "{ plays { left } tonight { left } }",
        {"plays": [{"left": None}, {"left": None}], "tonight": {"left": None}},
        errors=[
            ("plays.0.left", "DEPARTMENT_ERROR", "tickets"),
            ("plays.1.left", "DEPARTMENT_ERROR", "tickets"),
            ("tonight.left", "DEPARTMENT_ERROR", "tickets"),
        ],
        requests="plays > tickets",
    )


def test_aliases_of_one_field_fail_each_for_itself() -> None:
    THEATRE.answers(
        "{ tonight { author { a: quote(no: 1) } other: author { born b: quote(no: 2) } } }",
        {"tonight": {"author": None, "other": None}},
        errors=[
            ("tonight.author.a", "DEPARTMENT_ERROR", "authors"),
            ("tonight.other.b", "DEPARTMENT_ERROR", "authors"),
        ],
        requests="plays > authors",
    )


def test_the_path_goes_on_below_an_object_that_is_null_whatever_it_would_have_been() -> None:
    """Nobody could say which of the interface's types it is, and the failed field is named all the same."""
    strangers = Strangers(
        {
            "zoo": Service(
                """
                type Query { pet: Pet pets: [Pet]! }
                interface Pet { name: String! }
                type Cat implements Pet { name: String! lives: Int! }
                type Dog implements Pet { name: String! }
                """,
                {
                    "pet": to("Cat", name="Tom", lives=fails("none")),
                    "pets": [to("Dog", name="Rex"), to("Dog", name=fails("lost"))],
                },
            ),
            "other": Service("type Query { other: Int }"),
        }
    )
    strangers.answers(
        "{ pet { called: name ... on Cat { left: lives } } pets { it: name } }",
        {"pet": None, "pets": [{"it": "Rex"}, None]},
        errors=[("pet.left", "DEPARTMENT_ERROR", "zoo"), ("pets.1.it", "DEPARTMENT_ERROR", "zoo")],
        requests="zoo",
    )


def test_an_error_at_the_root_leaves_the_other_roots_alone() -> None:
    strangers = Strangers(
        {
            "good": Service("type Query { good: Int! }", {"good": 1}),
            "bad": Service("type Query { bad: [Int!] worse: Int }", {"bad": fails("no"), "worse": 2}),
        }
    )
    strangers.answers(
        "{ worse good bad }",
        {"worse": 2, "good": 1, "bad": None},
        errors=[("bad", "DEPARTMENT_ERROR", "bad")],
        requests="bad + good",
    )

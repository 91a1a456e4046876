"""An entity that is null midway is skipped without an error, and the others go on."""

from __future__ import annotations

from tests.federation.strangers import Row, Service, Strangers, to


def _sign(it: Row) -> str:
    wing = it["sent"]["wing"]
    return f"{wing['name']} {wing['colour']}" if wing else "-"


COURSES = Strangers(
    {
        "timetable": Service(
            """
            type Query { courses: [Course]! room(no: Int!): Room }
            type Course @key(fields: "id") { id: ID! teacher: Teacher room: Room seats: Int }
            type Teacher @key(fields: "mail") { mail: ID }
            type Room @key(fields: "no wing { name }") { no: Int! wing: Wing }
            type Wing { name: String @shareable colour: String }
            """,
            {
                "courses": [to("Course", id="1"), None, to("Course", id="2"), to("Course", id="3")],
                "room": lambda _it, no: to("Room", no=no, wing=None),
            },
            {
                "Course": [
                    {
                        "id": "1",
                        "teacher": to("Teacher", mail="t@x"),
                        "seats": 9,
                        "room": to("Room", no=1, wing={"name": "A", "colour": None}),
                    },
                    {
                        "id": "2",
                        "teacher": to("Teacher", mail=None),
                        "room": to("Room", no=2, wing=None),
                        "seats": None,
                    },
                    {"id": "3", "teacher": None, "room": None, "seats": 0},
                ]
            },
        ),
        "staff": Service(
            """
            type Teacher @key(fields: "mail") { mail: ID name: String boss: Teacher desk: Desk }
            type Desk @key(fields: "id") { id: ID! }
            """,
            rows={"Teacher": [{"mail": "t@x", "name": "Tess", "boss": None, "desk": to("Desk", id="d")}]},
        ),
        "assets": Service(
            """
            type Desk @key(fields: "id") { id: ID! drawers: Int user: Teacher }
            type Teacher @key(fields: "mail", resolvable: false) { mail: ID }
            type Room @key(fields: "no wing { name }") {
              no: Int! wing: Wing area: Int sign: String @requires(fields: "wing { colour }")
            }
            type Wing { name: String @shareable colour: String @external }
            type Course @key(fields: "id") {
              id: ID! seats: Int @external room: Room @external
              chairs: String @requires(fields: "seats room { no }")
            }
            """,
            rows={
                "Room": [
                    {"no": 1, "wing": {"name": "A"}, "area": 50, "sign": _sign},
                    {"no": 2, "wing": None, "area": 60, "sign": _sign},
                ],
                "Course": [
                    {"id": name, "chairs": lambda it: f"{it['seats']} in {it['room'] and it['room']['no']}"}
                    for name in ("1", "3")
                ],
            },
        ),
    }
)


def test_nulls_in_a_list_of_entities_are_stepped_over() -> None:
    """No course, no teacher, a teacher without a key: nothing is sent for those and nothing is said."""
    COURSES.answers(
        "{ courses { teacher { name } } }",
        {"courses": [{"teacher": {"name": "Tess"}}, None, {"teacher": {"name": None}}, {"teacher": None}]},
        requests="timetable > staff",
    )


def test_a_key_with_a_null_in_it_is_a_key() -> None:
    """Room 2 is in no wing: assets know it as that. They do not know room 7."""
    COURSES.answers(
        "{ courses { room { no area } } room(no: 7) { area wing { name } } }",
        {
            "courses": [{"room": {"no": 1, "area": 50}}, None, {"room": {"no": 2, "area": 60}}, {"room": None}],
            "room": {"area": None, "wing": None},
        },
        requests="timetable > assets",
    )


def test_a_null_required_inside_the_key_s_own_object_is_sent() -> None:
    """The wing's name is in the key, its colour in the requirement: a wing without a colour has a sign too."""
    COURSES.answers(
        "{ courses { room { sign } } room(no: 7) { sign } }",
        {
            "courses": [{"room": {"sign": "A None"}}, None, {"room": {"sign": "-"}}, {"room": None}],
            "room": {"sign": None},
        },
        requests="timetable > assets",
    )


def test_where_no_key_is_there_nobody_is_asked() -> None:
    strangers = Strangers(
        {
            "hall": Service(
                """
                type Query { guest: Guest seat: Seat }
                type Guest @key(fields: "mail") { mail: ID }
                type Seat @key(fields: "row { no } no") { row: Row no: Int }
                type Row { no: Int @shareable }
                """,
                {"guest": {"mail": None}, "seat": {"row": {"no": None}, "no": None}},
            ),
            "bar": Service(
                """
                type Guest @key(fields: "mail") { mail: ID drink: String }
                type Seat @key(fields: "row { no } no") { row: Row no: Int tab: Int }
                type Row { no: Int @shareable }
                """
            ),
        }
    )
    strangers.answers(
        "{ guest { drink } seat { tab } }", {"guest": {"drink": None}, "seat": {"tab": None}}, requests="hall"
    )


def test_an_entity_that_its_service_does_not_know_ends_the_chain() -> None:
    """Assets do not know the desk: what hangs on it is null, and the staff are not asked for its user."""
    COURSES.answers(
        "{ courses { teacher { boss { name } desk { drawers user { name } } } } }",
        {
            "courses": [
                {"teacher": {"boss": None, "desk": {"drawers": None, "user": None}}},
                None,
                {"teacher": {"boss": None, "desk": None}},
                {"teacher": None},
            ]
        },
        requests="timetable > staff > assets",
    )


def test_a_null_that_is_required_is_sent_as_null() -> None:
    """A course that assets does not know has no chairs, and no error for it."""
    COURSES.answers(
        "{ courses { chairs } }",
        {"courses": [{"chairs": "9 in 1"}, None, {"chairs": None}, {"chairs": "0 in None"}]},
        requests="timetable > assets",
    )

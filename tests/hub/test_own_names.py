"""A department that calls its own things as the hub calls its own is told that, and by what name it would do."""

from __future__ import annotations

import pytest

from connectors.addresses import AddressRule
from hub.own_subgraph import own_sdl
from hub.registry.registration import Registration
from hub.registry.registration_check import check_registration
from schema.subgraph import Subgraph

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n'
CODE = "HUB_NAME_TAKEN"
TYPE = 'Type "%s" in "city-museum" has the name of a type of the hub\'s own and is something else. '


def told(sdl: str) -> list[tuple[str, str]]:
    museum = Registration("city-museum", "culture", "graphql", LINK + sdl, "https://museum.example/graphql")
    check = check_registration(museum, Subgraph("hub", own_sdl()), (), AddressRule(True))
    return [(error.code, error.message) for error in check.errors]


def test_a_department_may_have_tickets() -> None:
    """Durable requests have names that nobody takes by accident."""
    assert (
        told("""type Ticket @key(fields: "id") { id: ID! state: TicketState! } enum TicketState { SOLD USED }
      type TicketEdge { node: Ticket } type Request { state: String } type Visit { at: String }
      type Query { ticket(id: ID!): Ticket tickets: [TicketEdge] request: Request }
      type Mutation { cancelTicket(id: ID!): Ticket }""")
        == []
    )


@pytest.mark.parametrize(
    ("sdl", "errors"),
    [
        (
            "type Query { x: Payment } type Payment { id: ID! amount: Int }",
            [(CODE, TYPE % "Payment" + 'Rename it, for example to "CityMuseumPayment".')],
        ),
        (
            "type Query { x(level: Level): Level } enum Level { LOW HIGH }",
            [(CODE, TYPE % "Level" + 'Rename it, for example to "CityMuseumLevel".')],
        ),
        (
            "type Query { x(day: HolidayInput): Int } input HolidayInput { day: Int! }",
            [(CODE, TYPE % "HolidayInput" + 'Rename it, for example to "CityMuseumHolidayInput".')],
        ),
        (
            "type Query { x: Int } enum Notice { GOOD BAD } type A { n: Notice }",
            [(CODE, TYPE % "Notice" + 'Rename it, for example to "CityMuseumNotice".')],
        ),
        (
            'type Query { x: Place } type Place @key(fields: "id") { id: ID! name: String! kind: Int }',
            [
                (
                    CODE,
                    TYPE % "Place"
                    + 'If you mean the hub\'s, declare @key(fields: "code"). '
                    + 'Rename it, for example to "CityMuseumPlace".',
                )
            ],
        ),
        (
            "type Query { x: PageInfo } type PageInfo @shareable { hasNextPage: Boolean! total: Int }",
            [(CODE, TYPE % "PageInfo" + 'Rename it, for example to "CityMuseumPageInfo".')],
        ),
        (
            "type Query { place(code: ID!): Int }",
            [
                (
                    CODE,
                    '"Query.place" in "city-museum" has the name of a field of the hub\'s own. '
                    'Rename it, for example to "cityMuseumPlace".',
                )
            ],
        ),
    ],
)
def test_a_name_of_the_hubs_own_is_told_once_with_a_better_one(sdl: str, errors: list[tuple[str, str]]) -> None:
    """In place of a line for each field and value that does not fit."""
    assert told(sdl) == errors


def test_what_is_wrong_besides_is_told_too() -> None:
    """Nobody is sent home twice."""
    codes = [
        code
        for code, _ in told(
            'type Query { x: Card } type Card { id: ID! } type Citizen @key(fields: "id") { id: Int! }'
        )
    ]
    assert codes[0] == "FIELD_TYPE_MISMATCH"
    assert CODE in codes

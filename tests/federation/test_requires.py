"""``@requires``: what the client did not ask for is fetched, sent and hidden, however it is nested."""

from __future__ import annotations

from typing import Any

from tests.federation.strangers import Row, Service, Strangers, to


def _dose(it: Row, factor: float) -> float:
    return float(it["weight"]) * factor


def _letters(it: Row) -> list[str]:
    """Contacts of unlike types, told apart by their names."""
    return [f"{one['__typename']}:{one.get('street', one.get('address'))}" for one in it["contacts"]]


HOSPITAL = Strangers(
    {
        "patients": Service(
            """
            type Query { patients: [Patient!]! patient(id: ID!): Patient }
            type Patient @key(fields: "id") {
              id: ID! name: String! allergies: [Allergy!]! weight(unit: Unit! = KG): Float doctor: Doctor
              contacts: [Contact!]!
            }
            enum Unit { KG LB }
            type Allergy { substance: String! severity: Int! since: Int }
            type Doctor @key(fields: "badge") { badge: ID! name: String! }
            interface Contact { note: String }
            type Mail implements Contact { note: String address: String! }
            type Home implements Contact { note: String street: String! city: String }
            """,
            {
                "patients": [to("Patient", id="1"), to("Patient", id="2")],
                "patient": lambda _it, **given: to("Patient", **given),
            },
            {
                "Patient": [
                    {
                        "id": "1",
                        "name": "Ann",
                        "doctor": to("Doctor", badge="d1"),
                        "weight": lambda _it, unit: {"KG": 60.0, "LB": 132.0}[unit],
                        "allergies": [{"substance": "nuts", "severity": 3, "since": 1990}],
                        "contacts": [
                            to("Mail", note=None, address="ann@x"),
                            to("Home", note="rings", street="Elm 1", city=None),
                        ],
                    },
                    {
                        "id": "2",
                        "name": "Bob",
                        "doctor": None,
                        "weight": lambda _it, unit: None,
                        "allergies": [],
                        "contacts": [],
                    },
                ],
                "Doctor": [{"badge": "d1", "name": "Dr. Who"}],
            },
        ),
        "pharmacy": Service(
            """
            type Patient @key(fields: "id") {
              id: ID!
              weight(unit: Unit! = KG): Float @external
              allergies: [Allergy!]! @external
              doctor: Doctor @external
              contacts: [Contact!]! @external
              dose(factor: Float!): Float @requires(fields: "weight(unit: KG)")
              american: String @requires(fields: "weight(unit: LB)")
              warnings: [String!]! @requires(fields: "allergies { substance severity }")
              signature: String @requires(fields: "doctor { licence { number } }")
              letters: [String!]! @requires(
                fields: "contacts { ... on Mail { address } ... on Home { street } }"
              )
            }
            enum Unit { KG LB }
            type Allergy { substance: String! @external severity: Int! @external }
            type Doctor @key(fields: "badge", resolvable: false) { badge: ID! licence: Licence @external }
            type Licence { number: String! @external }
            interface Contact { note: String }
            type Mail implements Contact { note: String @external address: String! @external }
            type Home implements Contact { note: String @external street: String! @external }
            """,
            rows={
                "Patient": [
                    {
                        "id": number,
                        "dose": lambda it, factor: None if it["weight"] is None else _dose(it, factor),
                        "american": lambda it: f"{it['weight']} lb",
                        "warnings": lambda it: [f"{a['substance']} {a['severity']}" for a in it["allergies"]],
                        "signature": lambda it: it["doctor"] and it["doctor"]["licence"]["number"],
                        "letters": _letters,
                    }
                    for number in ("1", "2")
                ]
            },
        ),
        "registrar": Service(
            """
            type Doctor @key(fields: "badge") { badge: ID! licence: Licence }
            type Licence { number: String! country: String }
            """,
            rows={"Doctor": [{"badge": "d1", "licence": {"number": "L-9", "country": "TT"}}]},
        ),
    }
)


def test_a_required_field_is_hidden_and_its_argument_fixed() -> None:
    HOSPITAL.answers(
        "{ patients { dose(factor: 0.5) name } }",
        {"patients": [{"dose": 30.0, "name": "Ann"}, {"dose": None, "name": "Bob"}]},
        requests="patients > pharmacy",
    )


def test_the_client_s_own_arguments_are_not_the_requirement_s() -> None:
    """The client asks for pounds under the very name that the requirement has kilos under."""
    HOSPITAL.answers(
        '{ patient(id: "1") { weight(unit: LB) dose(factor: 1) kilos: weight } }',
        {"patient": {"weight": 132.0, "dose": 60.0, "kilos": 60.0}},
        requests="patients > pharmacy",
    )


def test_two_requirements_want_one_field_with_different_arguments() -> None:
    """Each gets a representation of its own, in one request."""
    HOSPITAL.answers(
        '{ patient(id: "1") { american dose(factor: 2) } }',
        {"patient": {"american": "132.0 lb", "dose": 120.0}},
        requests="patients > pharmacy",
    )


def test_lists_of_values_are_required_whole() -> None:
    """The client wants one part of them, the requirement another."""
    HOSPITAL.answers(
        "{ patients { warnings allergies { since } } }",
        {
            "patients": [
                {"warnings": ["nuts 3"], "allergies": [{"since": 1990}]},
                {"warnings": [], "allergies": []},
            ]
        },
        requests="patients > pharmacy",
    )


def test_a_requirement_inside_an_entity_takes_a_hop_of_its_own() -> None:
    """A patient without a doctor has none to ask the registrar for, and is signed with null."""
    HOSPITAL.answers(
        "{ patients { signature } }",
        {"patients": [{"signature": "L-9"}, {"signature": None}]},
        requests="patients > registrar > pharmacy",
    )


def test_fragments_in_a_requirement_are_told_apart_by_type() -> None:
    HOSPITAL.answers(
        "{ patients { letters contacts { note ... on Home { city } } } }",
        {
            "patients": [
                {
                    "letters": ["Mail:ann@x", "Home:Elm 1"],
                    "contacts": [{"note": None}, {"note": "rings", "city": None}],
                },
                {"letters": [], "contacts": []},
            ]
        },
        requests="patients > pharmacy",
    )


def test_all_at_once_share_what_they_can() -> None:
    HOSPITAL.answers(
        '{ patient(id: "1") { letters warnings signature dose(factor: 1) american } }',
        {
            "patient": {
                "letters": ["Mail:ann@x", "Home:Elm 1"], "warnings": ["nuts 3"], "signature": "L-9",
                "dose": 60.0, "american": "132.0 lb",
            }
        },
        requests="patients > registrar > pharmacy",
    )  # fmt: skip


def _sum(*names: str) -> Any:
    return lambda it: sum(it[name] for name in names)


FREIGHT = Strangers(
    {
        "booking": Service(
            """
            type Query { shipment(id: ID!): Shipment shipments: [Shipment!]! }
            type Shipment @key(fields: "id") {
              id: ID! net: Int! duty: Int @external
              total: Int @requires(fields: "duty")
            }
            """,
            {
                "shipment": lambda _it, **given: to("Shipment", **given),
                "shipments": [to("Shipment", id="s1"), to("Shipment", id="s2")],
            },
            {
                "Shipment": [
                    {"id": "s1", "net": 100, "total": _sum("net", "duty")},
                    {"id": "s2", "net": 200, "total": _sum("net", "duty")},
                ]
            },
        ),
        "packing": Service(
            """
            type Shipment @key(fields: "id") {
              id: ID! net: Int! @external gross: Int @requires(fields: "net")
              duty: Int @external seal: String @requires(fields: "duty")
            }
            """,
            rows={
                "Shipment": [
                    {"id": name, "gross": lambda it: it["net"] + 5, "seal": lambda it: f"#{it['duty']}"}
                    for name in ("s1", "s2")
                ]
            },
        ),
        "customs": Service(
            """
            type Shipment @key(fields: "id") {
              id: ID! gross: Int @external duty: Int @requires(fields: "gross")
            }
            """,
            rows={"Shipment": [{"id": name, "duty": lambda it: it["gross"] * 2} for name in ("s1", "s2")]},
        ),
        "insurance": Service(
            """
            type Shipment @key(fields: "id") {
              id: ID! total: Int @external seal: String @external
              premium: String @requires(fields: "total seal")
            }
            """,
            rows={
                "Shipment": [
                    {"id": name, "premium": lambda it: f"{it['total']}/{it['seal']}"} for name in ("s1", "s2")
                ]
            },
        ),
    }
)


def test_requirements_chain_through_services() -> None:
    FREIGHT.answers(
        '{ shipment(id: "s1") { duty } }',
        {"shipment": {"duty": 210}},
        requests="booking > packing > customs",
    )


def test_a_circle_of_services_resolves_step_by_step() -> None:
    """Booking needs customs, which needs packing, which needs booking."""
    FREIGHT.answers(
        "{ shipments { total } }",
        {"shipments": [{"total": 310}, {"total": 610}]},
        requests="booking > packing > customs > booking",
    )


def test_two_branches_of_a_circle_meet_again() -> None:
    FREIGHT.answers(
        '{ shipment(id: "s2") { premium seal } }',
        {"shipment": {"premium": "610/#410", "seal": "#410"}},
        requests="booking > packing > customs > booking + packing > insurance",
    )

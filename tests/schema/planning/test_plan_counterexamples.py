"""Small graphs that generated tests found to be answered wrongly once; each is planned and proven."""

from __future__ import annotations

from tests.schema.planning.proving import compose_ok, plan_ok


def test_keys_that_lead_through_each_other_compose() -> None:
    """A person is known by the employer, a company by the owner: neither key may be looked for forever."""
    supergraph = compose_ok(
        {
            "people": """
              type Query { person: Person }
              type Person @key(fields: "employer { id }") @key(fields: "id") {
                id: ID! employer: Company! name: String
              }
              type Company @key(fields: "id") { id: ID! }
            """,
            "companies": """
              type Company @key(fields: "owner { id }") @key(fields: "id") {
                id: ID! owner: Person! title: String
              }
              type Person @key(fields: "employer { id }") @key(fields: "id") {
                id: ID! employer: Company! age: Int
              }
            """,
        }
    )
    plan_ok(supergraph, "{ person { name age employer { title owner { name age } } } }")


def test_a_type_that_a_provided_path_rules_out_needs_no_fetch() -> None:
    """Both give the same office: what the one provides can only be a counter, so the other's is one too."""
    supergraph = compose_ok(
        {
            "registry": """
              type Query { office: Office @shareable }
              type Office { desk: Desk @shareable @provides(fields: "... on Kiosk { code }") }
              type Counter implements Desk { name: String @shareable size: Int! }
              type Kiosk implements Desk { code: String! @external name: String }
              interface Desk { name: String }
            """,
            "parts": """
              type Counter { part: Int! @shareable }
              type Kiosk implements Desk { code: String! @shareable size: Int! }
              interface Desk { size: Int! }
            """,
            "front": """
              type Query { office: Office @shareable @provides(fields: "desk { ... on Counter { part } }") }
              type Office { desk: Desk @external }
              type Counter implements Desk { part: Int! @external name: String @shareable }
              interface Desk { name: String }
            """,
        }
    )
    plan_ok(supergraph, "{ office { desk { size } } }")

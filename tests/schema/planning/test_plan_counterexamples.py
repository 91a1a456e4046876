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

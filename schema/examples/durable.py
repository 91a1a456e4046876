"""Examples around @durable."""

from __future__ import annotations

from collections.abc import Mapping

from schema.examples.example import Example

_ONE = """
# civil-affairs
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
  @link(url: "https://jiyi.dev/spec/durable/v0.1", import: ["@durable"])
type Query { hours: String }
type Change { street: String }
"""
_MUTATION = "type Mutation { move(number: String!, street: String!): Change %s }\n"

DURABLE: Mapping[str, Example] = {
    "DURABLE_INVALID_PLACE": Example.of(
        _ONE.replace("hours: String", "hours: String @durable"), ("hours: String @durable", "hours: String")
    ),
    "DURABLE_NEEDS_FEDERATION_2": Example.of(
        """
# civil-affairs (federation 1)
extend schema @link(url: "https://jiyi.dev/spec/durable/v0.1", import: ["@durable"])
type Query { hours: String }
type Mutation { move(street: String!): String @durable }
""",
        (" (federation 1)", ""),
        (
            'extend schema @link(url: "https://jiyi.dev',
            'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9") @link(url: "https://jiyi.dev',
        ),
    ),
    "DURABLE_COLLISION_WITH_ANOTHER_DIRECTIVE": Example.of(
        _ONE + _MUTATION % "@durable @shareable", (" @shareable }", " }")
    ),
    "DURABLE_NAME_TAKEN": Example.of(
        _ONE + "type Mutation { move(idempotencyKey: ID): Change @durable }\n", ("idempotencyKey", "reference")
    ),
    "DURABLE_APPLICANT_INVALID": Example.of(
        _ONE + _MUTATION % '@durable(applicant: "who")', ('"who"', '"number"')
    ),
    "DURABLE_EXPIRY_INVALID": Example.of(
        _ONE + _MUTATION % '@durable(expiresAfter: "a week")', ('"a week"', '"P7D"')
    ),
}

"""Several connectors on one place, connectors that make no request, and literals written bare (connect v0.4)."""

from __future__ import annotations

from typing import Any

from tests.connectors.rest_service import Asked, service

TWO = """
type Query {
  user(id: ID!): User
    @connect(source: "api", http: { GET: "/people/{$args.id}" }, selection: "id name home { street }")
    @connect(source: "api", http: { GET: "/mail/{$args.id}" }, selection: "id mail home { city }")
}
type User { id: ID! name: String mail: String home: Home }
type Home { street: String city: String }
"""


def two(asked: Asked) -> Any:
    if "/people/" in asked.url:
        return {"id": 7, "name": "集易", "home": {"street": "一路"}}
    return {"id": 7, "mail": "a@b.example", "home": {"city": "示范"}}


async def test_of_several_connectors_of_a_field_those_are_asked_that_give_what_is_selected() -> None:
    """One request where one has it all, two side by side where it takes both."""
    async with service(TWO, two) as api:
        assert (await api.fetch("{ user(id: 7) { id mail } }")).data == {
            "user": {"id": "7", "mail": "a@b.example"}
        }
        assert api.lines == ["GET /api/mail/7"]
        response = await api.fetch("{ user(id: 7) { name mail home { street city } } }")
        home = {"street": "一路", "city": "示范"}
        assert response.data == {"user": {"name": "集易", "mail": "a@b.example", "home": home}}
        assert sorted(api.lines[1:]) == ["GET /api/mail/7", "GET /api/people/7"]


ON_TYPE = """
type Enterprise @key(fields: "code")
  @connect(source: "api", http: { GET: "/names/{$this.code}" }, selection: "code name")
  @connect(source: "api", http: { GET: "/staff/{$this.code}" }, selection: "code staff") {
  code: ID!
  name: String
  staff: Int
}
type Query { any: Enterprise @connect(source: "api", http: { GET: "/any" }, selection: "code") }
"""


async def test_an_entity_is_put_together_from_several_connectors_of_its_type() -> None:
    """Each is asked for what it gives, and not at all where nothing of it is wanted."""

    def answer(asked: Asked) -> Any:
        return {"code": 1, "name": "一"} if "/names/" in asked.url else {"code": 1, "staff": 9}

    async with service(ON_TYPE, answer) as api:
        representation = {"__typename": "Enterprise", "code": "1"}
        assert (await api.entities("... on Enterprise { staff }", representation)).data == {
            "_entities": [{"staff": 9}]
        }
        assert api.lines == ["GET /api/staff/1"]
        both = await api.entities("... on Enterprise { code name staff }", representation)
        assert both.data == {"_entities": [{"code": "1", "name": "一", "staff": 9}]}
        assert len(api.lines) == 3


NEWEST = """
type Query {
  version: String @connect(selection: "'1.4'")
  about: About @connect(selection: "name: 'hub' year: 2026 open: true none: null tags: ['a', 'b']")
  echo(word: String!): String @connect(selection: "$args.word->trim")
  shape(kind: String!): Shape
    @connect(source: "api", http: { GET: "/shapes/{$args.kind}" }, selection: \"\"\"
      id
      ... kind->match(
        ["round", { __typename: "Circle", radius: 3 }],
        [@, { __typename: "Square", side: $args.kind->size }]
      )
    \"\"\")
}
type About { name: String year: Int open: Boolean none: String tags: [String] }
interface Shape { id: ID! }
type Circle implements Shape { id: ID! radius: Int }
type Square implements Shape { id: ID! side: Int }
"""


async def test_a_connector_may_map_without_a_request() -> None:
    """From v0.4 on; a bare word in quotes is itself there."""
    async with service(NEWEST, lambda _: None, version="v0.4") as api:
        response = await api.fetch('{ version about { name year open none tags } echo(word: " 你好 ") }')
        about = {"name": "hub", "year": 2026, "open": True, "none": None, "tags": ["a", "b"]}
        assert (response.data, response.errors) == ({"version": "1.4", "about": about, "echo": "你好"}, ())
        assert api.lines == []


async def test_a_mapping_says_which_type_it_gives() -> None:
    """By a __typename in the arms of ->match."""
    async with service(NEWEST, lambda asked: {"id": 1, "kind": asked.url[-5:]}, version="v0.4") as api:
        parts = "... on Circle { radius } ... on Square { side }"
        query = f"query($k: String!) {{ shape(kind: $k) {{ __typename id {parts} }} }}"
        round_one, other = await api.fetch(query, k="round"), await api.fetch(query, k="cubic")
        assert round_one.data == {"shape": {"__typename": "Circle", "id": "1", "radius": 3}}
        assert other.data == {"shape": {"__typename": "Square", "id": "1", "side": 5}}

"""Supergraphs of Federation 1 (join v0.1) say less; what they leave out is found again."""

from __future__ import annotations

from graphql import print_schema

from schema.field_set import parse_field_set
from schema.supergraph import FieldSource
from tests.schema.composition.test_reading_supergraph import read_ok
from tests.schema.planning.proving import assert_plan

FEDERATION_1 = """
schema
  @core(feature: "https://specs.apollo.dev/core/v0.2")
  @core(feature: "https://specs.apollo.dev/join/v0.1", for: EXECUTION)
{
  query: Query
  mutation: Mutation
}
directive @core(as: String, feature: String!, for: core__Purpose) repeatable on SCHEMA
directive @join__field(graph: join__Graph, provides: join__FieldSet, requires: join__FieldSet) on FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__owner(graph: join__Graph!) on INTERFACE | OBJECT
directive @join__type(graph: join__Graph!, key: join__FieldSet) repeatable on INTERFACE | OBJECT
directive @stream on FIELD
scalar join__FieldSet
enum core__Purpose { EXECUTION SECURITY }
enum join__Graph {
  ACCOUNTS @join__graph(name: "accounts", url: "http://accounts")
  BOOKS @join__graph(name: "books", url: "http://books")
  REVIEWS @join__graph(name: "reviews", url: "http://reviews")
}
union Account = Pass | Sms
type Pass { email: String }
type Sms { number: String }
enum Role { A B }
interface Product { upc: String! name: String reviews: [Review] }
type Book implements Product
  @join__owner(graph: BOOKS)
  @join__type(graph: BOOKS, key: "upc")
  @join__type(graph: REVIEWS, key: "upc")
{
  upc: String! @join__field(graph: BOOKS)
  name: String @join__field(graph: BOOKS)
  weight: Int
  reviews: [Review] @join__field(graph: REVIEWS)
  shipping: Int @join__field(graph: REVIEWS, requires: "weight")
}
input ReviewInput { body: String! }
type Mutation { review(input: ReviewInput!): Review @join__field(graph: REVIEWS) }
type Query {
  me: User @join__field(graph: ACCOUNTS)
  book(upc: String!): Book @join__field(graph: BOOKS)
}
type Review @join__owner(graph: REVIEWS) @join__type(graph: REVIEWS, key: "id") {
  id: ID! @join__field(graph: REVIEWS)
  author: User @join__field(graph: REVIEWS, provides: "username")
  product: Product @join__field(graph: REVIEWS)
}
type User
  @join__owner(graph: ACCOUNTS)
  @join__type(graph: ACCOUNTS, key: "id")
  @join__type(graph: ACCOUNTS, key: "username")
  @join__type(graph: REVIEWS, key: "id")
{
  id: ID! @join__field(graph: ACCOUNTS)
  username: String @join__field(graph: ACCOUNTS)
  account: Account @join__field(graph: ACCOUNTS)
}
"""


def test_keys_of_extensions_are_answered_there() -> None:
    """The document tells the owner of a key field alone, and the extension can give it too."""
    assert read_ok(FEDERATION_1).sources_of("User", "id") == (
        FieldSource("accounts", "ID!"),
        FieldSource("reviews", "ID!"),
    )


def test_required_and_provided_fields_are_external() -> None:
    """What another field's directive names is known in that subgraph, and resolved elsewhere."""
    supergraph = read_ok(FEDERATION_1)
    assert supergraph.sources_of("Book", "weight") == (
        FieldSource("books", "Int"),
        FieldSource("reviews", "Int", external=True),
    )
    assert supergraph.sources_of("User", "username") == (
        FieldSource("accounts", "String"),
        FieldSource("reviews", "String", external=True),
    )
    assert supergraph.sources_of("Review", "author") == (
        FieldSource("reviews", "User", provides=parse_field_set("username")),
    )


def test_value_types_are_where_fields_lead_to_them() -> None:
    """A value type belongs to nobody by name."""
    supergraph = read_ok(FEDERATION_1)
    accounts, books, reviews = (
        print_schema(supergraph.subgraphs[name].schema) for name in ("accounts", "books", "reviews")
    )
    assert "union Account = Pass | Sms" in accounts
    assert "Account" not in books + reviews
    assert "input ReviewInput" in reviews
    assert "ReviewInput" not in accounts + books
    assert "type Book implements Product" in books
    assert "type Book implements Product" in reviews
    assert "  name: String\n" in reviews


def test_an_interface_field_is_where_its_type_is() -> None:
    """The books know no reviews, so their interface cannot have them."""
    supergraph = read_ok(FEDERATION_1)
    assert [each.subgraph for each in supergraph.sources_of("Product", "reviews")] == ["reviews"]
    assert [each.subgraph for each in supergraph.sources_of("Product", "name")] == ["books", "reviews"]


def test_types_that_nothing_leads_to_stay_in_the_schema() -> None:
    """Clients may name them, if only in introspection."""
    assert "enum Role" in print_schema(read_ok(FEDERATION_1).api_schema)


def test_it_prints_as_a_newer_supergraph_that_says_the_same() -> None:
    """Once read, all is told, so reading the print changes nothing."""
    supergraph = read_ok(FEDERATION_1)
    again = read_ok(supergraph.sdl)
    assert again.sources == supergraph.sources
    assert again.keys == supergraph.keys
    assert again.sdl == supergraph.sdl


def test_it_plans_requires_and_provides() -> None:
    """The graph answers like one that was composed by Federation 2."""
    assert_plan(
        read_ok(FEDERATION_1),
        '{ book(upc: "1") { shipping reviews { author { username account { __typename } } } } }',
        """
        QueryPlan {
          Sequence {
            Fetch(service: "books") {
              {
                book(upc: "1") {
                  __typename
                  weight
                  upc
                }
              }
            },
            Flatten(path: "book") {
              Fetch(service: "reviews") {
                {
                  ... on Book {
                    __typename
                    upc
                    weight
                  }
                } =>
                {
                  ... on Book {
                    shipping
                    reviews {
                      author {
                        __typename
                        username
                        id
                      }
                    }
                  }
                }
              },
            },
            Flatten(path: "book.reviews.@.author") {
              Fetch(service: "accounts") {
                {
                  ... on User {
                    __typename
                    id
                  }
                } =>
                {
                  ... on User {
                    account {
                      __typename
                    }
                  }
                }
              },
            },
          },
        }
        """,
    )

"""What the kit asks for, and what it takes for the same thing: without a system."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from graphql import parse, validate

from connectors.addresses import AddressRule
from connectors.http_client import HttpClient
from hub.conformance.bench import MOST_KEPT, Bench, operation_kind
from hub.conformance.made_up import made_up
from hub.conformance.result import CheckResult, Outcome, Report
from hub.conformance.samples import Samples
from hub.workbench.masking import Mask
from hub.workbench.opening import OpenConnector
from hub.workbench.specification import Specification, read_shape

SDL = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])
type Query {
  parks(first: Int): [Park!]!
  park(id: ID!): Park
  open(state: State!): [Place!]
}
interface Place @key(fields: "id") { id: ID! }
type Park implements Place @key(fields: "id") @key(fields: "owner { code }") {
  id: ID!
  name: String
  weight: Int @external
  price: Int @requires(fields: "weight")
  near(metres: Int!): [Park!]
  owner: Owner
}
type Owner @key(fields: "code", resolvable: false) { code: ID! }
enum State { OPEN CLOSED }
"""


@pytest.fixture
def bench() -> Bench:
    specification = Specification("parks", "graphql", "http://x.test", SDL)
    client = HttpClient(addresses=AddressRule())
    opened = OpenConnector(specification, read_shape(specification, SDL), Unasked(), Mask(specification))
    return Bench(opened, client, Samples(arguments={"Query.open": {"state": "OPEN"}}))


class Unasked:
    """A connector that nobody asks."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def test_what_needs_nothing_is_asked_for_with_keys_and_values(bench: Bench) -> None:
    """What comes from elsewhere, and what takes an argument that nobody gave, is left out."""
    queries = [bench.query_of(root) for root in bench.reads()]
    assert queries == [
        "{ parks { __typename id owner { code } name } }",
        "{ open(state: OPEN) { __typename ... on Park { id owner { code } } } }",
    ]
    assert [validate(bench.opened.shape.schema, parse(query)) for query in queries] == [[], []]


def test_objects_are_looked_up_and_interfaces_are_not(bench: Bench) -> None:
    """Whoever is an entity's interface only is looked up as what it is."""
    assert bench.keyed_types == ("Park",)


def test_an_entity_is_kept_once_wherever_it_stands(bench: Bench) -> None:
    """By all the keys that it has values for."""
    park = {"__typename": "Park", "id": "P1", "owner": {"__typename": "Owner", "code": "C"}, "name": "North"}
    bench.keep({"parks": [park, {**park, "name": "again"}], "open": [{"__typename": "Park", "id": None}]})
    assert bench.found["Park"] == [park]
    assert bench.keys_of("Park", park) == ({"id": "P1"}, {"owner": {"code": "C"}})
    bench.keep([{"__typename": "Park", "id": str(number)} for number in range(1_000)])
    assert len(bench.found["Park"]) == MOST_KEPT


def test_a_made_up_key_looks_like_the_one_it_is_made_of() -> None:
    """A system that checks the form of a key takes it."""
    key: dict[str, Any] = {"code": "GA-110102-x", "number": 7, "of": {"id": "a1"}, "is": True}
    made = made_up(key, Random(1))
    assert made == made_up(key, Random(1))
    assert made["code"] != key["code"]
    assert [each.isdigit() for each in made["code"]] == [each.isdigit() for each in key["code"]]
    assert (made["code"][2], made["code"][9], made["is"]) == ("-", "-", True)
    assert 2**31 - 1_000_001 < made["number"] < 2**31
    assert len(made["of"]["id"]) == 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [("{ a }", "query"), ("mutation { a }", "mutation"), ("subscription { a }", "subscription"), ("{", "query")],
)
def test_the_kind_of_a_document_is_that_of_its_operation(text: str, kind: str) -> None:
    """What is no document is for the system to refuse."""
    assert operation_kind(text) == kind


@pytest.mark.parametrize(
    ("outcomes", "score"),
    [("", 0), ("p", 100), ("pn", 100), ("n", 0), ("pf", 50), ("p" * 999 + "f", 99)],
)
def test_the_score_counts_what_applies(outcomes: str, score: int) -> None:
    """A hundred only when nothing failed."""
    meaning = {"p": Outcome.PASSED, "f": Outcome.FAILED, "n": Outcome.NOT_APPLICABLE}
    results = tuple(CheckResult("a", meaning[each], "because") for each in outcomes)
    assert Report("parks", "rest", results).score == score

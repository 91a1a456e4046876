"""Whatever is asked of a graph, its plan is proven to answer it."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest
from graphql import parse, validate
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from schema.planning import plan
from schema.planning.check_plan import check_plan
from schema.supergraph import Supergraph
from tests.schema.planning.graphs import DISTRICT, MEDIA, SHOP
from tests.schema.planning.operations import Operations
from tests.schema.planning.proving import compose_ok

GRAPHS = {"district": DISTRICT, "shop": SHOP, "media": MEDIA}
IDENTITIES = {"Citizen": ("id", "idNumber")}


@cache
def supergraph(name: str) -> Supergraph:
    return compose_ok(GRAPHS[name])


@pytest.mark.parametrize("name", sorted(GRAPHS))
@given(random=st.randoms(use_true_random=False))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
def test_every_operation_has_a_proven_plan(name: str, random: Random) -> None:
    """Generated operations over a graph of each kind; the checker shares no code with the planner."""
    graph = supergraph(name)
    document = parse(Operations(graph.api_schema, random).query())
    assume(not validate(graph.api_schema, document))
    found = plan(graph, document, identities=IDENTITIES)
    assert check_plan(graph, document, None, found) == (), str(found)
    assert str(plan(graph, document, identities=IDENTITIES)) == str(found)

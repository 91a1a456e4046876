"""What our plans for the graphs written by hand cost in all, and that each answers its operation."""

from __future__ import annotations

from graphql import parse, validate

from schema.planning import plan
from schema.planning.check_plan import check_plan
from schema.planning.measure import count_requests, count_steps
from tests.engine.reference.by_hand import written_graphs


def test_the_written_graphs_cost_no_more_than_they_did() -> None:
    """A change of planning that makes these figures greater gives away what was gained."""
    requests = steps = operations = 0
    for one in written_graphs():
        for text in one.question.operations:
            document = parse(text)
            assert not validate(one.supergraph.api_schema, document), f"{one.name}: {text}"
            found = plan(one.supergraph, document)
            assert check_plan(one.supergraph, document, None, found) == (), f"{one.name}: {text}"
            requests, steps = requests + count_requests(found.node), steps + count_steps(found.node)
            operations += 1
    assert (operations, requests, steps) == (228, 725, 604)

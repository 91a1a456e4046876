"""S21: what anybody can have us remember is bounded in memory, and a hash stands for its own text alone.

Measured before: a thousand texts of a megabyte each were kept by hash, and what is known of a thousand valid
operations of 90 KB took five gigabytes. Hash and method at the door: tests/hub/test_routes.py.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from hub.doors.persisted_queries import MOST_CHARACTERS as MOST_PERSISTED
from hub.doors.persisted_queries import PersistedQueries
from hub.gateway import GraphQLRequest
from hub.gateway.graph import MOST_CHARACTERS
from hub.gateway.request import RequestRefused
from tests.hub.execution.fakes import FakeDepartment
from tests.hub.graph_for_tests import gateway_for


def _named(text: str, **more: Any) -> dict[str, Any]:
    named = {"version": 1, "sha256Hash": sha256(text.encode()).hexdigest()}
    return {"extensions": {"persistedQuery": named}, **more}


def test_registering_over_and_over_keeps_a_bounded_number_of_characters() -> None:
    """The newest are kept; a text that is too long for all is not."""
    persisted = PersistedQueries(1_000)
    texts = [f"{{ a{n} }}" + " " * 90_000 for n in range(100)]
    for text in texts:
        persisted.completed(_named(text, query=text))
    kept = []
    for text in texts:
        try:
            kept.append(persisted.completed(_named(text))["query"])
        except RequestRefused:
            continue
    assert sum(map(len, kept)) <= MOST_PERSISTED
    assert kept
    assert kept == texts[-len(kept) :]


@pytest.mark.parametrize("other", ["{ ping  }", "{ ping }\n", "{ PING }", " { ping }"])
def test_a_hash_stands_for_its_own_text(other: str) -> None:
    """To the last blank; and what was refused is not remembered."""
    persisted = PersistedQueries(10)
    with pytest.raises(RequestRefused) as caught:
        persisted.completed(_named("{ ping }", query=other))
    assert caught.value.answer.errors[0]["extensions"]["code"] == "BAD_REQUEST"
    with pytest.raises(RequestRefused):
        persisted.completed(_named("{ ping }"))


async def test_operations_that_are_known_have_a_bounded_length_together() -> None:
    """Whatever valid text comes, from whomever; what is asked meanwhile stays known."""
    gateway = gateway_for(FakeDepartment({"ping": "pong"}))
    state = gateway.state
    assert state is not None
    often = GraphQLRequest("{ ping }")
    for n in range(30):
        await gateway.answer(GraphQLRequest(f"{{ a{n}: ping }} #" + "x" * 150_000), None)
        await gateway.answer(often, None)
    known = [n for n in range(30) if gateway.plan_of(GraphQLRequest(f"{{ a{n}: ping }} #" + "x" * 150_000))]
    assert 0 < len(known) * 150_000 <= MOST_CHARACTERS
    assert known[-1] == 29
    assert gateway.plan_of(often) is not None

"""Errors that a mapping of ours makes of a service's answer: ``errors: { message, extensions }``."""

from __future__ import annotations

import pytest

from connectors.connector import FetchResponse
from schema.planning.query_plan import Fetch
from tests.hub.execution.fakes import FakeDepartment, run


@pytest.mark.parametrize(("declared", "expected"), [(True, "card_declined"), (False, "DEPARTMENT_ERROR")])
async def test_a_code_of_the_services_own_passes_where_a_mapping_declares_it(
    declared: bool, expected: str
) -> None:
    """Clients of a payment service know its codes; a subgraph's own are ours to name."""
    error = {"message": "no", "path": ["ping"], "extensions": {"code": "card_declined"}}
    answer = FetchResponse({"ping": None}, (error,), declares_errors=declared)
    result = await run(
        "type Query { ping: String }",
        "{ ping }",
        Fetch("register", "{ ping }"),
        {"register": FakeDepartment(answer)},
    )
    assert [error["extensions"]["code"] for error in result.errors] == [expected]

"""What every connector promises, whatever stands behind it."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest
from graphql import parse

from connectors.connector import Connector, ConnectorFailure, FetchRequest, RequestContext
from connectors.graphql import GraphQLConnector
from connectors.graphql_streams import SubscriptionDoor
from connectors.http_client import HttpClient
from schema.errors import RuntimeCode
from tests.contracts.connector.department import CANARY, Department, Fault

BY_KEY = """query($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Citizen { name } }
}"""
ONE = FetchRequest("query($id: String!) { citizen(idNumber: $id) { idNumber name } }", {"id": "A"})


def representations(*id_numbers: str) -> dict[str, object]:
    return {"representations": [{"__typename": "Citizen", "idNumber": number} for number in id_numbers]}


async def test_a_query_is_answered(connector: Connector) -> None:
    """The first promise: GraphQL in, GraphQL out."""
    response = await connector.fetch(ONE)
    assert response.data == {"citizen": {"idNumber": "A", "name": "张三"}}
    assert response.errors == ()


async def test_the_named_operation_of_a_document_is_run(connector: Connector) -> None:
    """The hub may send several operations in one text."""
    query = 'query One { citizen(idNumber: "A") { name } } query Two { citizen(idNumber: "B") { name } }'
    response = await connector.fetch(FetchRequest(query, operation_name="Two"))
    assert response.data == {"citizen": {"name": "李四"}}


async def test_entities_come_in_the_order_of_their_representations(connector: Connector) -> None:
    """The executor merges by position."""
    response = await connector.fetch(FetchRequest(BY_KEY, representations("B", "A", "B")))
    assert response.data == {"_entities": [{"name": "李四"}, {"name": "张三"}, {"name": "李四"}]}


async def test_an_unknown_entity_is_null_and_no_error(connector: Connector) -> None:
    """Somebody the department has never heard of is an ordinary answer."""
    response = await connector.fetch(FetchRequest(BY_KEY, representations("A", "Z")))
    assert response.data == {"_entities": [{"name": "张三"}, None]}
    assert response.errors == ()


async def test_an_error_of_one_field_leaves_the_others(connector: Connector) -> None:
    """Partial data is GraphQL's way; the path tells which part is missing."""
    response = await connector.fetch(FetchRequest('{ citizen(idNumber: "A") { name } no: refused }'))
    assert response.data == {"citizen": {"name": "张三"}, "no": None}
    (error,) = response.errors
    assert error["path"] == ["no"]
    assert error["extensions"]["code"] in {RuntimeCode.CONFLICT, RuntimeCode.CONNECTOR_FETCH}


async def test_a_document_that_does_not_fit_is_a_graphql_error(connector: Connector) -> None:
    """A schema that drifted from what was registered shows as errors, not as a crash."""
    response = await connector.fetch(FetchRequest("{ nobody { knows } }"))
    assert response.data is None
    assert "nobody" in response.errors[0]["message"]


async def test_describe_gives_an_sdl_with_the_key(connector: Connector) -> None:
    """Registration reads the SDL through the same door."""
    sdl = await connector.describe()
    assert parse(sdl)
    assert '@key(fields: "idNumber")' in sdl


async def test_closing_twice_is_harmless(connector: Connector) -> None:
    """Shutdown and retirement may both close."""
    await connector.fetch(ONE)
    await connector.close()
    await connector.close()


async def test_fifty_requests_at_once_are_all_answered(connector: Connector) -> None:
    """One connector serves the whole hub."""
    responses = await asyncio.gather(*(connector.fetch(ONE) for _ in range(50)))
    assert {response.data["citizen"]["name"] for response in responses if response.data} == {"张三"}


async def test_a_stream_ends_with_its_last_event(streaming: Connector) -> None:
    """Subscriptions yield one response per event and then stop."""
    request = FetchRequest("subscription { ticks(count: 3) }", kind="subscription")
    assert [response.data async for response in streaming.subscribe(request)] == [
        {"ticks": 0},
        {"ticks": 1},
        {"ticks": 2},
    ]


async def test_a_stream_may_be_left_early(streaming: Connector) -> None:
    """A citizen closes the page: nothing hangs and nothing leaks."""
    request = FetchRequest("subscription { ticks(count: 1000) }", kind="subscription")
    events = streaming.subscribe(request)
    assert (await anext(events)).data == {"ticks": 0}
    await events.aclose()  # type: ignore[attr-defined]  # every implementation is a generator


async def failure_of(remote: Connector, request: FetchRequest) -> tuple[ConnectorFailure, str]:
    """What speaks against the department, and what a client would read: raised, or beside an answer's errors."""
    try:
        response = await remote.fetch(request)
    except ConnectorFailure as failure:
        return failure, failure.message
    assert response.failure is not None
    return response.failure, str(response.errors)


FAULTS: list[tuple[Fault, RuntimeCode]] = [
    ("hang", RuntimeCode.DEPARTMENT_TIMEOUT),
    ("hang-mid-body", RuntimeCode.DEPARTMENT_TIMEOUT),
    ("garbage", RuntimeCode.DEPARTMENT_MALFORMED_ANSWER),
    ("html", RuntimeCode.DEPARTMENT_MALFORMED_ANSWER),
    ("not-json", RuntimeCode.DEPARTMENT_MALFORMED_ANSWER),
    ("truncated", RuntimeCode.DEPARTMENT_MALFORMED_ANSWER),
    ("status-500", RuntimeCode.DEPARTMENT_BAD_STATUS),
    ("huge", RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE),
    ("reset", RuntimeCode.DEPARTMENT_UNREACHABLE),
]


@pytest.mark.parametrize(("fault", "code"), FAULTS)
async def test_a_fault_on_the_wire_has_its_code_and_no_internals(
    remote: Connector, department: Department, fault: Fault, code: RuntimeCode
) -> None:
    """The client learns what kind of trouble it is, never addresses, bodies or stacks."""
    department.fault = fault
    began = time.monotonic()
    seconds = 0.6 if code is RuntimeCode.DEPARTMENT_TIMEOUT else 10
    failed, told = await failure_of(
        remote, FetchRequest(ONE.query, ONE.variables, timeout=timedelta(seconds=seconds))
    )
    assert failed.code == code
    assert time.monotonic() - began < 4, "the caller's deadline holds, not a longer one"
    assert CANARY not in told
    assert "127.0.0.1" not in told


async def test_a_department_that_refuses_connections_is_unreachable(
    remote: Connector, department: Department
) -> None:
    """The process is dead: that is known at once, without waiting for the deadline."""
    await department.stop()
    began = time.monotonic()
    with pytest.raises(ConnectorFailure) as caught:
        await remote.fetch(ONE)
    assert caught.value.code == RuntimeCode.DEPARTMENT_UNREACHABLE
    assert caught.value.never_sent
    assert time.monotonic() - began < 4, "nobody waits for the deadline"


async def test_a_department_that_comes_back_is_used_again(remote: Connector, department: Department) -> None:
    """Nothing has to be restarted in the hub."""
    await remote.fetch(ONE)
    await department.stop()
    with pytest.raises(ConnectorFailure):
        await remote.fetch(ONE)
    await department.start()
    assert (await remote.fetch(ONE)).data == {"citizen": {"idNumber": "A", "name": "张三"}}


async def test_cancelling_reaches_the_department(remote: Connector, department: Department) -> None:
    """A client that goes away frees the connection and the department's worker."""
    department.fault = "hang"
    fetch = asyncio.create_task(remote.fetch(ONE))
    await department.arrived.wait()
    fetch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetch
    async with asyncio.timeout(2):
        await department.left.wait()
    assert department.open_requests == 0


async def test_what_explodes_tells_no_internals(executing: Connector) -> None:
    """Text of exceptions and of error pages stays in the log."""
    try:
        response = await executing.fetch(FetchRequest("{ explodes }"))
        told = str(response.errors)
    except ConnectorFailure as failure:
        told = failure.message
    assert told
    assert CANARY not in told


async def test_the_errand_travels_and_nothing_else(remote: Connector, department: Department) -> None:
    """Purpose, case, trace and idempotency key arrive; no token, no cookie."""
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    context = RequestContext(
        actor="someone", purpose="case", case="JY1", traceparent=trace, local={"token": CANARY}
    )
    await remote.fetch(FetchRequest(ONE.query, ONE.variables, context=context, idempotency_key="key-1"))
    _, _, headers, _ = department.requests[-1]
    assert headers["Jiyi-Purpose"] == "case"
    assert headers["Jiyi-Case"] == "JY1"
    assert headers["traceparent"] == trace
    assert headers["Idempotency-Key"] == "key-1"
    assert not {"Authorization", "Cookie"} & headers.keys()
    assert CANARY not in str(department.requests)
    assert "someone" not in str(department.requests)


async def test_what_a_department_speaks_is_found_out_once(client: HttpClient, department: Department) -> None:
    """A WebSocket is tried first; where it is refused, events are asked for, and from then on at once."""
    department.speaks_websocket = False
    connector = GraphQLConnector(f"{department.url}/graphql", client)
    request = FetchRequest("subscription { ticks(count: 1) }", kind="subscription")
    for _ in range(2):
        assert [response.data async for response in connector.subscribe(request)] == [{"ticks": 0}]
    assert [method for method, *_ in department.requests] == ["GET", "POST", "POST"]


async def test_a_subscription_that_is_refused_tells_why(client: HttpClient, department: Department) -> None:
    """Whoever answers with errors instead of a stream has answered."""
    department.speaks_websocket = False
    connector = GraphQLConnector(f"{department.url}/graphql", client)
    request = FetchRequest("subscription { nothing }", kind="subscription")
    (response,) = [response async for response in connector.subscribe(request)]
    assert response.data is None
    assert "nothing" in response.errors[0]["message"]


async def test_many_may_listen_at_once(client: HttpClient, department: Department) -> None:
    """The bound on requests at one time is none on listeners: each holds a connection for as long as it likes."""
    connector = GraphQLConnector(
        f"{department.url}/graphql", client, subscriptions=SubscriptionDoor("graphql-sse")
    )
    request = FetchRequest("subscription { oneAndSilence }", kind="subscription")
    listeners = [connector.subscribe(request) for _ in range(60)]
    assert [(await anext(each)).data for each in listeners] == [{"oneAndSilence": 1}] * 60
    for each in listeners:
        await each.aclose()  # type: ignore[attr-defined]  # it is a generator

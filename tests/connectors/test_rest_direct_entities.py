"""Entities by the short way and by the executor: the same answers, from the same requests, whatever comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast
from urllib.parse import unquote

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.connector import FetchRequest, FetchResponse
from connectors.http_client import HttpClient
from connectors.http_message import HttpAnswer, HttpRequest
from connectors.mapped import direct_entities
from connectors.rest import RestConnector
from tests.connectors.rest_service import HEAD

SDL = (
    HEAD.replace("VERSION", "v0.4")
    + """  @source(name: "api", http: { baseURL: "http://api" })
type Query { shop(code: ID!, lang: String = "zh"): Shop
  @connect(source: "api", http: { GET: "/shops/{$args.code}?lang={$args.lang}" },
           selection: "code name staff owner: { id: owner } open", entity: true) }
type Shop @key(fields: "code") { code: ID! name: String! staff: Int open: Boolean owner: Person }
type Person @key(fields: "id")
  @connect(source: "api", http: { POST: "/people", body: "ids: $batch.id" },
           selection: "$.found { id name tags }") {
  id: ID! name: String tags: [Tag!] }
type Place @key(fields: "town street")
  @connect(source: "api", http: { GET: "/places/{$this.town}/{$this.street}" },
           selection: "town street lines { text } kind") {
  town: String! street: String! lines: [Line] kind: Kind extra: String }
type Line { text: String! }
enum Kind { HOME WORK }
enum Tag { A B }
"""
)
SELECTIONS = (
    "... on Shop { name staff } ... on Person { name } ... on Place { kind lines { text } }",
    "... on Shop { __typename n: name owner { id } } ... on Person { id tags }",
    "... on Shop { code } ... on Person { id } ... on Place { town extra }",
    "... on Shop { open owner { name } } ... on Place { street kind }",
)
SCALARS = st.sampled_from([None, "a", "A", "B", "HOME", 1, 1.0, 2.5, True, 2**31])
KEYS = st.sampled_from(["1", "2", 3, None])
REPRESENTATIONS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"__typename": st.just("Shop"), "code": KEYS}),
        st.fixed_dictionaries({"__typename": st.just("Shop"), "code": KEYS, "name": SCALARS}),
        st.fixed_dictionaries({"__typename": st.just("Person"), "id": KEYS}),
        st.fixed_dictionaries({"__typename": st.just("Place"), "town": KEYS, "street": KEYS}),
        st.fixed_dictionaries({"__typename": st.just("Place"), "town": KEYS}),
        st.fixed_dictionaries({"__typename": st.sampled_from(["Line", "Nobody", 7])}),
        st.sampled_from([None, 1, {}]),
    ),
    max_size=5,
)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional=fields)


SHOP = some(code=KEYS, name=SCALARS, staff=SCALARS, open=SCALARS, owner=KEYS)
PERSON = some(id=KEYS, name=SCALARS, tags=st.one_of(SCALARS, st.lists(SCALARS, max_size=2)))
LINES = st.one_of(SCALARS, st.lists(st.one_of(st.none(), some(text=SCALARS)), max_size=2))
PLACE = some(town=KEYS, street=KEYS, kind=SCALARS, lines=LINES)
BODIES = st.one_of(
    SHOP, PLACE, st.lists(PLACE, max_size=2), some(found=st.one_of(SCALARS, st.lists(PERSON, max_size=3)))
)
ANSWERS = st.tuples(st.sampled_from([200, 200, 200, 200, 404, 500]), st.one_of(BODIES, st.none(), SCALARS))


class Service:
    """Answers each address as ``answers`` says of its number, the same each time."""

    def __init__(self, answers: list[tuple[int, Any]]) -> None:
        self.asked: list[str] = []
        self._answers = answers

    async def send(self, request: HttpRequest, _: timedelta) -> HttpAnswer:
        line = f"{request.method} {unquote(request.url)} {(request.body or b'').decode()}"
        self.asked.append(line)
        status, body = self._answers[sum(line.encode()) % len(self._answers)]
        return HttpAnswer(status, {"content-type": "application/json"}, json.dumps(body).encode())


def fetched(query: str, representations: Any, answers: list[tuple[int, Any]]) -> tuple[Any, list[str]]:
    """What came, and what was asked for it."""
    service = Service(answers)

    async def fetch() -> FetchResponse:
        connector = RestConnector("test", SDL, cast("HttpClient", service))
        return await connector.fetch(
            FetchRequest(query, {"representations": representations}, timeout=timedelta(seconds=20))
        )

    try:
        answer = asyncio.run(fetch())
    except Exception as failure:  # noqa: BLE001 - whatever it is has to be the same
        return (type(failure), str(failure)), sorted(service.asked)
    told = sorted(json.dumps(error, sort_keys=True) for error in answer.errors)
    return (answer.data, told, answer.failure and answer.failure.code), sorted(service.asked)


def asking(selection: str, directive: str = "") -> str:
    return (
        "query($representations: [_Any!]!) "
        f"{{ _entities(representations: $representations) {directive} {{ {selection} }} }}"
    )


@settings(deadline=None)
@given(st.sampled_from(SELECTIONS), REPRESENTATIONS, st.lists(ANSWERS, min_size=1, max_size=4))
def test_both_ways_answer_alike_and_ask_alike(
    selection: str, representations: list[Any], answers: list[tuple[int, Any]]
) -> None:
    """A condition that is always on sends the second one the long way."""
    short = fetched(asking(selection), representations, answers)
    assert short == fetched(asking(selection, "@include(if: true)"), representations, answers)


def counting(monkeypatch: Any) -> Callable[[], int]:
    """How often the short way gave the answer."""
    answered: list[Any] = []
    answer = direct_entities.DirectEntities.answer

    async def counted(self: Any, execution: Any) -> Any:
        answered.append(await answer(self, execution))
        return answered[-1]

    monkeypatch.setattr(direct_entities.DirectEntities, "answer", counted)
    return lambda: len(answered)


def test_what_fits_goes_the_short_way(monkeypatch: Any) -> None:
    """Entities of several types, found one by one and in a batch, unknown ones among them."""
    count = counting(monkeypatch)
    shop = {"code": 1, "name": "店", "staff": 3}
    person = {"found": [{"id": 2, "name": "人"}]}
    representations = [
        {"__typename": "Shop", "code": "1"},
        {"__typename": "Person", "id": "2"},
        {"__typename": "Person", "id": "9"},
    ]
    service = {"GET": (200, shop), "POST": (200, person)}
    asked: list[str] = []

    async def send(request: HttpRequest, _: timedelta) -> HttpAnswer:
        asked.append(f"{request.method} {request.url}")
        status, body = service[request.method]
        return HttpAnswer(status, {"content-type": "application/json"}, json.dumps(body).encode())

    async def fetch() -> FetchResponse:
        client = type("Client", (), {"send": staticmethod(send)})()
        connector = RestConnector("test", SDL, cast("HttpClient", client))
        query = asking("... on Shop { __typename name staff } ... on Person { who: name }")
        return await connector.fetch(FetchRequest(query, {"representations": representations}))

    answer = asyncio.run(fetch())
    assert answer.data == {"_entities": [{"__typename": "Shop", "name": "店", "staff": 3}, {"who": "人"}, None]}
    assert sorted(asked) == ["GET http://api/shops/1?lang=zh", "POST http://api/people"]
    assert count() == 1

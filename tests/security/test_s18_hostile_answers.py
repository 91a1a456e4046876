"""S18: whatever a department answers, nobody else's fields change, and the client gets JSON with coded errors.

One department is honest, the other brings a body from the table, over GraphQL and over REST. Each operation is
asked three times: the first time exactly, then compiled, and all three have to say the same.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from graphql import build_schema, graphql_sync

from hub.standalone.application import GatewayOptions, open_application
from hub.standalone.graph_source import GraphSource
from schema.subgraph import Subgraph
from tests.hub.serving import served
from tests.security.listening_department import Department, Heard, Said, listening
from tests.security.secret_hub import CONNECT

pytestmark = pytest.mark.asyncio(loop_scope="module")

FEDERATION = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n'
PEOPLE = (
    FEDERATION + 'type Query { me: Person }\ntype Person @key(fields: "id") { id: ID! name: String! age: Int }'
)
FIELDS = "score: Int ratio: Float note: String more: JSON tags: [String] rank: Rank badge: Badge"
SCORES = (
    FEDERATION
    + "scalar JSON\nenum Rank { HIGH LOW }\ntype Badge { text: String }\n"
    + f'type Person @key(fields: "id") {{ id: ID! {FIELDS} }}'
)
MAPPED = (
    CONNECT
    + '@source(name: "s", http: { baseURL: "BASE" })\n'
    + "scalar JSON\nenum Rank { HIGH LOW }\ntype Badge { text: String }\n"
    + 'type Person @key(fields: "id") @connect(source: "s", http: { GET: "/scores/{$this.id}" }\n'
    + f'selection: "id score ratio note more tags rank badge {{ text }}") {{ id: ID! {FIELDS} }}'
)
ASKED = "{ me { id name age score ratio note more tags rank badge { text } } }"
HONEST = {"id": "1", "name": "Anna", "age": 40}
CANARY = "canary-of-the-department"
DEEP = "[" * 10_000 + "]" * 10_000
DEEP_OBJECTS = '{"a":' * 10_000 + "1" + "}" * 10_000
ROWS = {
    "dunder names": f'{{"score": 7, "__proto__": {{"{CANARY}": 1}}, "__class__": "{CANARY}", "__init__": 1}}',
    "other people's fields": f'{{"score": 7, "name": "{CANARY}", "age": 99, "id": "{CANARY}"}}',
    "a wrong type name": f'{{"__typename": "{CANARY}", "score": 7}}',
    "a type name that is none": '{"__typename": {"a": 1}, "score": 7}',
    "a key twice": '{"score": 1, "score": 7}',
    "text for a number": f'{{"score": "{CANARY}"}}',
    "a truth for a number": '{"score": true}',
    "a fraction for a whole number": '{"score": 7.5}',
    "a number out of range": '{"score": 2147483648}',
    "a number without end": '{"score": 1' + "0" * 5_000 + "}",
    "an infinite fraction": '{"ratio": 1e999}',
    "a fraction of many digits": '{"ratio": 0.' + "1" * 5_000 + "}",
    "an object for text": f'{{"note": {{"{CANARY}": 1}}}}',
    "a list for text": '{"note": ["a"]}',
    "a lone surrogate": '{"note": "a\\ud800b"}',
    "a nul": '{"note": "a\\u0000b"}',
    "a paragraph separator": '{"note": "a\\u2028b</script>"}',
    "no member of the enum": f'{{"rank": "{CANARY}"}}',
    "an enum as a number": '{"rank": 1}',
    "an object for a list": '{"tags": {"0": "a"}}',
    "a list within a list": '{"tags": [["a"], {"b": 1}, 1]}',
    "a list for an object": '{"badge": [{"text": "a"}]}',
    "text for an object": f'{{"badge": "{CANARY}"}}',
    "deep lists": f'{{"score": 7, "more": {DEEP}}}',
    "deep objects": f'{{"score": 7, "more": {DEEP_OBJECTS}}}',
    "deep where nobody asked": f'{{"score": 7, "unasked": {DEEP}}}',
    "NaN": '{"ratio": NaN}',
    "Infinity": '{"ratio": -Infinity}',
    "NaN in any JSON": '{"more": [NaN]}',
    "dunder names in any JSON": '{"more": {"__proto__": {"a": 1}}}',
    "single quotes": "{'score': 7}",
    "a comment": '{"score": 7 /* */}',
    "a comma too many": '{"score": 7,}',
    "text": f'"{CANARY}"',
    "a list": '[{"score": 7}, {"score": 8}]',
    "null": "null",
    "a number": "7",
    "nothing": "",
    "a page": f"<html><script>{CANARY}</script></html>",
    "two values": '{"score": 7}{"score": 8}',
}


def _told(error: str) -> str:
    return f'{{"data": null, "errors": [{error}]}}'


def _rows(row: str, more: str = "") -> str:
    return f'{{"data": {{"_entities": [{row}]{more}}}}}'


GRAPHQL_BODIES = {
    "more rows than asked": _rows(f'{{"score": 7}}, {{"score": 8, "note": "{CANARY}"}}'),
    "fewer rows than asked": '{"data": {"_entities": []}}',
    "rows by name": '{"data": {"_entities": {"0": {"score": 7}}}}',
    "rows of the wrong kind": '{"data": {"_entities": ["a"]}}',
    "no rows": '{"data": {}}',
    "roots that nobody asked": _rows('{"score": 7}', f', "me": {{"name": "{CANARY}"}}'),
    "data that is a list": '{"data": []}',
    "data that is text": f'{{"data": "{CANARY}"}}',
    "neither data nor errors": '{"extensions": {}}',
    "errors as an object": f'{{"data": null, "errors": {{"message": "{CANARY}"}}}}',
    "errors as text": f'{{"data": {{"_entities": [null]}}, "errors": "{CANARY}"}}',
    "errors of the wrong kind": '{"data": {"_entities": [null]}, "errors": [1, "x", null, []]}',
    "no errors and no data": '{"data": null, "errors": []}',
    "an error's insides": _told(f'{{"message": "no", "extensions": {{"stack": "{CANARY}"}}, "x": "{CANARY}"}}'),
    "an error without a message": _told(f'{{"message": {{"a": "{CANARY}"}}}}'),
    "an error of a megabyte": _told('{"message": "' + "m" * 1_000_000 + '"}'),
    "a code that is none": _told(f'{{"message": "no", "extensions": {{"code": "<{CANARY}>"}}}}'),
    "an error with deep insides": _told(f'{{"message": "no", "extensions": {DEEP_OBJECTS}}}'),
    "many errors": _told(",".join(['{"message": "no"}'] * 2_000)),
    "deep extensions": _rows('{"score": 7}')[:-1] + f', "extensions": {DEEP}}}',
    "our own extensions": _rows('{"score": 7}')[:-1] + f', "extensions": {{"explain": "{CANARY}"}}}}',
} | {
    f"the path {path[:60]}": _rows("null")[:-1] + f', "errors": [{{"message": "no", "path": {path}}}]}}'
    for path in (
        '["me", "name"]', '["_entities", 99, "score"]', '["_entities", -1, "score"]', '["_entities", "0", "x"]',
        '["_entities", 0, "__proto__"]', '["_entities", 0, "name"]', '[{"a": 1}]', "[null]", "7", '"me.name"',
        "[]", "[1e308]", '["_entities", 18446744073709551616]', "[" + ",".join(["0"] * 5_000) + "]",
        '["_entities", true]',
    )
}  # fmt: skip


@pytest.fixture(scope="module")
def people() -> Iterator[Department]:
    with listening(
        lambda _heard: Said(json.dumps({"data": {"me": {"__typename": "Person", **HONEST}}}).encode())
    ) as d:
        yield d


@pytest.fixture(scope="module")
def hostile() -> Iterator[Department]:
    with listening(lambda _heard: Said()) as department:
        yield department


@pytest_asyncio.fixture(params=["graphql", "rest"], scope="module", loop_scope="module")
async def client(
    request: pytest.FixtureRequest, people: Department, hostile: Department
) -> AsyncIterator[tuple[str, httpx2.AsyncClient]]:
    """The engine over both departments."""
    honest = Subgraph("people", PEOPLE, f"{people.url}/graphql")
    if request.param == "graphql":
        source = GraphSource.of(honest, Subgraph("scores", SCORES, f"{hostile.url}/graphql"))
    else:
        source = GraphSource.of(honest, Subgraph("scores", MAPPED.replace("BASE", hostile.url)))
    async with AsyncExitStack() as closing:
        app, _engine = await closing.enter_async_context(open_application(GatewayOptions(), source))
        url = await closing.enter_async_context(served(app))
        yield request.param, await closing.enter_async_context(httpx2.AsyncClient(base_url=url, timeout=20))


async def ask(client: httpx2.AsyncClient, query: str) -> dict[str, Any]:
    """What the client reads: UTF-8, JSON by the letter, and every error with a code and a path of the question."""
    answer = await client.post("/graphql", json={"query": query})
    assert answer.status_code == 200, answer.text[:300]

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    body: dict[str, Any] = json.loads(answer.content.decode("utf-8", "strict"), parse_constant=refuse)
    json.dumps(body).encode()
    assert len(answer.content) < 200_000
    for error in body.get("errors", ()):
        assert error["extensions"]["code"]
        assert len(error["message"]) <= 500
        if "path" not in error:
            assert error["message"].endswith(" more errors.")
            continue
        assert error["path"][0] == "me"
        assert error["path"][1:2] not in (["id"], ["name"], ["age"])
    return body


async def thrice(client: httpx2.AsyncClient, query: str = ASKED) -> dict[str, Any]:
    first, second, third = [await ask(client, query) for _ in range(3)]
    assert first == second == third
    return first


def _row_of(body: dict[str, Any]) -> dict[str, Any]:
    """The person, whose honest half is as it was; the canary is nowhere."""
    me: dict[str, Any] = body["data"]["me"]
    assert {name: me[name] for name in HONEST} == HONEST
    assert list(me) == ["id", "name", "age", "score", "ratio", "note", "more", "tags", "rank", "badge"]
    assert CANARY not in json.dumps(body)
    return me


SEVEN = frozenset({"dunder names", "other people's fields", "a wrong type name", "a key twice"})
FITS = SEVEN | {
    "a type name that is none",
    "a truth for a number",
    "a fraction of many digits",
    "a nul",
    "a paragraph separator",
    "dunder names in any JSON",
    "null",
}
"""What is an answer by the department's own schema, whatever stands beside it."""


@pytest.mark.parametrize("name", ROWS)
async def test_a_row_of_the_table_harms_nobody(
    name: str, client: tuple[str, httpx2.AsyncClient], hostile: Department
) -> None:
    """What fits its own schema is taken, what does not is a coded error of its field, all else is dropped."""
    kind, http = client
    row = ROWS[name]
    body = row if kind == "rest" else f'{{"data": {{"_entities": [{row}]}}}}'
    hostile.answer = lambda _heard: Said(body.encode("utf-8", "surrogatepass"))
    answered = await thrice(http)
    me = _row_of(answered)
    fits = name in FITS or (kind == "rest" and name == "nothing")
    assert bool(answered.get("errors")) is not fits, answered
    if name in SEVEN:
        assert me["score"] == 7


@pytest.mark.parametrize("client", ["graphql"], indirect=True, scope="module")
@pytest.mark.parametrize("name", GRAPHQL_BODIES)
async def test_a_body_of_the_table_harms_nobody(
    name: str, client: tuple[str, httpx2.AsyncClient], hostile: Department
) -> None:
    """Lies about rows, errors, paths and extensions."""
    _kind, http = client
    hostile.answer = lambda _heard: Said(GRAPHQL_BODIES[name].encode())
    answered = await thrice(http)
    _row_of(answered)
    assert "explain" not in answered.get("extensions", {})


@pytest.mark.usefixtures("honest_again")
async def test_any_name_can_be_an_alias(
    client: tuple[str, httpx2.AsyncClient], people: Department, hostile: Department
) -> None:
    """A name that means something to a language, or to ourselves, means nothing here."""
    kind, http = client
    row = {"score": 7, "note": "a", "ratio": 0.5, "tags": ["b"], "badge": {"text": "c"}, "rank": "LOW"}
    people.answer = executing(PEOPLE.removeprefix(FEDERATION), me=HONEST)
    root = "scalar _Any type Query { _entities(representations: [_Any!]!): [Person] }"
    hostile.answer = executing(root + SCORES.removeprefix(FEDERATION), _entities=[row])
    if kind == "rest":
        hostile.answer = lambda _heard: Said(json.dumps(row).encode())
    query = """{ __proto__: me { constructor: id __class__: name __init__: score _0: note toString: ratio
      _entities: tags _service: badge { __proto__: text __dict__: text } data: rank errors: age } }"""
    expected = {
        "constructor": "1", "__class__": "Anna", "__init__": 7, "_0": "a", "toString": 0.5, "_entities": ["b"],
        "_service": {"__proto__": "c", "__dict__": "c"}, "data": "LOW", "errors": 40,
    }  # fmt: skip
    answers = [(await http.post("/graphql", json={"query": query})).json() for _ in range(3)]
    assert answers == [{"data": {"__proto__": expected}}] * 3


def executing(sdl: str, **root: Any) -> Callable[[Heard], Said]:
    """A department that answers as asked, aliases included."""
    schema = build_schema(sdl, assume_valid_sdl=True)

    def answer(heard: Heard) -> Said:
        asked = json.loads(heard.body)
        result = graphql_sync(schema, asked["query"], root, variable_values=asked.get("variables"))
        return Said(json.dumps(result.formatted).encode())

    return answer


@pytest.fixture
def honest_again(people: Department) -> Iterator[None]:
    """The module's honest department is put back as it was."""
    before = people.answer
    yield
    people.answer = before

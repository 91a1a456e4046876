"""Record a department that has real people, and replay the file in its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mocks.mocking import ROOT, Mock, refused

SECRET = {"JIYI_MOCK_SECRET": "a secret of the tests, long enough"}
SDL = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { person(idNumber: String!): Person }
"Somebody, for example 110102199003150026."
type Person @key(fields: "idNumber") { idNumber: String! name: String! phone: String! }
"""
ID_NUMBERS = ("110102199003150026", "110102198605200014", "110102195809090044")
BY_NUMBER = "query ($id: String!) { person(idNumber: $id) { idNumber name phone } }"
ENTITIES = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Person { name } } }"


def representations(*numbers: str) -> list[dict[str, str]]:
    return [{"__typename": "Person", "idNumber": number} for number in numbers]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of five requests of a subgraph."""
    folder = tmp_path_factory.mktemp("recording")
    (folder / "people.graphql").write_text(SDL)
    people = Mock(folder, "--sdl", "people.graphql")
    recorder = Mock(folder, "record", "--target", people.url, "--out", "people.jsonl", environment=SECRET)
    direct = people.graphql(BY_NUMBER, id=ID_NUMBERS[0])
    assert recorder.graphql(BY_NUMBER, id=ID_NUMBERS[0]) == direct
    recorder.graphql("{ _service { sdl } }")
    recorder.graphql(ENTITIES, r=representations(*ID_NUMBERS[:2]))
    recorder.graphql(ENTITIES, r=representations(ID_NUMBERS[2]))
    recorder.get(f"/nowhere/{ID_NUMBERS[0]}")
    assert recorder.get("/__recording").json == {"written": 5, "leftOut": []}
    recorder.kill()
    people.kill()
    return folder


@pytest.fixture(scope="module")
def replay(folder: Path) -> Iterator[Mock]:
    replay = Mock(folder, "replay", "people.jsonl", environment=SECRET)
    yield replay
    replay.kill()


def test_no_person_is_in_the_file(folder: Path) -> None:
    """Nor in the path, the variables, the answers; the SDL is kept as it is."""
    lines = [json.loads(line) for line in (folder / "people.jsonl").read_text().splitlines()]
    text = json.dumps([line for line in lines if "_service" not in json.dumps(line)], ensure_ascii=False)
    for real in (*ID_NUMBERS, "易办成", "19900000001"):
        assert real not in text
    assert any(line.get("body") == {"data": {"_service": {"sdl": SDL}}} for line in lines)


def test_it_answers_as_was_recorded(folder: Path, replay: Mock) -> None:
    """With the recorded values, and with the key to real ones too; layout of the operation does not count."""
    recorded = next(
        line
        for line in map(json.loads, (folder / "people.jsonl").read_text().splitlines())
        if "person" in str(line)
    )
    variables = recorded["asked"]["body"]["variables"]
    answer = replay.graphql(BY_NUMBER.replace(" ", "\n  "), **variables)
    assert answer == recorded["body"]
    assert replay.graphql(BY_NUMBER, id=ID_NUMBERS[0]) == answer
    assert replay.get(f"/nowhere/{ID_NUMBERS[0]}").status == 404


def test_entities_are_found_in_whatever_company_they_were_recorded(replay: Mock) -> None:
    """A hub asks for them in batches of its own."""
    answer = replay.graphql(ENTITIES, r=representations(ID_NUMBERS[2], ID_NUMBERS[0]))
    assert len({each["name"] for each in answer["data"]["_entities"]}) == 2


def test_what_was_not_recorded_says_so_and_names_the_nearest(replay: Mock) -> None:
    """As an error of GraphQL, as a problem otherwise; and they can be asked for at the end of a test."""
    body: Any = replay.graphql("query ($id: String!) { person(idNumber: $id) { name } }", id="x")
    assert body["data"] is None
    extensions = body["errors"][0]["extensions"]
    assert extensions["code"] == "NOT_RECORDED"
    assert "person(idNumber: $id)" in extensions["nearest"][0]
    problem = replay.get("/nowhere/else")
    assert problem.status == 404
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json["code"] == "NOT_RECORDED"
    assert problem.json["nearest"][0].startswith("GET /nowhere/")
    assert len(replay.get("/__misses").json) == 2


def test_without_a_key_of_ones_own_nobody_has_it(folder: Path) -> None:
    """Two recordings of one person then do not agree; with a short key it does not begin."""
    people = Mock(folder, "--sdl", "people.graphql")
    for name in ("one.jsonl", "two.jsonl"):
        recorder = Mock(folder, "record", "--target", people.url, "--out", name)
        recorder.graphql(BY_NUMBER, id=ID_NUMBERS[0])
        recorder.kill()
    people.kill()
    one, two = ((folder / name).read_text().splitlines()[1] for name in ("one.jsonl", "two.jsonl"))
    assert json.loads(one)["asked"]["body"]["variables"] != json.loads(two)["asked"]["body"]["variables"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("record", "--target", "ftp://x", "--out", "new.jsonl"), "no http or https address"),
        (("record", "--target", "http://127.0.0.1:1", "--out", "people.jsonl"), "Choose another --out"),
        (("replay", "people.graphql"), "is no recording"),
    ],
)
def test_it_says_why_it_does_not_start(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    """One line, and exit code 2. A recording is never written over."""
    code, said = refused(folder, *arguments)
    assert code == 2
    assert told in said


def test_a_department_that_is_down_is_told_and_not_recorded(tmp_path: Path) -> None:
    """502, and nothing in the file that would be replayed."""
    recorder = Mock(tmp_path, "record", "--target", "http://127.0.0.1:1", "--out", "x.jsonl")
    answer = recorder.get("/a")
    assert (answer.status, answer.json["error"]["code"]) == (502, "TARGET_UNREACHABLE")
    recorder.kill()
    assert len((tmp_path / "x.jsonl").read_text().splitlines()) == 1


def test_rest_departments_are_recorded_too(tmp_path: Path) -> None:
    """The demo's transport department, by the requests that a hub makes of it."""
    sdl = ROOT / "mocks" / "connectors" / "transport.graphql"
    transport = Mock(tmp_path, "--sdl", str(sdl))
    recorder = Mock(tmp_path, "record", "--target", transport.url, "--out", "t.jsonl", environment=SECRET)
    real = recorder.post("/licences/search", {"holder": ID_NUMBERS[0]}).json
    recorder.kill()
    transport.kill()
    assert ID_NUMBERS[0] not in (tmp_path / "t.jsonl").read_text()
    replay = Mock(tmp_path, "replay", "t.jsonl", environment=SECRET)
    told = replay.post("/licences/search", {"holder": ID_NUMBERS[0]}).json
    replay.kill()
    assert [each["no"] for each in told["results"]] == [each["no"] for each in real["results"]]
    assert told["results"][0]["owner"]["idNumber"] != ID_NUMBERS[0]


def test_a_request_is_passed_on_as_it_was_sent(tmp_path: Path) -> None:
    """A slash within a value, a percent sign: what is another address to the department is another recording."""
    (tmp_path / "things.graphql").write_text(
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])'
        '@link(url: "https://specs.apollo.dev/connect/v0.3", import: ["@connect"])\n'
        'type Query { thing(id: ID!): Thing @connect(http: { GET: "http://x.example/things/{$args.id}" },'
        ' selection: "id name") } type Thing @key(fields: "id") { id: ID! name: String! }'
    )
    things = Mock(tmp_path, "--sdl", "things.graphql")
    recorder = Mock(tmp_path, "record", "--target", things.url, "--out", "things.jsonl")
    paths = {"/things/a%2Fb": "a/b", "/things/100%2525": "100%25", "/things/c": "c"}
    assert {path: recorder.get(path).json["id"] for path in paths} == paths
    recorder.kill()
    things.kill()
    replay = Mock(tmp_path, "replay", "things.jsonl")
    assert {path: replay.get(path).json["id"] for path in paths} == paths
    assert replay.get("/things/a/b").status == 404
    replay.kill()

"""Faults on the wire, as a client meets them: by header, at the door, by a scenario."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mocks.faults.delays import read_delay
from mocks.faults.fault import ANSWERS
from mocks.faults.scenario import read_scenario
from mocks.structured import UnreadableFile
from tests.mocks.mocking import Mock, refused

SDL = """
type Query { people(limit: Int): [Person!]! }
type Person @key(fields: "id") { id: ID! name: String age: Int! }
"""
QUERY = json.dumps({"query": "{ people(limit: 8) { id name age } }"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults")
    (folder / "people.graphql").write_text(SDL)
    return folder


@pytest.fixture(scope="module")
def mock(folder: Path) -> Iterator[Mock]:
    mock = Mock(folder, "--sdl", "people.graphql")
    yield mock
    mock.kill()


def sent(mock: Mock, fault: str = "", timeout: float = 5) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", mock.port, timeout=timeout)
    headers = {"Content-Type": "application/json"} | ({"Jiyi-Fault": fault} if fault else {})
    connection.request("POST", "/graphql", QUERY, headers)
    return connection.getresponse()


def test_a_header_asks_for_an_answer_that_cannot_be_used(mock: Mock) -> None:
    """One request only; the next is answered well."""
    html = sent(mock, "html")
    assert (html.status, html.getheader("content-type")) == (200, "text/html; charset=utf-8")
    assert b"<html>" in html.read()
    assert sent(mock, "garbage").read() == b"<<< not JSON"
    plain = sent(mock, "wrong-content-type")
    assert plain.getheader("content-type") == "text/plain"
    assert len(json.loads(plain.read())["data"]["people"]) == 8
    assert sent(mock, "status=503").status == 503
    assert len(json.loads(sent(mock).read())["data"]["people"]) == 8


def test_a_gzip_stream_breaks_off(mock: Mock) -> None:
    """Its length is right, so that only who unpacks it sees it."""
    answer = sent(mock, "truncated-gzip")
    assert answer.getheader("content-encoding") == "gzip"
    with pytest.raises(EOFError):
        gzip.decompress(answer.read())


def test_values_come_in_other_types(mock: Mock) -> None:
    """Valid JSON in the right shape, with values that nobody declared."""
    people = json.loads(sent(mock, "wrong-types").read())["data"]["people"]
    wrong = [each for each in people if not isinstance(each["age"], int) or not isinstance(each["id"], str)]
    assert len(people) == 8
    assert wrong or any(not isinstance(each["name"], str | None) for each in people)


def test_some_fields_fail_as_a_graphql_server_has_them_fail(mock: Mock) -> None:
    """Null where that may be, with an error and its path; above it where it may not."""
    asked = json.dumps({"answer": "partial", "fields": ["Person.name"]})
    body = json.loads(sent(mock, asked).read())
    assert {each["name"] for each in body["data"]["people"]} == {None}
    assert body["errors"][0]["path"] == ["people", 0, "name"]
    assert body["errors"][0]["extensions"] == {"code": "FAULT_ON_DEMAND"}
    body = json.loads(sent(mock, json.dumps({"answer": "partial", "fields": ["Person.age"]})).read())
    assert body["data"] is None


def test_nothing_comes_or_only_half(mock: Mock) -> None:
    """Before the head, within the body, byte by byte."""
    with pytest.raises(TimeoutError):
        sent(mock, "hang", timeout=0.3)
    half = sent(mock, "hang-body", timeout=0.3)
    assert half.status == 200
    with pytest.raises(TimeoutError):
        half.read()
    began = time.monotonic()
    assert len(json.loads(sent(mock, '{"answer": "drip", "dripMs": 1}').read())["data"]["people"]) == 8
    assert time.monotonic() - began > 0.2


def test_a_connection_is_closed_or_reset(mock: Mock) -> None:
    """An orderly end without an answer, and a reset."""
    with pytest.raises(http.client.RemoteDisconnected):
        sent(mock, "drop")
    with pytest.raises(ConnectionResetError) as caught:
        sent(mock, "reset")
    assert not isinstance(caught.value, http.client.RemoteDisconnected)


def test_a_body_is_as_large_as_one_likes(mock: Mock) -> None:
    """Nobody holds it in memory: it is made while it is sent."""
    answer = sent(mock, '{"answer": "huge-body", "hugeBytes": 3000000}')
    assert len(answer.read()) == 3_000_000
    endless = sent(mock, "huge-body")
    assert len(endless.read(1_000_000)) == 1_000_000
    endless.close()
    assert mock.get("/healthz").status == 200


def test_what_is_no_fault_is_refused_at_every_door(mock: Mock, folder: Path) -> None:
    """Also a list where a word is meant: it is told what there is, not that the server broke."""
    mistakes: list[dict[str, Any]] = [
        {"answer": ["drop"]},
        {"delayMs": {"distribution": ["uniform"]}},
        {"delayMs": {}},
    ]
    for wrong in mistakes:
        assert mock.post("/__faults", wrong).status == 400
        assert sent(mock, json.dumps(wrong)).status == 400
        (folder / "wrong.json").write_text(json.dumps({"steps": [{"fault": wrong}]}))
        code, said = refused(folder, "--sdl", "people.graphql", "--scenario", "wrong.json")
        assert (code, said.startswith("UNUSABLE_FILE:")) == (2, True)
    (folder / "absent.yaml").write_text("absent: [p-1]")
    code, said = refused(folder, "--sdl", "people.graphql", "--data", "absent.yaml")
    assert (code, said.startswith("UNUSABLE_FILE:")) == (2, True)


def test_a_header_hits_the_path_that_it_names_and_takes_the_mock_away(mock: Mock) -> None:
    """As the same fault at the door does."""
    assert sent(mock, '{"status": 503, "path": "/elsewhere"}').status == 200
    assert sent(mock, '{"status": 503, "path": "/graphql"}').status == 503
    assert sent(mock, "offlineSeconds=1").status == 200
    time.sleep(0.3)
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", mock.port), timeout=1):
        pass
    time.sleep(1.2)
    assert sent(mock).status == 200


def test_a_step_of_a_scenario_hits_as_often_as_it_says(folder: Path) -> None:
    """``times`` is counted there too."""
    (folder / "twice.yaml").write_text("steps: [{fault: {status: 503, times: 2}}]")
    mock = Mock(folder, "--sdl", "people.graphql", "--scenario", "twice.yaml")
    try:
        assert [sent(mock).status for _ in range(4)] == [503, 503, 200, 200]
    finally:
        mock.kill()


def test_it_is_gone_for_a_time(mock: Mock) -> None:
    """Connections are refused, then all is as before, the door for faults too."""
    mock.fault(offlineSeconds=0.6)
    time.sleep(0.3)
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", mock.port), timeout=1):
        pass
    time.sleep(0.6)
    assert sent(mock).status == 200
    assert mock.get("/__faults").json["offlineSeconds"] == 0


def test_a_share_of_the_requests_fails_and_it_flaps(mock: Mock) -> None:
    """About the rate that was asked for; by the clock while it flaps."""
    mock.fault(status=500, rate=0.5)
    failed = sum(sent(mock).status == 500 for _ in range(60))
    assert 12 <= failed <= 48
    mock.fault(status=503, upSeconds=0.4, downSeconds=0.4)
    assert sent(mock).status == 200
    time.sleep(0.5)
    assert sent(mock).status == 503
    time.sleep(0.4)
    assert sent(mock).status == 200
    mock.ask("DELETE", "/__faults")


def test_a_scenario_plays_by_itself(folder: Path) -> None:
    """Two good requests, three bad ones, and again from the beginning."""
    (folder / "scenario.toml").write_text(
        "repeat = true\n[[steps]]\nrequests = 2\n[[steps]]\nrequests = 3\nfault = {status = 502}\n"
    )
    mock = Mock(folder, "--sdl", "people.graphql", "--scenario", "scenario.toml")
    statuses = []
    for _ in range(10):
        statuses.append(sent(mock).status)
        time.sleep(0.02)
    assert statuses == [200, 200, 502, 502, 502, 200, 200, 502, 502, 502]
    mock.kill()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("steps: []", '"steps", a list'),
        ("steps: [{fault: {status: 503}}, {seconds: 1}]", "step 1 never ends"),
        ("steps: [{seconds: 1, fault: {statuss: 503}}]", 'step 1: No fault "statuss"'),
        ("steps: [{seconds: 1, requests: 2}]", "not for both"),
        ("steps: [{fault: {delayMs: {distribution: pareto}}}]", '"pareto" has exactly scale, shape'),
    ],
)
def test_a_wrong_scenario_is_refused_with_its_step(tmp_path: Path, text: str, told: str) -> None:
    """A day that never becomes bad would prove nothing."""
    file = tmp_path / "wrong.yaml"
    file.write_text(text)
    with pytest.raises(UnreadableFile) as caught:
        read_scenario(file)
    assert told in str(caught.value)


def test_with_a_wrong_scenario_nothing_is_served(folder: Path) -> None:
    """One line, and exit code 2."""
    (folder / "wrong.yaml").write_text("steps: []")
    code, said = refused(folder, "--sdl", "people.graphql", "--scenario", "wrong.yaml")
    assert code == 2
    assert said.startswith("UNUSABLE_FILE: ")


def test_a_wrong_header_is_told(mock: Mock) -> None:
    """A test that asks for a fault and gets none would prove nothing."""
    answer = sent(mock, "slowly")
    body = json.loads(answer.read())
    assert (answer.status, body["error"]["code"]) == (400, "WRONG_FAULT")
    assert all(word in body["error"]["message"] for word in ANSWERS)


@pytest.mark.parametrize(
    ("delay", "low", "middle", "high"),
    [
        (20, 0.02, 0.02, 0.02),
        ({"distribution": "uniform", "low": 10, "high": 30}, 0.01, 0.02, 0.03),
        ({"distribution": "normal", "mean": 50, "deviation": 10}, 0.0, 0.05, 0.12),
        ({"distribution": "pareto", "scale": 10, "shape": 2, "max": 500}, 0.01, 0.0141, 0.5),
    ],
)
def test_delays_follow_their_distribution(delay: object, low: float, middle: float, high: float) -> None:
    """Least, median and longest of a thousand."""
    random = Random(1)
    drawn = sorted(read_delay(delay).seconds(random) for _ in range(1000))
    assert low <= drawn[0]
    assert drawn[500] == pytest.approx(middle, rel=0.1)
    assert drawn[-1] <= high

"""Connector schemas with recorded exchanges: the requests that the convention makes of them, and the answers.

One case is one schema over any version of the convention; all of them run without a network. Source: the public
Apollo Connectors convention, https://specs.apollo.dev/connect.
"""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from connectors.connector import FetchRequest, RequestContext
from connectors.http_client import HttpClient
from connectors.http_message import HttpAnswer, HttpRequest
from connectors.rest import RestConnector
from schema.mapping import check_connectors
from tests.connectors.rest_service import HEAD

FOLDER = Path(__file__).parent / "exchanges"
FEDERATION = '"@key", "@external", "@requires", "@interfaceObject"'
SOURCE = 'http: { baseURL: "http://api" }'
CASES = [case for file in sorted(FOLDER.glob("*.toml")) for case in tomllib.loads(file.read_text())["case"]]


class Recorded:
    """Answers what was recorded for the end of the address, or for any; notes each request as one line.

    ``when`` is what stands anywhere in that line."""

    def __init__(self, answers: list[dict[str, Any]]) -> None:
        self.asked: list[str] = []
        self.headers: dict[str, str] = {}
        self._answers = answers

    async def send(self, request: HttpRequest, _: timedelta) -> HttpAnswer:
        body = (request.body or b"").decode()
        self.asked.append(f"{request.method} {request.url}{' ' * bool(body)}{body}")
        self.headers |= {name.lower(): value for name, value in request.headers.items()}
        line = self.asked[-1]
        fitting = [
            each
            for each in self._answers
            if request.url.endswith(each.get("to", "")) and each.get("when", "") in line
        ]
        answer = max(fitting, key=lambda each: len(each.get("to", "") + each.get("when", "")))
        kind = answer.get("type", "application/json")
        headers = {"content-type": kind} if kind else {}
        if "etag" in answer:
            headers["etag"] = answer["etag"]
        return HttpAnswer(answer.get("status", 200), headers, answer.get("json", answer.get("text", "")).encode())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
async def test_a_schema_asks_and_answers_as_recorded(case: dict[str, Any]) -> None:
    """Found right at registration; then its requests, whatever their order, its data and its errors."""
    head = HEAD.replace("VERSION", case.get("version", "v0.1")).replace(
        '"@key", "@external", "@requires"', FEDERATION
    )
    sdl = f'{head}  @source(name: "api", {case.get("source", SOURCE)})\n{case["sdl"]}'
    if case.get("sdl_is_checked", True):
        assert check_connectors("test", sdl) == ()
    service = Recorded(case["answers"])
    config = json.loads(case.get("config", "{}"))
    connector = RestConnector("test", sdl, cast("HttpClient", service), config=config)
    variables = {"representations": json.loads(case["representations"])} if "representations" in case else {}
    answer = await connector.fetch(
        FetchRequest(
            case["query"],
            variables,
            kind="mutation" if case["query"].startswith("mutation") else "query",
            timeout=timedelta(seconds=5),
            context=RequestContext(traceparent=case.get("traceparent")),
        )
    )
    assert sorted(service.asked) == sorted(case["asks"])
    assert case.get("headers", {}).items() <= service.headers.items()
    assert answer.data == json.loads(case["data"])
    errors = {str(error["path"][0]): error for error in answer.errors}
    assert [f"{error['extensions']['code']} {name}" for name, error in errors.items()] == case.get("errors", [])
    for name, told in json.loads(case.get("told", "{}")).items():
        assert {key: errors[name][key] for key in told} == told


def test_there_are_cases_of_each_version() -> None:
    """None is lost by a file that is not found."""
    assert {case.get("version", "v0.1") for case in CASES} == {"v0.1", "v0.2", "v0.3", "v0.4"}

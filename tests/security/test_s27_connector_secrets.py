"""S27: a connector's secret reaches its department and nothing else: no answer, error, schema, log or row.

One hub at debug level; each kind that the hub reaches itself has a canary in every place where a secret may stand,
and a department that quotes what it was sent wherever it can.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import run_process
from tests.security.listening_department import Department, Heard, Said, listening
from tests.security.secret_hub import CONNECT, KEY, SecretHub, secret_hub

pytestmark = pytest.mark.whole

HEADER, PATH, QUERY, BODY, TOKEN = (f"canary-{word}-0123456789/%2B" for word in ("h", "p", "q", "b", "t"))
CANARIES = (HEADER, PATH, QUERY, BODY, TOKEN, KEY)
WITHIN_SECONDS = 2.0
PATIENCE_SECONDS = 10.0
REST = f"""{CONNECT}
  @source(name: "s", http: {{
    baseURL: "https://parks.example", headers: [{{ name: "X-Key", value: "{{$env.HEADER}}" }}] }})
type Organisation @key(fields: "code")
  @connect(source: "s"
    http: {{ POST: "/o/{{$this.code}}/{{$env.PATH}}?q={{$env.QUERY}}", body: "key: $env.BODY" }}
    selection: "code motto", errors: {{ message: "$.message", extensions: "quoted" }}) {{
  code: ID! motto: String }}
"""
GRAPHQL = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Organisation @key(fields: "code") { code: ID! slogan: String }
"""
MOTTOS = "{ organisations { code motto } }"
SLOGANS = "{ organisations { code slogan } }"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecretHub]:
    with secret_hub(tmp_path_factory.mktemp("secrets"), JIYI_ALLOW_PRIVATE_ADDRESSES="true") as hub:
        yield hub


def quoting(heard: Heard) -> Said:
    """What the worst department answers: an error that quotes the whole request."""
    told: dict[str, Any] = {"message": f"refused: {heard}", "quoted": {"request": str(heard)}}
    if heard.target.startswith("/graphql"):
        told = {"data": None, "errors": [{"message": str(heard), "extensions": {"debug": str(heard)}}]}
    return Said(json.dumps(told).encode(), 200 if "errors" in told else 400, (("X-Debug", HEADER),))


def until(is_so: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    ends = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < ends, "not in time"
        time.sleep(0.05)
    return found


def codes(answer: Any) -> set[str]:
    return {error["extensions"]["code"] for error in answer.get("errors", ())}


@pytest.fixture(scope="module")
def parks(hub: SecretHub) -> Iterator[tuple[Department, str]]:
    """A rest department whose connector names a secret in each place; none is set yet."""
    with listening(quoting) as department:
        token = hub.department("parks")
        made = hub.publish(token, name="parks", department="parks", kind="rest", sdl=REST, url=department.url)
        assert made["ok"], made
        yield department, token


def test_secrets_arrive_where_the_mapping_sends_them_and_nowhere_else(
    hub: SecretHub, parks: tuple[Department, str]
) -> None:
    """Before they are set the connector says so; once they are, it is asked, and what it quotes is taken out."""
    department, token = parks
    until(lambda: codes(hub.ask(MOTTOS)) == {"CONNECTOR_SECRET_MISSING"})
    assert {(heard.method, heard.target) for heard in department.heard} <= {("GET", "/")}  # is it there at all
    department.heard.clear()
    for name, value in (("HEADER", HEADER), ("PATH", PATH), ("QUERY", QUERY), ("BODY", BODY)):
        assert hub.set(token, "parks", name, value)["data"]["setConnectorSecret"]["name"] == name
    until(lambda: hub.ask(MOTTOS) and department.heard)
    sent = department.heard[-1]
    assert sent.header("X-Key") == [HEADER]
    assert sent.target.endswith("/canary-p-0123456789%2F%252B?q=canary-q-0123456789%2F%252B")
    assert json.loads(sent.body) == {"key": BODY}
    answer = hub.ask(MOTTOS)
    assert codes(answer) == {"CONNECTOR_FETCH"}
    assert "***" in json.dumps(answer)


def test_a_graphql_connector_sends_its_header_and_its_errors_quote_nothing(hub: SecretHub) -> None:
    """The SDL is read with the credential too."""

    def answer(heard: Heard) -> Said:
        if heard.header("Authorization") != [f"Bearer {TOKEN}"]:
            return Said(b'{"errors": [{"message": "who are you?"}]}', 401)
        if b"_service" in heard.body:
            return Said(json.dumps({"data": {"_service": {"sdl": GRAPHQL}}}).encode())
        return quoting(heard)

    with listening(answer) as department:
        token = hub.department("choirs")
        given = {"name": "choirs", "department": "choirs", "kind": "graphql", "url": f"{department.url}/graphql"}
        plain = hub.publish(token, **given, headers={"Authorization": f"Bearer {TOKEN}"})
        assert [each["code"] for each in plain["errors"]] == ["INVALID_CONNECTOR_CONFIGURATION"]
        headers = {"Authorization": "Bearer {$env.TOKEN}"}
        missing = hub.publish(token, **given, headers=headers)
        assert [each["code"] for each in missing["errors"]] == ["CONNECTOR_SECRET_MISSING"]
        hub.heard.clear()
        hub.set(token, "choirs", "TOKEN", TOKEN)
        made = hub.publish(token, **given, headers=headers)
        assert made["ok"], made
        until(lambda: codes(hub.ask(SLOGANS)) == {"DEPARTMENT_ERROR"})


def test_a_changed_secret_is_in_force_within_two_seconds_and_no_request_fails(hub: SecretHub) -> None:
    """Credentials are exchanged while people are asking; those under way end with what they began with."""
    with listening(lambda _heard: Said(b'{"code": "x", "motto": "well"}')) as department:
        token = hub.department("rowing")
        sdl = (
            REST.replace("motto", "oars")
            .replace("$env.HEADER", "$env.TURN")
            .replace("/{$env.PATH}?q={$env.QUERY}", "")
        )
        sdl = sdl.replace("$env.BODY", "$this.code")
        department.answer = lambda _heard: Said(b'{"code": "x", "oars": "two"}')
        hub.set(token, "rowing", "TURN", "first-turn")
        made = hub.publish(token, name="rowing", department="rowing", kind="rest", sdl=sdl, url=department.url)
        assert made["ok"], made
        until(lambda: "errors" not in hub.ask("{ organisations { oars } }"))
        hub.set(token, "rowing", "TURN", "second-turn")
        changed_at, ends = time.monotonic(), time.monotonic() + WITHIN_SECONDS
        while department.heard[-1].header("X-Key") != ["second-turn"]:
            assert "errors" not in hub.ask("{ organisations { oars } }")
            assert time.monotonic() < ends
        assert time.monotonic() - changed_at < WITHIN_SECONDS


def test_a_request_under_way_finishes_with_the_secret_that_it_began_with(hub: SecretHub) -> None:
    """Also where the connector has connections of its own, which are closed with it: after the last request."""
    sdl = (
        REST.replace("motto", "bells")
        .replace("/{$env.PATH}?q={$env.QUERY}", "")
        .replace("$env.BODY", "$this.code")
    )
    asked = "{ organisations { bells } }"
    with (
        listening(lambda _heard: Said(b'{"code": "x", "bells": "two"}')) as department,
        ThreadPoolExecutor(1) as pool,
    ):
        token = hub.department("towers")
        host = f'department: "towers", host: "127.0.0.1:{department.port}", reason: "x"'
        allow = f"mutation {{ allowHost({host}) {{ host }} }}"
        assert "errors" not in hub.ask(allow, token=hub.operator())
        hub.set(token, "towers", "HEADER", "first-turn")
        made = hub.publish(token, name="towers", department="towers", kind="rest", sdl=sdl, url=department.url)
        assert made["ok"], made
        until(lambda: "errors" not in hub.ask(asked))
        answer, slow = department.answer, threading.Event()

        def slowly(heard: Heard) -> Said:
            slow.set()
            time.sleep(2)
            return answer(heard)

        department.answer, before = slowly, len(department.heard)
        waiting = pool.submit(hub.ask, asked)
        slow.wait(10)
        department.answer = answer
        hub.set(token, "towers", "HEADER", "second-turn")
        until(lambda: hub.ask(asked) and department.heard[-1].header("X-Key") == ["second-turn"])
        assert "errors" not in waiting.result(20)
        assert department.heard[before].header("X-Key") == ["first-turn"]


def test_a_mapping_that_would_read_a_secret_back_is_refused(hub: SecretHub) -> None:
    """In what a field is, in an error's words, in its extensions, and in the rule of success."""
    token = hub.department("mirrors")
    for spoilt in (
        REST.replace('selection: "code motto"', 'selection: "code motto: $env.HEADER"'),
        REST.replace('selection: "code motto"', 'selection: "code motto: code->match([@, $env.HEADER])"'),
        REST.replace('message: "$.message"', 'message: "$env.HEADER"'),
        REST.replace('extensions: "quoted"', 'extensions: "all: $env->jsonStringify"'),
        REST.replace("errors: {", 'isSuccess: "$env.HEADER->eq(message)" errors: {'),
    ):
        made = hub.publish(
            token, name="mirrors", department="mirrors", kind="rest", sdl=spoilt, url="https://mirrors.example"
        )
        assert "SECRET_IN_ANSWER" in {each["code"] for each in made["errors"]}, spoilt


def test_who_may_not_manage_a_connector_learns_nothing_of_its_secrets(
    hub: SecretHub, parks: tuple[Department, str]
) -> None:
    """Neither another department, nor anybody without a name; a department sees names, never values."""
    other = hub.department("strangers")
    listed = '{ connectorSecrets(name: "parks") { name changedAt changedBy } }'
    assert codes(hub.ask(listed, token=other)) == {"FORBIDDEN"}
    assert codes(hub.ask(listed)) == {"UNAUTHENTICATED"}
    assert codes(hub.set(other, "parks", "HEADER", "mine")) == {"FORBIDDEN"}
    assert codes(hub.set(other, "parks", "HEADER", "mine", "parks")) == {"FORBIDDEN"}
    remove = 'mutation { removeConnectorSecret(name: "parks", secret: "HEADER") }'
    assert codes(hub.ask(remove, token=other)) == {"FORBIDDEN"}
    seen = hub.ask(listed, token=parks[1])["data"]["connectorSecrets"]
    assert {each["name"] for each in seen} == {"BODY", "HEADER", "PATH", "QUERY"}
    assert hub.ask(listed, token=hub.operator())["data"]["connectorSecrets"] == seen


@pytest.mark.parametrize("value", ["", "two\nlines", "nul\0", "汉字", "x" * 20_000])
def test_a_refused_secret_is_not_quoted(hub: SecretHub, parks: tuple[Department, str], value: str) -> None:
    """The error says what a secret may be."""
    answer = hub.set(parks[1], "parks", "HEADER", value)
    assert codes(answer) == {"BAD_USER_INPUT"}
    assert not value or value not in json.dumps(answer, ensure_ascii=False)


def test_no_canary_is_in_any_answer_log_row_schema_or_setting(
    hub: SecretHub, parks: tuple[Department, str], tmp_path: Path
) -> None:
    """After all of the above: everything that this hub has said and kept."""
    everything = "{ connectors { name sdl url headers config lastError waitingFor state version } }"
    hub.ask(everything, token=hub.operator())
    hub.ask("{ __schema { types { name description fields { name description } } } }")
    kept = sqlite3.connect(hub.directory / "hub.db")
    rows = "\n".join(kept.iterdump())
    kept.close()
    written = b"".join(file.read_bytes() for file in sorted(hub.directory.glob("hub.db*")))
    settings = run_process("settings", "--json", JIYI_SECRET_KEY=KEY, HOME=str(tmp_path))
    log = hub.log.read_text("utf-8")
    assert '"secret": "HEADER"' in log
    for canary in CANARIES:
        for place in ("\n".join(hub.heard), log, rows, settings.out + settings.err):
            assert canary not in place
            assert json.dumps(canary) not in place
        assert canary.encode() not in written
    assert '"crv"' not in rows
    assert '\\"d\\"' not in rows

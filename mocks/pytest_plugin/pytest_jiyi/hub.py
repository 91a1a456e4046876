"""A hub over mock departments: the engine alone, or a real one with its registry."""

from __future__ import annotations

import base64
import json
import re
import secrets
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytest_jiyi.client import GraphClient
from pytest_jiyi.department import MockDepartment
from pytest_jiyi.process import JiyiProcess, free_port
from pytest_jiyi.sign_in import sign_in

_OPERATOR = "operator-cli"
_REPORT = "ok errors { code message } hints { code message } changes { kind criticality path description }"
_PUBLISH = f"mutation ($input: ConnectorInput!) {{ publishConnector(input: $input) {{ {_REPORT} }} }}"
_CHECK = f"mutation ($input: ConnectorInput!) {{ checkConnector(input: $input) {{ {_REPORT} }} }}"
_ENROL = "mutation ($name: String!) { enrolDepartment(department: $name) { clientId clientSecret } }"


class Hub:
    """``jiyi gateway`` over departments: every field is public."""

    def __init__(self, process: JiyiProcess) -> None:
        self._process = process

    @property
    def url(self) -> str:
        return self._process.url

    @property
    def graphql_url(self) -> str:
        return f"{self.url}/graphql"

    def stop(self) -> None:
        self._process.stop()


def start_gateway(
    command: str,
    folder: Path,
    departments: Sequence[MockDepartment],
    timeout: float,
    forward_headers: Sequence[str],
    flags: Sequence[str],
) -> Hub:
    """Serve the departments' graph on a free port. Raises ``ProcessFailed`` where it does not compose."""
    listed = [{"name": each.name, "url": each.endpoint, "sdl": _sdl_for_gateway(each)} for each in departments]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "subgraphs.json").write_text(json.dumps(listed), encoding="utf-8")
    forwarded = [flag for name in forward_headers for flag in ("--forward-header", name)]
    arguments = ["gateway", "--subgraphs", "subgraphs.json", "--port", "0"]
    arguments += ["--subgraph-timeout", str(timeout), *forwarded, *flags]
    return Hub(JiyiProcess(command, arguments, folder))


def _sdl_for_gateway(department: MockDepartment) -> str:
    """The gateway calls a mapped system at the address of its source: here that is the mock."""
    if not department.is_rest:
        return department.sdl
    return re.sub(r'(baseURL:\s*")[^"]*(")', rf"\g<1>{department.url}\g<2>", department.sdl)


class RegistryHub(Hub):
    """``jiyi run``: departments enrol and publish, people sign in, everything is refused that no rule allows."""

    def __init__(self, process: JiyiProcess, operator_secret: str) -> None:
        super().__init__(process)
        self._operator_secret = operator_secret
        self._enrolled: dict[str, tuple[str, str]] = {}

    @property
    def operator_token(self) -> str:
        """An access token of the client ``operator-cli``."""
        return self._token(_OPERATOR, self._operator_secret)

    def enrol(self, department: str) -> tuple[str, str]:
        """Client id and secret of a department; those of before end."""
        client = GraphClient(self.graphql_url, _bearer(self.operator_token))
        made = client.data(_ENROL, name=department)["enrolDepartment"]
        self._enrolled[department] = (made["clientId"], made["clientSecret"])
        return self._enrolled[department]

    def publish(self, department: MockDepartment) -> dict[str, Any]:
        """Put its connector live by its own credentials, and answer the report. The department is enrolled if it
        was not. Fails the test where the hub refuses it."""
        report = self._send(_PUBLISH, "publishConnector", department)
        assert report["ok"], json.dumps(report["errors"], ensure_ascii=False, indent=2)
        return report

    def check(self, department: MockDepartment) -> dict[str, Any]:
        """What publishing would say. Changes nothing."""
        return self._send(_CHECK, "checkConnector", department)

    def sign_in(self, id_number: str) -> str:
        """An access token of a person, by the hub's pages. The identity department takes any code."""
        return sign_in(self.url, id_number)

    def _send(self, mutation: str, name: str, department: MockDepartment) -> dict[str, Any]:
        own = self._enrolled.get(department.name) or self.enrol(department.name)
        given = {
            "name": department.name,
            "department": department.name,
            "kind": "rest" if department.is_rest else "graphql",
            "url": department.endpoint,
            "sdl": department.sdl,
        }
        client = GraphClient(self.graphql_url, _bearer(self._token(*own)))
        report: dict[str, Any] = client.data(mutation, input=given)[name]
        return report

    def _token(self, client_id: str, secret: str) -> str:
        data = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
        basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        request = urllib.request.Request(f"{self.url}/oauth/token", data, {"Authorization": f"Basic {basic}"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return str(json.loads(answer.read())["access_token"])


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def start_registry(command: str, folder: Path, departments: Sequence[MockDepartment]) -> RegistryHub:
    """A hub on SQLite, below ``folder``, with these connectors live."""
    folder.mkdir(parents=True, exist_ok=True)
    # A jiyi.toml that stands somewhere else is another hub's.
    (folder / "hub.toml").write_text("", encoding="utf-8")
    port, secret = free_port(), secrets.token_urlsafe(24)
    environment = {
        "JIYI_DATABASE_URL": f"sqlite:///{folder / 'hub.db'}",
        "JIYI_STATE_DIRECTORY": str(folder / "state"),
        "JIYI_OPERATOR_CLIENT_SECRET": secret,
        "JIYI_ALLOW_PRIVATE_ADDRESSES": "true",
        "JIYI_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    arguments = ["run", "--settings", "hub.toml", "--host", "127.0.0.1", "--port", str(port)]
    hub = RegistryHub(JiyiProcess(command, arguments, folder, environment), secret)
    try:
        for department in departments:
            hub.publish(department)
    except BaseException:
        hub.stop()
        raise
    return hub

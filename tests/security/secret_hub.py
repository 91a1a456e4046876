"""A hub in a process of its own that keeps secrets and says everything in its log."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from hub.cli.ports import free_port
from tests.cli.conftest import OPERATOR_SECRET

KEY = "a-key-of-the-tests-of-some-forty-characters"
CONNECT = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.10", import: ["@key"])
  @link(url: "https://specs.apollo.dev/connect/v0.3", import: ["@source", "@connect"])
"""
PUBLISH = """mutation ($input: ConnectorInput!) {
  publishConnector(input: $input) { ok errors { code message } supergraphVersion connector { version } } }"""
ENROL = "mutation ($name: String!) { enrolDepartment(department: $name) { clientId clientSecret } }"
SET = """mutation ($name: String!, $secret: String!, $value: String!, $department: String) {
  setConnectorSecret(name: $name, secret: $secret, value: $value, department: $department) { name changedBy } }"""


@dataclass
class SecretHub:
    """``heard`` is every answer that any caller of this test was given, raw."""

    url: str
    log: Path
    directory: Path
    heard: list[str] = field(default_factory=list)

    def ask(self, query: str, variables: dict[str, Any] | None = None, token: str | None = None) -> Any:
        body = json.dumps({"query": query, "variables": variables or {}}).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        with urlopen(Request(f"{self.url}/graphql", body, headers), timeout=30) as response:
            text = response.read().decode()
        self.heard.append(f"{response.headers} {text}")
        return json.loads(text)

    def token(self, client_id: str, secret: str) -> str:
        basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        request = Request(f"{self.url}/oauth/token", b"grant_type=client_credentials")
        request.add_header("Authorization", f"Basic {basic}")
        with urlopen(request, timeout=30) as response:
            return str(json.load(response)["access_token"])

    def operator(self) -> str:
        return self.token("operator-cli", OPERATOR_SECRET)

    def department(self, name: str) -> str:
        """A token of a department that is let in."""
        made = self.ask(ENROL, {"name": name}, self.operator())["data"]["enrolDepartment"]
        return self.token(made["clientId"], made["clientSecret"])

    def publish(self, token: str, **given: Any) -> Any:
        answer = self.ask(PUBLISH, {"input": given}, token)
        return answer["data"]["publishConnector"] if answer.get("data") else answer

    def set(self, token: str, name: str, secret: str, value: str, department: str | None = None) -> Any:
        given = {"name": name, "secret": secret, "value": value, "department": department}
        return self.ask(SET, given, token)


@contextmanager
def secret_hub(directory: Path, **environment: str) -> Iterator[SecretHub]:
    """Logs at debug level into a file; private addresses are refused unless an operator allows the host."""
    directory.mkdir(parents=True, exist_ok=True)
    log = directory / "hub.log"
    settings = {
        "JIYI_STATE_DIRECTORY": str(directory),
        "JIYI_DATABASE_URL": f"sqlite:///{directory / 'hub.db'}",
        "JIYI_OPERATOR_CLIENT_SECRET": OPERATOR_SECRET,
        "JIYI_SECRET_KEY": KEY,
        "JIYI_LOG_LEVEL": "debug",
        "JIYI_LOG_REQUESTS": "true",
        **environment,
    }
    command = [sys.executable, "-m", "hub.cli", "run", "--port", str(free_port())]
    with log.open("ab") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, **settings}
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, log.read_text()
            yield SecretHub(json.loads(line)["url"], log, directory)
        finally:
            process.terminate()
            process.wait(20)

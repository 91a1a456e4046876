"""What every mock does as a process: start, refuse to start, fail on demand, keep its data, end."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.mocks.conftest import Start

pytestmark = pytest.mark.whole

MODULES = (
    "public_security",
    "market_regulation",
    "transport",
    "civil_affairs",
    "finance",
    "human_resources",
    "cashier",
)
PROMPT_SECONDS = 3
"""Less than the five that a server gives its requests to end, on a busy machine too."""
HOLDER = {"holder": "110102199003150026"}


@pytest.mark.parametrize("module", MODULES)
def test_starts_on_a_free_port_and_ends_at_once(start: Start, module: str) -> None:
    """The demo starts and stops seven of them."""
    stranger = start(module, CASHIER_SECRET="secret")
    assert stranger.get("/healthz").json == {"status": "ok"}
    assert isinstance(stranger.get("/__records").json, dict)
    assert stranger.stop() < PROMPT_SECONDS
    assert stranger.process.returncode == 0


def test_ends_at_once_while_it_answers(start: Start) -> None:
    """A slow answer does not hold up the end."""
    transport = start("transport", "--fault", '{"delayMs": 30000}')
    connection = http.client.HTTPConnection(transport.url.removeprefix("http://"))
    connection.request("POST", "/licences/search", json.dumps(HOLDER))
    time.sleep(0.1)
    assert transport.stop() < PROMPT_SECONDS
    connection.close()


def test_a_port_in_use_is_one_clear_line(start: Start) -> None:
    """No stack trace for the commonest mistake."""
    port = start("transport").url.rsplit(":", 1)[1]
    second = subprocess.run(
        [sys.executable, "-m", "mocks.transport", "--port", port], capture_output=True, text=True, timeout=20
    )
    assert second.returncode == 1
    assert second.stderr == (
        f"transport: cannot listen on 127.0.0.1:{port}: Address already in use. Choose another --port.\n"
    )


def test_a_store_of_another_seed_is_refused(start: Start, tmp_path: Path) -> None:
    """Its people would be unknown to the other departments."""
    start("transport", "--state", str(tmp_path), "--seed", "1").stop()
    second = subprocess.run(
        [sys.executable, "-m", "mocks.transport", "--port", "0", "--state", str(tmp_path), "--seed", "2"],
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert second.returncode == 1
    assert "made from seed 1, not 2" in second.stderr


def test_faults_come_and_go_at_the_control_door(start: Start) -> None:
    """Each fault in turn, the last one for two requests only."""
    transport = start("transport")

    transport.post("/__faults", {"status": 503})
    assert transport.post("/licences/search", HOLDER).status == 503
    transport.post("/__faults", {"garbage": True})
    garbage = transport.post("/licences/search", HOLDER)
    assert (garbage.status, garbage.json) == (200, None)
    transport.post("/__faults", {"delayMs": 200})
    began = time.monotonic()
    assert transport.post("/licences/search", HOLDER).status == 200
    assert time.monotonic() - began >= 0.2

    transport.post("/__faults", {"dropConnections": True, "times": 2})
    for _ in range(2):
        with pytest.raises(http.client.RemoteDisconnected):
            transport.post("/licences/search", HOLDER)
    assert transport.post("/licences/search", HOLDER).status == 200

    transport.post("/__faults", {"status": 500})
    assert transport.ask("DELETE", "/__faults").json["status"] == 0
    assert transport.post("/licences/search", HOLDER).status == 200


def test_a_misspelt_fault_is_refused(start: Start) -> None:
    """A test that asks for a fault and gets none would prove nothing."""
    finance = start("finance")
    for fault, code in (({"delay": 3}, "UNKNOWN_FAULT"), ({"delayMs": "3"}, "WRONG_FAULT"), ([], "NOT_AN_OBJECT")):
        answer = finance.post("/__faults", fault)
        assert (answer.status, answer.json["error"]["code"]) == (400, code)

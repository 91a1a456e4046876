"""Other roads than the first, as a person types them: several departments, a refusal, a birth, a late case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.demo.joint import NEWBORN, REFUSED, RESTAURANT
from hub.demo.late import LATE
from hub.demo.road import Step
from tests.acceptance.command import jiyi

pytestmark = [pytest.mark.timeout(600), pytest.mark.slow]
SCENARIOS = {"joint": RESTAURANT, "refused": REFUSED, "newborn": NEWBORN, "late": LATE}


def _walk(directory: Path, scenario: str, *arguments: str) -> dict[str, Any]:
    ran = jiyi(directory, "demo", "--once", "--json", "--patience", "20", "--scenario", scenario, *arguments)
    assert ran.returncode == 0, f"{ran.stderr}\n{ran.stdout[-3000:]}"
    data: dict[str, Any] = json.loads(ran.stdout)["data"]
    return data


def _check(data: dict[str, Any], scenario: str, steps: tuple[Step, ...]) -> None:
    assert data["scenario"] == scenario
    assert [step["name"] for step in data["steps"]] == [step.name for step in steps]
    assert [step["name"] for step in data["steps"] if not step["ok"]] == []
    print(f"{scenario}: {data['milliseconds']} ms")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario_holds_on_sqlite_and_the_embedded_broker(tmp_path: Path, scenario: str) -> None:
    """Approved and refused, with nothing installed beside."""
    _check(_walk(tmp_path, scenario), scenario, SCENARIOS[scenario])


@pytest.mark.postgresql
@pytest.mark.rabbitmq
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario_holds_on_postgresql_and_rabbitmq(
    tmp_path: Path, postgresql_url: str, amqp_url: str, scenario: str
) -> None:
    """This is what runs in earnest."""
    data = _walk(tmp_path, scenario, "--broker", amqp_url, "--database", postgresql_url)
    _check(data, scenario, SCENARIOS[scenario])

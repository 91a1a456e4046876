"""The road as a person types it: ``jiyi demo --once --json``, on either broker and database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.demo.steps import ROAD
from tests.acceptance.command import jiyi

pytestmark = pytest.mark.timeout(600)


def _walk(directory: Path, *arguments: str) -> Any:
    ran = jiyi(directory, "demo", "--once", "--json", "--patience", "20", *arguments)
    assert ran.returncode == 0, f"{ran.stderr}\n{ran.stdout[-3000:]}"
    print(ran.stderr)
    return json.loads(ran.stdout)


def _check(printed: Any) -> None:
    assert set(printed) == {"json_version", "data", "error"}
    assert (printed["json_version"], printed["error"]) == ("1", None)
    data = printed["data"]
    assert data["success"] is True
    assert data["scenario"] == "road"
    assert [step["name"] for step in data["steps"]] == [step.name for step in ROAD]
    assert [step["name"] for step in data["steps"] if not step["ok"]] == []
    assert data["milliseconds"] == sum(step["milliseconds"] for step in data["steps"])
    assert data["answers"]["query"]["me"]["licences"]
    print(f"the whole road: {data['milliseconds']} ms")


def test_road_holds_on_sqlite_and_the_embedded_broker(tmp_path: Path) -> None:
    """What somebody has who has installed nothing else; the settings of another hub beside it are left alone."""
    (tmp_path / "jiyi.toml").write_text('connector_approval = "operator"\n')
    _check(_walk(tmp_path))
    left = [file.name for file in tmp_path.iterdir()]
    assert left == ["jiyi.toml"], "the walk leaves nothing behind in the folder it was typed in"


@pytest.mark.postgresql
@pytest.mark.rabbitmq
def test_road_holds_on_postgresql_and_rabbitmq(tmp_path: Path, postgresql_url: str, amqp_url: str) -> None:
    """This is what runs in earnest."""
    _check(_walk(tmp_path, "--broker", amqp_url, "--database", postgresql_url))

"""The queues' document: AsyncAPI 3 by its authors' own schema, and never older than what is declared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.async_api import document
from connectors.rabbitmq.topology import Naming
from tests import node_packages

HERE = Path(__file__).parent
CHECKED_IN = HERE.parent.parent / "docs" / "asyncapi.json"


def test_the_document_in_docs_is_fresh() -> None:
    """Write it anew with `jiyi broker asyncapi --output docs/asyncapi.json`."""
    assert json.loads(CHECKED_IN.read_text(encoding="utf-8")) == document()


async def test_it_is_valid_by_asyncapis_own_schema(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    """And the validator can tell: what is none is refused."""
    folder = node_packages.installed(pytestconfig, "asyncapi", HERE)

    async def problems(content: dict[str, Any]) -> Any:
        file = tmp_path / "document.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        return await node_packages.run(folder, "validate.mjs", str(file))

    assert await problems(document()) == []
    assert await problems(document(("civil-affairs", "finance"))) == []
    broken = document()
    del broken["info"]["title"]
    broken["operations"]["send-department-requests"]["action"] = "shout"
    assert any("title" in each for each in await problems(broken))


def test_every_exchange_and_queue_is_a_channel_and_every_reference_leads_somewhere() -> None:
    """So that a reader finds by name what stands on the broker."""
    made = document(("civil-affairs",))
    topology = Naming().whole(["civil-affairs"])
    addresses = {channel["address"] for channel in made["channels"].values()}
    assert {each.name for each in topology.queues} <= addresses
    assert {each.name for each in topology.exchanges} <= addresses
    for reference in _references(made):
        found: Any = made
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert found


def test_without_departments_names_are_parameters() -> None:
    """No name of a real installation stands in the repository."""
    requests = document()["channels"]["department-requests"]
    assert requests["address"] == "{department}.requests"
    assert set(requests["parameters"]) == {"department"}


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for each in value.values() for found in _references(each)]
    return [found for each in value for found in _references(each)] if isinstance(value, list) else []

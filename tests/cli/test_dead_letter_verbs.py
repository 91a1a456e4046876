"""`jiyi broker dead-letters`: list, show, and put back with a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import Jiyi, Ran, hub_in
from tests.cli.test_connector_verbs import OPERATOR, enrol
from tests.dead_letters import bury

pytestmark = pytest.mark.whole


@dataclass(frozen=True, slots=True)
class Hub:
    url: str
    database_url: str


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    directory: Path = tmp_path_factory.mktemp("hub")
    with hub_in(directory) as url:
        yield Hub(url, f"sqlite:///{directory / 'hub.db'}")


def test_letters_are_listed_shown_and_put_back_with_a_reason(jiyi: Jiyi, hub: Hub) -> None:
    """What is put back and dies again shows who tried it before, and why."""
    environment = {"JIYI_HUB": hub.url, **OPERATOR}

    def letters(*arguments: str) -> Ran:
        return jiyi("broker", "dead-letters", *arguments, **environment)

    assert letters("list").err == "no dead letters\n"
    asyncio.run(bury(hub.database_url, "m1", "m2"))

    listed = letters("list")
    assert [line.split()[0] for line in listed.out.splitlines()] == ["m1", "m2"]
    assert "JY-UNKNOWN" in listed.out
    one = letters("show", "m1", "--json").data["deadLetter"]
    assert (one["type"], one["source"], one["attempts"]) == ("jiyi.case.dreamt", "civil-affairs", 1)
    assert letters("show", "never").code == "NOT_FOUND"

    assert letters("redrive", "m1").code == "WRONG_USAGE"
    assert letters("redrive", "--reason", "x").exit_code == 2
    assert letters("redrive", "m1", "--all", "--reason", "x").exit_code == 2
    assert letters("redrive", "m1", "--reason", "The type is known now.").err == "1 delivered again\n"
    asyncio.run(bury(hub.database_url, "m1"))
    assert "The type is known now." in letters("show", "m1").out
    gone = letters("redrive", "never", "--reason", "x", "--json")
    assert (gone.exit_code, gone.code) == (1, "NOT_FOUND")
    every = letters("redrive", "--all", "--reason", "All of them.", "--json").data
    assert sorted(every["redriven"]) == ["m1", "m2"]


def test_a_department_sees_none(jiyi: Jiyi, hub: Hub) -> None:
    """Not even its own: they are the operator's affair."""
    refused = jiyi("broker", "dead-letters", "list", **enrol(jiyi, hub.url, "parks"))
    assert (refused.exit_code, refused.code) == (1, "FORBIDDEN")

"""Verbs on what departments registered: steps of a version's life, supergraphs, who works for whom."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.conftest import Jiyi, hub_in
from tests.cli.test_connector_verbs import OPERATOR, PARKS, enrol, publish

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def careful_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A hub where an operator approves each version."""
    with hub_in(tmp_path_factory.mktemp("careful"), JIYI_CONNECTOR_APPROVAL="operator") as url:
        yield url


def test_a_version_is_kept_approved_and_put_live_in_three_steps(jiyi: Jiyi, careful_hub: str) -> None:
    """A draft first; then what its department wants reviewed; then the day it chose itself."""
    groves = enrol(jiyi, careful_hub, "groves")
    operator = {"JIYI_HUB": careful_hub, **OPERATOR}
    given = ("connector", "publish", "groves", "--schema", "-", "--url", "http://127.0.0.1:9/graphql", "--draft")
    broken = PARKS.replace("Park", "Grove").replace("parks", "groves").replace('"id"', '"no"')
    draft = jiyi(*given, stdin=broken, **groves)
    assert draft.exit_code == 1
    whole = broken.replace('"no"', '"id"')
    assert jiyi(*given, "--reason", "for review", stdin=whole, **groves).exit_code == 0
    assert jiyi("connector", "reject", "groves", "--version", "1", "--reason", "no key", **operator).exit_code == 0
    held = jiyi("connector", "approve", "groves", "--hold", **operator)
    assert held.exit_code == 0, held.err
    assert "waits for: department" in held.err
    assert jiyi("connector", "release", "groves", "--version", "2", **groves).out.startswith("safe")
    states = [line.split()[2] for line in jiyi("connector", "history", "groves", **groves).out.splitlines()[:2]]
    assert states == ["live", "rejected"]


def test_an_operator_looks_at_supergraphs_and_goes_back_to_one(jiyi: Jiyi, careful_hub: str) -> None:
    """What it was, what it changed, and back; a department has no say in it."""
    rivers = enrol(jiyi, careful_hub, "rivers")
    operator = {"JIYI_HUB": careful_hub, **OPERATOR}
    sdl = PARKS.replace("Park", "River").replace("parks", "rivers")
    publish(jiyi, rivers, "rivers", sdl)
    made = jiyi("connector", "approve", "rivers", "--json", **operator).data["supergraphVersion"]
    newest = jiyi("supergraph", "list", **operator).out.splitlines()[0]
    assert newest.split()[0] == str(made)
    assert newest.endswith("publish rivers")
    assert "type River" in jiyi("supergraph", "fetch", str(made), **operator).out
    assert "River" in jiyi("supergraph", "changes", str(made), **operator).out
    assert jiyi("supergraph", "fetch", "99", **operator).code == "NOT_FOUND"
    assert jiyi("supergraph", "rollback", "1", **rivers).code == "FORBIDDEN"
    jiyi("connector", "retire", "rivers", **rivers)
    back = jiyi("supergraph", "rollback", str(made), "--reason", "retired by mistake", **operator)
    assert back.out.splitlines()[-1] == f"supergraph {made} is in force again, as {made + 2}", back.err
    assert "live" in jiyi("connector", "list", **rivers).out


def test_a_department_says_where_it_is_told(jiyi: Jiyi, careful_hub: str) -> None:
    """Each way by itself; what is no address is refused; the test alert is on its way."""
    docks = enrol(jiyi, careful_hub, "docks")
    assert jiyi("department", "contact", "docks", **docks).out.split() == ["webhook", "–", "mail", "–"]
    assert jiyi("department", "contact", "docks", "--test", **docks).code == "CONFLICT"
    told = jiyi("department", "contact", "docks", "--webhook", "http://127.0.0.1:9/hook", "--test", **docks)
    assert told.out.splitlines()[0] == "webhook http://127.0.0.1:9/hook", told.err
    assert (
        jiyi("department", "contact", "docks", "--webhook", "file:///etc/passwd", **docks).code == "BAD_USER_INPUT"
    )
    assert jiyi("department", "contact", "docks", "--mail", "a@office.example", **docks).code == "BAD_USER_INPUT"
    emptied = jiyi("department", "contact", "docks", "--webhook", "", "--json", **docks).data["contact"]
    assert emptied == {"webhookUrl": None, "mailAddress": None}


def test_a_person_is_employed_in_a_department_by_an_operator_alone(jiyi: Jiyi, careful_hub: str) -> None:
    """The department cannot employ anybody itself, and a name that is none is told."""
    operator = {"JIYI_HUB": careful_hub, **OPERATOR}
    lanes = enrol(jiyi, careful_hub, "lanes")
    employed = jiyi("department", "employ", "lanes", "citizen-1", **operator)
    assert employed.out == "citizen-1 looks after the connectors of lanes\n", employed.err
    assert jiyi("department", "employ", "lanes", "citizen-1", **lanes).code == "FORBIDDEN"
    assert jiyi("department", "employ", "No Name", "citizen-1", **operator).code == "BAD_USER_INPUT"
    assert jiyi("department", "discharge", "lanes", "citizen-1", "--json", **operator).exit_code == 0

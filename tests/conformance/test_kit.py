"""The conformance kit finds nothing wrong with a right system, and each thing that is wrong by its own check."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.conformance.bench import Bench
from hub.conformance.kit import examine
from hub.conformance.result import Outcome, Report
from hub.conformance.samples import Samples, read_samples
from hub.workbench.opening import open_connector, watched_client
from hub.workbench.specification import BadSpecification, Specification
from tests.contracts.connector.department import Department
from tests.workbench.parks import SDL, Parks, running_parks

NOTHING = Samples()
PATIENT = timedelta(seconds=60)
"""A machine that runs other tests beside these is slow, and no system is judged by that here."""
COMMANDS: dict[str, Any] = {"commands": [{"field": "countVisit", "arguments": {"park": "P1"}}]}
SQL = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@shareable"])
  @link(url: "https://jiyi.dev/spec/sql/v0.1", import: ["@sqlConnect"])
type Query {
  parks(first: Int, after: String): ParkConnection!
    @sqlConnect(select: "SELECT id, name, code FROM park", key: "id", selection: "id name code")
}
type Park @key(fields: "id") @key(fields: "code")
  @sqlConnect(select: "SELECT id, name, code FROM park WHERE id IN {$batch.id}", selection: "id name code")
  @sqlConnect(select: "SELECT id, name, code FROM park WHERE code = {$this.code}", selection: "id name code") {
  id: ID!
  code: ID!
  name: String!
}
type ParkConnection { edges: [ParkEdge!]! pageInfo: PageInfo! }
type ParkEdge { cursor: String! node: Park! }
type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
"""


async def examined(
    specification: Specification, samples: Samples = NOTHING, *, allows_mutations: bool = False
) -> Report:
    async with watched_client() as client:
        opened = await open_connector(specification, client)
        try:
            return await examine(
                Bench(opened, client, samples, allows_mutations, concurrency=3), lambda _text: None
            )
        finally:
            await opened.connector.close()


def failed(report: Report) -> list[str]:
    return [result.name for result in report.failures]


def outcomes(report: Report, check: str) -> set[Outcome]:
    return {result.outcome for result in report.results if result.check == check}


@pytest.fixture
async def parks() -> AsyncIterator[Parks]:
    async with running_parks() as parks:
        yield parks


async def test_a_right_system_has_a_score_of_a_hundred(parks: Parks) -> None:
    """Nothing is tried that has an effect, and that is said."""
    report = await examined(Specification("parks", "rest", parks.url, SDL, timeout=PATIENT))
    assert failed(report) == []
    assert report.score == 100
    assert outcomes(report, "pages-stable") == {Outcome.PASSED}
    assert outcomes(report, "commands-idempotent") == {Outcome.NOT_APPLICABLE}
    assert outcomes(report, "subscriptions-start") == {Outcome.NOT_APPLICABLE}
    assert parks.visits == {}
    assert report.latency is not None
    assert 0 < report.latency.p50 <= report.latency.p95
    assert str(report).splitlines()[-1].startswith("parks (rest): score 100; ")


@pytest.mark.parametrize(
    ("spoilt", "names", "reason"),
    [
        ("null", ["answers Query.parks", "types-declared"], "Park.name is String!, and is null."),
        ("enum", ["answers Query.parks", "types-declared"], 'which is OPEN | CLOSED, and is "DEMOLISHED".'),
        ("renamed", ["keys-resolve Park by id"], "name is 'PARK 1' when looked up, and was 'Park 1'."),
        ("unknown", ["keys-unknown Park", "keys-batch Park"], "CONNECTOR_FETCH: no such park"),
        ("loses", ["keys-batch Park"], "are missing when many are asked for."),
        ("ignores-first", ["limits-pages Query.parkConnection"], "first: 1 gives 5."),
        ("repeats", ["pages-stable Query.parkConnection"], "elements came more than once."),
        ("any-path", ["errors-told"], "an address that there is not is answered as if it were there."),
        ("trace", ["answers Query.parks", "errors-without-internals"], "A message shows the inside"),
    ],
)
async def test_what_is_wrong_fails_its_own_check(parks: Parks, spoilt: str, names: list[str], reason: str) -> None:
    """With why and with the mend."""
    parks.spoilt = spoilt
    report = await examined(Specification("parks", "rest", parks.url, SDL, timeout=PATIENT))
    assert set(names) <= set(failed(report))
    assert any(reason in result.reason for result in report.failures), str(report)
    assert all(result.mend for result in report.failures)
    assert report.score < 100


@pytest.mark.parametrize(("spoilt", "outcome"), [("", Outcome.PASSED), ("twice", Outcome.FAILED)])
async def test_a_command_that_may_be_tried_is_given_twice(parks: Parks, spoilt: str, outcome: Outcome) -> None:
    """With one key, so that it has its effect once."""
    parks.spoilt = spoilt
    specification = Specification("parks", "rest", parks.url, SDL, timeout=PATIENT)
    report = await examined(specification, read_samples(COMMANDS), allows_mutations=True)
    assert outcomes(report, "commands-idempotent") == {outcome}
    assert len(parks.visits) == (1 if outcome is Outcome.PASSED else 2)


async def test_a_slow_system_is_told_by_its_deadline(parks: Parks) -> None:
    """Half of it is for everything that stands between."""
    parks.delay = 0.15
    specification = Specification("parks", "rest", parks.url, SDL, timeout=timedelta(milliseconds=250))
    assert "limits-deadline" in failed(await examined(specification))


async def test_a_graphql_system_is_tried_with_its_subscriptions() -> None:
    """People are in no list: samples say who is there."""
    department = Department()
    await department.start()
    specification = Specification("people", "graphql", f"{department.url}/graphql", timeout=PATIENT)
    samples = read_samples(
        {
            "entities": {"Citizen": [{"idNumber": "A"}, {"idNumber": "B"}]},
            "unknown": {"Citizen": [{"idNumber": "nobody"}]},
            "arguments": {"Query.citizen": {"idNumber": "A"}, "Subscription.ticks": {"count": 1}},
            "failures": [{"query": "{ refused }", "code": "CONFLICT"}],
        }
    )
    try:
        without = await examined(specification)
        report = await examined(specification, samples)
    finally:
        await department.stop()
    assert "samples Citizen" in failed(without)
    passed = [result.name for result in report.results if result.outcome is Outcome.PASSED]
    assert {"keys-resolve Citizen", "keys-unknown Citizen", "keys-batch Citizen"} <= set(passed)
    assert {"subscriptions-start Subscription.ticks", "errors-told", "errors-as-said { refused }"} <= set(passed)
    assert failed(report) == ["answers Query.refused", "answers Query.explodes", "errors-without-internals"]


async def test_a_database_is_tried_by_every_key(tmp_path: Path) -> None:
    """Two keys of one type find the same row."""
    file = tmp_path / "parks.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE park (id INTEGER, name TEXT, code TEXT)")
        database.executemany("INSERT INTO park VALUES (?, ?, ?)", [(n, f"Park {n}", f"C-{n}") for n in range(5)])
    database.close()
    report = await examined(Specification("parks", "sql", f"sqlite:///{file}", SQL, timeout=PATIENT))
    assert failed(report) == []
    assert outcomes(report, "pages-stable") == {Outcome.PASSED}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"entitys": {}}, '"entitys" is no section.'),
        ({"entities": {"Park": {"id": 1}}}, '"entities" holds lists of keys by type.'),
        ({"entities": {"Park": ["P1"]}}, 'a key is an object, such as {"id": "P1"}.'),
        ({"commands": [{"arguments": {}}]}, 'Each needs "field".'),
        ({"commands": [{"field": "a", "effect": "b"}]}, '"effect" of a command has a "query"'),
    ],
)
def test_samples_that_are_none_are_told(content: dict[str, Any], told: str) -> None:
    """Before anything is asked."""
    with pytest.raises(BadSpecification) as raised:
        read_samples(content)
    assert told in str(raised.value)

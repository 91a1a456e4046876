"""`jiyi connector test`: a score, a readable report, an envelope and JUnit XML for pipelines."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Jiyi

SDL = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
  @link(url: "https://jiyi.dev/spec/sql/v0.1", import: ["@sqlConnect"])
type Park @key(fields: "id")
  @sqlConnect(select: "SELECT id, name FROM park WHERE id IN {$batch.id}", selection: "id name") {
  id: ID!
  name: String!
}
"""
SAMPLES = '{"entities": {"Park": [{"id": "P1"}]}}'
FLAGS = ("--schema", "parks.graphql", "--url", "sqlite:///parks.db")


@pytest.fixture
def parks(tmp_path: Path) -> Path:
    """A database of one park, and the files beside it."""
    with sqlite3.connect(tmp_path / "parks.db") as database:
        database.execute("CREATE TABLE park (id TEXT, name TEXT)")
        database.execute("INSERT INTO park VALUES ('P1', 'North')")
    database.close()
    (tmp_path / "parks.graphql").write_text(SDL)
    (tmp_path / "samples.json").write_text(SAMPLES)
    return tmp_path


def test_a_conforming_system_ends_with_zero(jiyi: Jiyi, parks: Path) -> None:
    """A line for each check, the score last; progress is on stderr."""
    ran = jiyi("connector", "test", "parks", *FLAGS, "--samples", "samples.json")
    assert ran.exit_code == 0, ran.out
    *checks, blank, last = ran.out.splitlines()
    assert any(line.split()[:3] == ["passed", "keys-resolve", "Park"] for line in checks)
    assert (blank, last.startswith("parks (sql): score 100; ")) == ("", True)
    assert "trying keys: resolve" in ran.err


def test_a_failed_check_ends_with_one_and_says_the_mend(jiyi: Jiyi, parks: Path) -> None:
    """For people, as JSON, and as JUnit XML: the same."""
    ran = jiyi("connector", "test", "parks", *FLAGS, "--junit", "parks.xml", "--json")
    assert (ran.exit_code, ran.code) == (1, "NOT_CONFORMING")
    assert ran.data["score"] < 100
    (failed,) = (check for check in ran.data["checks"] if check["outcome"] == "failed")
    assert (failed["check"], failed["about"]) == ("samples", "Park")
    assert "--samples" in failed["mend"]
    suite = ElementTree.parse(parks / "parks.xml").getroot().find("testsuite")
    assert suite is not None
    assert suite.attrib["failures"] == "1"
    assert int(suite.attrib["skipped"]) == ran.data["counts"]["not applicable"]
    cases = suite.findall("testcase")
    assert len(cases) == int(suite.attrib["tests"]) == len(ran.data["checks"])
    (told,) = (case.find("failure") for case in cases if case.find("failure") is not None)
    assert told is not None
    assert failed["mend"] in (told.text or "")


@pytest.mark.parametrize(
    ("file", "content", "exit_code", "code"),
    [
        ("samples.json", "{", 2, "SAMPLES_UNREADABLE"),
        ("samples.json", '{"parks": {}}', 2, "SAMPLES_UNREADABLE"),
        ("parks.graphql", SDL.replace("IN {$batch.id}", "IN {$batch.id"), 1, "INVALID_SQL"),
    ],
)
def test_what_cannot_be_tried_is_told(
    jiyi: Jiyi, parks: Path, file: str, content: str, exit_code: int, code: str
) -> None:
    """2 where the command is wrong, 1 where the SDL is."""
    (parks / file).write_text(content)
    ran = jiyi("connector", "test", "parks", *FLAGS, "--samples", "samples.json")
    assert (ran.exit_code, ran.code) == (exit_code, code)

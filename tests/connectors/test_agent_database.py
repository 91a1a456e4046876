"""An agent in front of a database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from connectors.agent import open_connector
from connectors.agent_command import main
from connectors.agent_settings import read_agent_settings
from connectors.connector import FetchRequest

SDL = """
extend schema @link(url: "https://jiyi.dev/spec/sql/v0.1", import: ["@sqlConnect"])
type Query {
  name(code: ID!): String
    @sqlConnect(select: "SELECT name FROM t WHERE code = {$args.code}", selection: "$.name")
}
"""
FILE = """
department = "civil-affairs"
[broker]
url = "amqp://civil@mq.example/district"
[connector]
kind = "sql"
url = "URL"
sdl = "register.graphql"
"""


def written(folder: Path, url: str, sdl: str = SDL) -> Path:
    (folder / "register.graphql").write_text(sdl)
    path = folder / "agent.toml"
    path.write_text(FILE.replace("URL", url))
    return path


async def test_it_answers_from_the_database(tmp_path: Path) -> None:
    """One file and an SDL are all that a department writes."""
    with sqlite3.connect(tmp_path / "register.db") as database:
        database.execute("CREATE TABLE t (code TEXT, name TEXT)")
        database.execute("INSERT INTO t VALUES ('A', '甲')")
    settings = read_agent_settings(written(tmp_path, f"sqlite:///{tmp_path / 'register.db'}"), {})
    async with open_connector(settings) as connector:
        answer = await connector.fetch(FetchRequest('{ name(code: "A") }'))
    assert answer.data == {"name": "甲"}


def test_the_password_comes_from_the_environment(tmp_path: Path) -> None:
    """The file says where the database is and as whom; nothing that is printed has the password."""
    url = 'postgresql://reader@db/register"\npassword_env = "DB'
    read = read_agent_settings(written(tmp_path, url), {"DB": "p@ss"})
    assert read.connector.url == "postgresql://reader:p%40ss@db/register"
    assert "p%40ss" not in repr(read)


@pytest.mark.parametrize(
    ("url", "sdl", "said"),
    [
        ("oracle://db/register", SDL, 'a database of the kind "oracle" is not known'),
        ("register.db", SDL, "The url is no address of a database"),
        ("sqlite:///register.db", SDL.replace("SELECT", "DELETE"), "begins with SELECT or WITH"),
    ],
)
def test_what_cannot_be_used_is_told_before_it_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str, sdl: str, said: str
) -> None:
    """Exit 2 and the reason, no trace of a stack."""
    assert main(written(tmp_path, url, sdl)) == 2
    told = capsys.readouterr().err
    assert told.startswith("BAD_SETTINGS: ")
    assert said in told
    assert "Traceback" not in told

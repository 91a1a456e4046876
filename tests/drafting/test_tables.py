"""Tables become a connector that answers from them: on SQLite, PostgreSQL and MariaDB alike."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.connector import FetchRequest
from connectors.sql import SqlConnector
from hub.cli.database_tables import read_tables
from hub.cli.input import Unreadable
from schema.composition import compose
from schema.drafting import Draft, Undraftable, draft_tables
from schema.mapping import check_connectors
from schema.subgraph import Subgraph
from tests.drafting.databases import database

KINDS = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.postgresql),
    pytest.param("mysql", marks=pytest.mark.mariadb),
]


def statements(kind: str) -> tuple[str, ...]:
    enum = {"mysql": "ENUM('OPEN', 'CLOSED')", "postgresql": "enterprise_status"}.get(kind, "VARCHAR(10)")
    quote = "`" if kind == "mysql" else '"'
    percent = "%" if kind == "sqlite" else "%%"  # as these drivers have it
    kept = "MATERIALIZED" if kind == "postgresql" else ""
    comments = {
        "mysql": ("ALTER TABLE enterprises COMMENT = 'Who does business here.'",),
        "postgresql": ("COMMENT ON TABLE enterprises IS 'Who does business here.'",),
    }.get(kind, ())
    return (
        *(("CREATE TYPE enterprise_status AS ENUM ('OPEN', 'CLOSED')",) if kind == "postgresql" else ()),
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL)",
        f"""CREATE TABLE enterprises (
            credit_code VARCHAR(18) PRIMARY KEY, licence_no VARCHAR(20) NOT NULL UNIQUE, name VARCHAR(40) NOT NULL,
            status {enum}, capital NUMERIC(12, 2), staff BIGINT, founded DATE, owner_id INTEGER,
            {quote}Order By{quote} INTEGER, FOREIGN KEY (owner_id) REFERENCES people (id))""",
        """CREATE TABLE visits (
            enterprise VARCHAR(18) NOT NULL, day DATE NOT NULL, note VARCHAR(40),
            PRIMARY KEY (enterprise, day))""",
        "CREATE VIEW open_enterprises AS SELECT credit_code, name FROM enterprises WHERE status = 'OPEN'",
        f"""CREATE TABLE {quote}窗口{quote} (
            {quote}编号{quote} INTEGER PRIMARY KEY, opens TIME, {quote}完成率{percent}{quote} INTEGER)""",
        f"INSERT INTO {quote}窗口{quote} VALUES (1, '09:30:00', 97)",
        f"CREATE {kept} VIEW busy AS SELECT {quote}编号{quote} AS number FROM {quote}窗口{quote}",
        *comments,
        "INSERT INTO people VALUES (1, '王')",
        "INSERT INTO enterprises VALUES ('A', 'L1', '甲', 'OPEN', 12.50, 5000000000, '2020-01-31', 1, 3)",
        "INSERT INTO enterprises VALUES ('B', 'L2', '乙', 'CLOSED', NULL, NULL, NULL, NULL, NULL)",
        "INSERT INTO visits VALUES ('A', '2026-07-01', 'quiet')",
    )


def drafted(url: str) -> Draft:
    """Right by our own checks, and it composes."""
    draft = draft_tables("register", read_tables(url, None))
    assert check_connectors("register", draft.sdl) == ()
    assert compose([Subgraph("register", draft.sdl, "")]).errors == ()
    return draft


@pytest.mark.parametrize("kind", KINDS)
async def test_a_draft_of_tables_answers_from_them(kind: str, tmp_path: Path) -> None:
    """By key, page by page, through a reference, as entities together, and of a view."""
    with database(kind, tmp_path, statements(kind)) as url:
        draft = drafted(url)
        connector = SqlConnector("register", draft.sdl, url)

        async def ask(query: str, **variables: Any) -> Any:
            response = await connector.fetch(FetchRequest(query, variables, timeout=timedelta(seconds=5)))
            assert response.errors == ()
            return response.data

        fields = "credit_code name status capital staff founded orderBy owner { id name }"
        assert await ask(f'{{ enterprise(credit_code: "A") {{ {fields} }} }}') == {
            "enterprise": {
                "credit_code": "A",
                "name": "甲",
                "status": "OPEN",
                # SQLite keeps no exact numbers.
                "capital": 12.5 if kind == "sqlite" else "12.50",
                "staff": 5000000000,
                "founded": "2020-01-31",
                "orderBy": 3,
                "owner": {"id": "1", "name": "王"},
            }
        }
        assert await ask('{ enterpriseByLicenceNo(licence_no: "L2") { name owner { name } } }') == {
            "enterpriseByLicenceNo": {"name": "乙", "owner": None}
        }
        page = "enterprises(first: 1) { nodes { credit_code } pageInfo { hasNextPage } }"
        assert await ask(f"{{ {page} people {{ edges {{ node {{ name }} }} }} }}") == {
            "enterprises": {"nodes": [{"credit_code": "A"}], "pageInfo": {"hasNextPage": True}},
            "people": {"edges": [{"node": {"name": "王"}}]},
        }
        wanted = "... on Enterprise { name } ... on Visit { note }"
        asked = f"query ($r: [_Any!]!) {{ _entities(representations: $r) {{ {wanted} }} }}"
        known = [
            {"__typename": "Enterprise", "credit_code": "B"},
            {"__typename": "Enterprise", "licence_no": "L1"},
            {"__typename": "Visit", "enterprise": "A", "day": "2026-07-01"},
            {"__typename": "Enterprise", "credit_code": "Z"},
        ]
        found = [{"name": "乙"}, {"name": "甲"}, {"note": "quiet"}, None]
        assert await ask(asked, r=known) == {"_entities": found}
        assert await ask("{ openEnterprises { name } busies { number } }") == {
            "openEnterprises": [{"name": "甲"}],
            "busies": [{"number": 1}],
        }
        # Names that are none of GraphQL: Chinese by its sound.
        assert await ask('{ chuangKou(bianHao: "1") { bianHao opens wanChengLv } }') == {
            "chuangKou": {"bianHao": "1", "opens": "09:30:00", "wanChengLv": 97}
        }
        assert '"\\"编号\\" in the database."\n  bianHao: ID!' in draft.sdl
        await connector.close()


@pytest.mark.parametrize("kind", KINDS[1:])
def test_enums_and_comments_come_along(kind: str, tmp_path: Path) -> None:
    """SQLite has neither."""
    with database(kind, tmp_path, statements(kind)) as url:
        sdl = drafted(url).sdl
    assert '"Who does business here."\n# review: each key' in sdl
    assert "enum Status {\n  OPEN\n  CLOSED\n}" in sdl


def test_a_database_that_cannot_be_read_tells_no_password(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as refused:
        read_tables("postgresql://reader:secret-word@127.0.0.1:1/none", "other-secret-word")
    assert "secret-word" not in str(refused.value)
    with pytest.raises(Unreadable):
        read_tables(f"sqlite:///{tmp_path / 'missing.db'}", None)
    assert not (tmp_path / "missing.db").exists()
    with pytest.raises(Unreadable, match='kind "oracle" is not known'):
        read_tables("oracle://a@b/c", None)


async def test_tables_called_as_pages_are_do_not_clash_with_them(tmp_path: Path) -> None:
    """A table of connections beside one of users: both have pages, and the pages have names of their own."""
    tables = (
        'CREATE TABLE "user" (id INTEGER PRIMARY KEY, name VARCHAR(40))',
        "CREATE TABLE user_connections (id INTEGER PRIMARY KEY, host VARCHAR(40))",
        "CREATE TABLE user_edge (id INTEGER PRIMARY KEY)",
        "INSERT INTO \"user\" VALUES (1, '王')",
        "INSERT INTO user_connections VALUES (7, 'a.example')",
    )
    with database("sqlite", tmp_path, tables) as url:
        draft = drafted(url)
        connector = SqlConnector("register", draft.sdl, url, timeout=timedelta(seconds=10))
        query = "{ users { nodes { name } } userConnections { nodes { id host } edges { cursor } } }"
        answer = await connector.fetch(FetchRequest(query))
        await connector.close()
    assert answer.errors == ()
    assert answer.data is not None
    assert answer.data["users"] == {"nodes": [{"name": "王"}]}
    assert answer.data["userConnections"]["nodes"] == [{"id": "7", "host": "a.example"}]


def test_a_database_without_tables_is_told() -> None:
    with pytest.raises(Undraftable):
        draft_tables("register", ())

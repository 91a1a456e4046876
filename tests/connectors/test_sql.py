"""A department's database, mapped by ``@sqlConnect``: on SQLite, PostgreSQL and MariaDB alike."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy.engine import make_url

from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse
from connectors.sql import SqlConnector, SqlLimits
from schema.errors import RuntimeCode
from schema.mapping import check_connectors

HEAD = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  @link(url: "https://jiyi.dev/spec/sql/v0.1", import: ["@sqlSource", "@sqlConnect"])
  @sqlSource(name: "register")
"""
SDL = (
    HEAD
    + """
type Query {
  enterprise(code: ID!): Enterprise
    @sqlConnect(source: "register", entity: true
                select: "SELECT code, name, staff FROM enterprise WHERE code = {$args.code}")
  named(part: String!): [Enterprise!]!
    @sqlConnect(select: "SELECT code, name FROM enterprise WHERE name LIKE {$args.part} ORDER BY code")
  some(codes: [ID!]!): [Enterprise!]!
    @sqlConnect(select: "SELECT code FROM enterprise WHERE code IN ({$args.codes}) ORDER BY code")
  count: Int @sqlConnect(select: "SELECT count(*) AS n FROM enterprise -- all of {them}", selection: "$.n")
  page(first: Int, after: String, last: Int, before: String): EnterpriseConnection!
    @sqlConnect(select: "SELECT code, name, staff FROM enterprise", key: "staff desc, code"
                selection: "code name staff")
  all: [Enterprise!] @sqlConnect(select: "SELECT code FROM enterprise")
  slow: [Enterprise!] @sqlConnect(select: "SLOW")
}
type Enterprise @key(fields: "code")
  @sqlConnect(select: "SELECT code, name, staff FROM enterprise WHERE code IN {$batch.code}"
              batch: { maxSize: 2 }) {
  code: ID!
  name: String
  title: String
    @sqlConnect(select: "SELECT name FROM enterprise WHERE code = {$this.code}", selection: "name->slice(0, 1)")
  staff: Int
}
type EnterpriseConnection { edges: [EnterpriseEdge!]! nodes: [Enterprise!]! pageInfo: PageInfo! }
type EnterpriseEdge { cursor: String! node: Enterprise! }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
"""
)
SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS code FROM n WHERE i<0",
    "postgresql": "SELECT 'x' AS code FROM pg_sleep(30)",
    "mysql": "SELECT sleep(30) AS code",
}
ROWS = [("A", "甲公司", 5), ("B", "乙公司", 3), ("C", "丙公司", 5), ("D", "丁's", 1)]


def _address(kind: str, folder: Path) -> str:
    return {
        "sqlite": f"sqlite:///{folder / 'register.db'}",
        "postgresql": "postgresql://postgres@127.0.0.1:5432/test",
        "mysql": "mysql://root@127.0.0.1:3306/test",
    }[kind]


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.postgresql),
        pytest.param("mysql", marks=pytest.mark.mariadb),
    ]
)
def register(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The kind and address of a database with a table of four enterprises; its own, whatever others do."""
    kind = request.param
    url = make_url(_address(kind, tmp_path))
    drivers = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "sqlite": "sqlite"}
    engine = sqlalchemy.create_engine(url.set(drivername=drivers[kind]))
    name = f"jiyi_sql_{os.getpid()}"
    if kind != "sqlite":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        url = url.set(database=name)
        engine = sqlalchemy.create_engine(url.set(drivername=drivers[kind]))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE enterprise (code VARCHAR(10) PRIMARY KEY, name VARCHAR(40), staff INT)"
        )
        insert = sqlalchemy.text("INSERT INTO enterprise VALUES (:code, :name, :staff)")
        connection.execute(insert, [dict(zip(("code", "name", "staff"), row, strict=True)) for row in ROWS])
    engine.dispose()
    yield kind, url.render_as_string(hide_password=False)
    if kind != "sqlite":
        admin = sqlalchemy.create_engine(url.set(drivername=drivers[kind], database="test"))
        with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            force = " WITH (FORCE)" if kind == "postgresql" else ""
            connection.exec_driver_sql(f"DROP DATABASE {name}{force}")
        admin.dispose()


@asynccontextmanager
async def opened(register: tuple[str, str], **limits: int) -> AsyncIterator[SqlConnector]:
    kind, url = register
    connector = SqlConnector("register", SDL.replace("SLOW", SLOW[kind]), url, limits=SqlLimits(**limits))
    try:
        yield connector
    finally:
        await connector.close()


async def ask(connector: SqlConnector, query: str, seconds: float = 10, **variables: Any) -> FetchResponse:
    return await connector.fetch(FetchRequest(query, variables, timeout=timedelta(seconds=seconds)))


async def test_values_are_bound_and_rows_are_mapped(register: tuple[str, str]) -> None:
    """One row, none, many, a list behind IN, a column alone; nothing of a value is ever SQL."""
    async with opened(register) as api:
        query = """query($evil: ID!, $like: String!) {
          a: enterprise(code: "A") { code name staff title } none: enterprise(code: $evil) { code }
          named(part: $like) { code } some(codes: ["B", "D", "x"]) { code }
          empty: some(codes: []) { code } count }"""
        answer = await ask(api, query, evil="' OR 1=1 --", like="%'s")
        assert answer.errors == ()
        assert answer.data == {
            "a": {"code": "A", "name": "甲公司", "staff": 5, "title": "甲"},
            "none": None,
            "named": [{"code": "D"}],
            "some": [{"code": "B"}, {"code": "D"}],
            "empty": [],
            "count": 4,
        }


AS_WRITTEN = {
    "sqlite": r"SELECT 'a\d:b' || {$args.x} || ':c\\' AS n",
    "postgresql": r"SELECT 'a\d:b' || {$args.x}::text || E':c\\\\' AS n WHERE 'A1' ~ '^\w\d$'",
    "mysql": r"SELECT concat('a\\d:b', {$args.x}, ':c\\\\') AS n FROM enterprise WHERE name REGEXP '^\\w+.s$'",
}


async def test_backslashes_and_colons_reach_the_database_as_they_are_written(register: tuple[str, str]) -> None:
    """Regular expressions and escapes mean what the department's own handbook says."""
    kind, url = register
    select = f'"""{AS_WRITTEN[kind]}"""'
    sdl = f'{HEAD} type Query {{ n(x: String!): String @sqlConnect(select: {select}, selection: "$.n") }}'
    api = SqlConnector("register", sdl, url)
    answer = await ask(api, "query($x: String!) { n(x: $x) }", x="\\p0:p0'")
    await api.close()
    assert answer.errors == ()
    assert answer.data == {"n": "a\\d:b\\p0:p0':c\\\\"}


async def test_entities_are_read_in_batches_by_their_key(register: tuple[str, str]) -> None:
    """Whatever order the database gives; who is not there is null."""
    async with opened(register) as api:
        query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Enterprise { name } } }"
        wanted = [{"__typename": "Enterprise", "code": code} for code in ("D", "A", "Z", "D")]
        answer = await ask(api, query, r=wanted)
        assert answer.data == {"_entities": [{"name": "丁's"}, {"name": "甲公司"}, None, {"name": "丁's"}]}


async def test_a_connection_is_walked_forwards_and_backwards(register: tuple[str, str]) -> None:
    """By keyset: the order is that of the key columns, and a cursor is the place of a row."""
    async with opened(register) as api:
        page = "{ edges { cursor node { code } } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } }"
        first = (await ask(api, f"{{ page(first: 2) {page} }}")).data["page"]  # type: ignore[index]
        assert [edge["node"]["code"] for edge in first["edges"]] == ["A", "C"]
        assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
        query = f"query($c: String) {{ page(first: 5, after: $c) {page} }}"
        second = (await ask(api, query, c=first["pageInfo"]["endCursor"])).data["page"]  # type: ignore[index]
        assert [edge["node"]["code"] for edge in second["edges"]] == ["B", "D"]
        assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)
        query = f"query($c: String) {{ page(last: 2, before: $c) {page} }}"
        back = (await ask(api, query, c=second["pageInfo"]["endCursor"])).data["page"]  # type: ignore[index]
        assert [edge["node"]["code"] for edge in back["edges"]] == ["C", "B"]
        assert (back["pageInfo"]["hasNextPage"], back["pageInfo"]["hasPreviousPage"]) == (True, True)
        assert (await ask(api, "{ page { nodes { code name } } }")).data == {
            "page": {
                "nodes": [
                    {"code": code, "name": name} for code, name, _ in sorted(ROWS, key=lambda r: (-r[2], r[0]))
                ]
            }
        }


@pytest.mark.parametrize("arguments", ['after: "nonsense"', "first: -1", "first: 1, last: 1", "first: 101"])
async def test_a_page_that_cannot_be_is_refused(register: tuple[str, str], arguments: str) -> None:
    """Each is the client's mistake and says what to ask instead."""
    async with opened(register) as api:
        (error,) = (await ask(api, f"{{ page({arguments}) {{ nodes {{ code }} }} }}")).errors
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_query_ends_at_its_time_and_leaves_the_others_alone(register: tuple[str, str]) -> None:
    """The database itself is told, so that it does not work on for nobody."""
    async with opened(register, connections=2) as api:
        with pytest.raises(ConnectorFailure) as caught:
            await ask(api, "{ slow { code } }", seconds=0.5)
        assert caught.value.code == RuntimeCode.DEPARTMENT_TIMEOUT
        answers = await asyncio.gather(*(ask(api, "{ count }") for _ in range(10)))
        assert [answer.data for answer in answers] == [{"count": 4}] * 10


TRIED = (
    HEAD
    + """
type Query {
  fine(code: ID!, most: Int!): [Enterprise!]!
    @sqlConnect(selection: "code name"
                select: "SELECT code, name FROM enterprise WHERE code = {$args.code} -- {x}\\nLIMIT {$args.most}")
  nowhere: Int @sqlConnect(select: "SELECT count(*) AS n FROM enterprises", selection: "$.n")
  lacking(codes: [ID!]!): [Enterprise!]!
    @sqlConnect(select: "SELECT code FROM enterprise WHERE code IN ({$args.codes})", selection: "code name")
  page(first: Int): EnterpriseConnection!
    @sqlConnect(select: "SELECT code FROM enterprise", key: "staff", selection: "code")
}
type Enterprise @key(fields: "code")
  @sqlConnect(select: "SELECT code, name FROM enterprise WHERE code IN {$batch.code}") { code: ID! name: String }
type EnterpriseConnection { edges: [EnterpriseEdge!]! nodes: [Enterprise!]! pageInfo: PageInfo! }
type EnterpriseEdge { cursor: String! node: Enterprise! }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
"""
)


async def test_each_statement_is_tried_without_reading_a_row(register: tuple[str, str]) -> None:
    """A table, a column that orders, or one that a mapping reads: who lacks one learns it at registration."""
    kind, url = register
    connector = SqlConnector("register", TRIED, url)
    trials = [trial async for trial in connector.try_statements(timedelta(seconds=10))]
    await connector.close()
    if kind == "sqlite":
        # Its driver does not tell a refused query from a file that is not there.
        assert [(each.coordinate, each.is_away) for each in trials[-1:]] == [("Query.nowhere", True)]
        return
    assert {each.coordinate for each in trials if each.problem is None} == {"Query.fine", "Enterprise"}
    problems = {each.coordinate: each.problem or "" for each in trials if each.problem}
    assert problems["Query.lacking"] == "Its mapping reads name, which the rows do not have. They have: code."
    refused = {"postgresql": ("42P01", "42703"), "mysql": ("1146", "1054")}[kind]
    for coordinate, code in zip(("Query.nowhere", "Query.page"), refused, strict=True):
        assert problems[coordinate].startswith("The database refuses it: ")
        assert code in problems[coordinate]


async def test_more_rows_than_allowed_are_not_read(register: tuple[str, str]) -> None:
    """A table that grew must not fill the hub's memory."""
    async with opened(register, rows=3) as api:
        with pytest.raises(ConnectorFailure) as caught:
            await ask(api, "{ all { code } }")
        assert caught.value.code == RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE


async def test_nothing_can_be_written_even_by_a_function(register: tuple[str, str]) -> None:
    """The transaction is read only, whatever the account may do."""
    kind, url = register
    if kind != "postgresql":
        return
    engine = sqlalchemy.create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION grow() RETURNS text LANGUAGE sql AS "
            "$$ INSERT INTO enterprise VALUES ('N', 'new', 1) RETURNING code $$"
        )
    sdl = HEAD + 'type Query { grow: String @sqlConnect(select: "SELECT grow() AS code", selection: "$.code") }'
    api = SqlConnector("register", sdl, url)
    with pytest.raises(ConnectorFailure) as caught:
        await ask(api, "{ grow }")
    await api.close()
    assert caught.value.code == RuntimeCode.DEPARTMENT_ERROR
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM enterprise").scalar() == 4
    engine.dispose()


async def test_a_database_that_is_away_is_unreachable(tmp_path: Path) -> None:
    """And SQLite makes no new file for it."""
    for url in (
        f"sqlite:///{tmp_path / 'none.db'}",
        "postgresql://postgres@127.0.0.1:1/x",
        "mysql://root@127.0.0.1:1/x",
    ):
        api = SqlConnector("register", SDL.replace("SLOW", SLOW["sqlite"]), url)
        with pytest.raises(ConnectorFailure) as caught:
            await ask(api, "{ count }")
        await api.close()
        assert caught.value.code == RuntimeCode.DEPARTMENT_UNREACHABLE
        assert "127.0.0.1" not in caught.value.message
    assert list(tmp_path.iterdir()) == []


def test_the_whole_schema_is_sound() -> None:
    """Every field can be given, every key be found."""
    assert check_connectors("register", SDL.replace("SLOW", SLOW["sqlite"])) == ()


@pytest.mark.parametrize(
    ("select", "code"),
    [
        ("SELECT name FROM t WHERE name = '{$args.a}'", "INVALID_SQL"),
        ('SELECT name FROM t WHERE x = \\"{$args.a}\\"', "INVALID_SQL"),
        ("SELECT 1 /* {$args.a} */ AS name", "INVALID_SQL"),
        ("SELECT 1 AS name; DROP TABLE t", "INVALID_SQL"),
        ("DELETE FROM t RETURNING name", "INVALID_SQL"),
        ("SELECT name FROM t WHERE a = {$args.b}", "UNDEFINED_ARGUMENT"),
        ("SELECT name FROM t WHERE a = {$this.b}", "INVALID_SQL"),
        ("SELECT name FROM t WHERE a = {b}", "INVALID_SQL"),
        ("SELECT name FROM t WHERE a NOT IN ({$args.a})", "INVALID_SQL"),
        ("SELECT name FROM t WHERE a = 'it''s {fine}' AND b = {$args.a};", None),
        ("SELECT name FROM t WHERE a = 'x\\\\' OR b = {$args.a} --\\\\''", "INVALID_SQL"),
        ("SELECT name FROM t WHERE a = E'x\\\\\\\\' AND b ~ '^\\\\d' AND c = {$args.a}", None),
        ("  -- first\\n WITH t AS (SELECT 1 AS name) SELECT name FROM t", None),
        ("SELECT name::text FROM t WHERE j = $$a{$$ AND a = {$args.a}", None),
    ],
)
def test_a_query_is_one_that_reads_and_binds(select: str, code: str | None) -> None:
    """Refused when it is registered, with the place in the text."""
    sdl = HEAD + f'type Query {{ name(a: String): String @sqlConnect(select: "{select}", selection: "$.name") }}'
    errors = check_connectors("register", sdl)
    assert [error.code for error in errors] == ([code] if code else [])
    assert all(error.locations for error in errors)


def test_a_connection_needs_its_key_and_a_key_a_connection() -> None:
    """Without an order there are no pages."""
    connection = SDL.replace("SLOW", SLOW["sqlite"]).replace(', key: "staff desc, code"', "")
    assert [error.code for error in check_connectors("r", connection)] == ["SQL_CONNECTION_WITHOUT_KEY"]
    other = HEAD + 'type Query { n: Int @sqlConnect(select: "SELECT 1 AS n", selection: "$.n", key: "n") }'
    assert [error.code for error in check_connectors("r", other)] == ["SQL_KEY_WITHOUT_CONNECTION"]

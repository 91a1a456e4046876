"""The tables of a database as drafting reads them, through SQLAlchemy, with the account that is given.

Nothing is written, and no row is read. Source: https://docs.sqlalchemy.org, "Reflecting Database Objects".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, Inspector, create_engine, exc, inspect, types
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import make_url

from hub.cli.input import Unreadable
from schema.drafting.tables import Column, ForeignKey, Table

_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "sqlite": "sqlite",
}
_KINDS: tuple[tuple[type[types.TypeEngine[Any]], str], ...] = (
    (types.Boolean, "Boolean"),
    (types.BigInteger, "Long"),
    (types.Integer, "Int"),
    (types.Float, "Float"),
    (types.Numeric, "Decimal"),
    (types.DateTime, "DateTime"),
    (types.Date, "Date"),
    (types.Time, "Time"),
    (types.Uuid, "UUID"),
    (types.JSON, "JSON"),
)
"""In this order: a float is a number and a big integer an integer, too."""


_INDEXES: dict[str, dict[str, Any]] = {"sqlite": {"include_auto_indexes": True}}
"""SQLite holds a column's own UNIQUE as an index that is not shown otherwise."""


def read_tables(url: str, password: str | None) -> tuple[Table, ...]:
    """Every table and view of the account's own schema. Raises :class:`Unreadable`, which tells no password."""
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise Unreadable("--from-sql is no address of a database, such as postgresql://user@host/name") from None
    kind = parsed.get_backend_name()
    if kind not in _DRIVERS:
        raise Unreadable(f'a database of the kind "{kind}" is not known; there are {", ".join(sorted(_DRIVERS))}')
    if kind == "sqlite" and (not parsed.database or parsed.database == ":memory:"):
        raise Unreadable("name the file: sqlite:///path/of/file.db")
    parsed = parsed.set(drivername=_DRIVERS[kind])
    if password is not None:
        parsed = parsed.set(password=password)
    connect = {} if kind == "sqlite" else {"connect_timeout": 5}
    if kind == "sqlite":
        # Read only: a mistyped name must not make an empty file.
        parsed = parsed.set(database=f"file:{parsed.database}", query={"mode": "ro", "uri": "true"})
    engine = create_engine(parsed, hide_parameters=True, connect_args=connect)
    try:
        return _read(engine)
    except exc.SQLAlchemyError as error:
        told = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
        raise Unreadable(f"{parsed.render_as_string(hide_password=True)}: {told}") from None
    finally:
        engine.dispose()


def _read(engine: Engine) -> tuple[Table, ...]:
    inspector = inspect(engine)
    tables = [_table(engine, inspector, name) for name in sorted(inspector.get_table_names())]
    views = [_view(engine, inspector, name) for name in sorted(_view_names(inspector))]
    return (*tables, *views)


def _view_names(inspector: Inspector) -> list[str]:
    try:
        return [*inspector.get_view_names(), *inspector.get_materialized_view_names()]
    except NotImplementedError:
        # Only PostgreSQL keeps what a view gave.
        return inspector.get_view_names()


def _table(engine: Engine, inspector: Inspector, name: str) -> Table:
    columns = inspector.get_columns(name)
    unique: list[list[str | None]] = [[*each["column_names"]] for each in inspector.get_unique_constraints(name)]
    unique += [
        [*each["column_names"]]
        for each in inspector.get_indexes(name, **_INDEXES.get(engine.dialect.name, {}))
        if each["unique"] and not each.get("dialect_options", {}).get("postgresql_where")
    ]
    never_null = {each["name"] for each in columns if not each["nullable"]}
    own = inspector.get_foreign_keys(name)
    primary = tuple(inspector.get_pk_constraint(name)["constrained_columns"])
    return Table(
        name,
        _quoted(engine, name),
        tuple(_column(engine, each, primary) for each in columns),
        primary,
        tuple(
            tuple(str(c) for c in key) for key in unique if key and None not in key and never_null.issuperset(key)
        ),
        tuple(
            ForeignKey(tuple(each["constrained_columns"]), each["referred_table"], tuple(each["referred_columns"]))
            for each in own
            if each["referred_schema"] is None
        ),
        _comment(inspector, name),
    )


def _view(engine: Engine, inspector: Inspector, name: str) -> Table:
    return Table(name, _quoted(engine, name), tuple(_column(engine, each) for each in inspector.get_columns(name)))


def _column(engine: Engine, found: Mapping[str, Any], primary: tuple[str, ...] = ()) -> Column:
    """Nothing of a primary key is null, though SQLite does not say so."""
    kind = found["type"]
    is_list = isinstance(kind, types.ARRAY)
    element = kind.item_type if isinstance(kind, types.ARRAY) else kind
    values = tuple(element.enums) if isinstance(element, types.Enum) else ()
    return Column(
        found["name"],
        _quoted(engine, found["name"]),
        _kind(element),
        found["nullable"] and found["name"] not in primary,
        found.get("comment") or "",
        values,
        is_list,
    )


def _kind(kind: types.TypeEngine[Any]) -> str:
    if isinstance(kind, mysql.TINYINT) and kind.display_width == 1:
        return "Boolean"
    if isinstance(kind, mysql.INTEGER) and kind.unsigned:
        return "Long"
    return next((name for known, name in _KINDS if isinstance(kind, known)), "String")


def _comment(inspector: Inspector, name: str) -> str:
    try:
        return inspector.get_table_comment(name)["text"] or ""
    except NotImplementedError:
        # SQLite has no comments.
        return ""


def _quoted(engine: Engine, name: str) -> str:
    """As it stands in SQL: drivers that mark parameters with a percent sign would have one in a name doubled."""
    quoted: str = engine.dialect.identifier_preparer.quote(name)
    return quoted.replace("%%", "%") if engine.dialect.paramstyle in ("format", "pyformat") else quoted

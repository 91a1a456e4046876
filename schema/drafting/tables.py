"""Draft a connector from the tables of a database: types, look-ups by key, pages, and who refers to whom.

Source: docs/spec/sql.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from graphql.language.print_string import print_string

from schema.drafting.draft import Count, Draft, Note, Undraftable
from schema.drafting.graph import EnumType, Graph
from schema.drafting.names import (
    RESERVED_FIELDS,
    RESERVED_TYPES,
    Names,
    camel,
    field_name,
    is_name,
    pascal,
    singular,
)
from schema.drafting.print_sdl import SCALARS, described, print_types, reviewed, string

_LINKS = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
  @link(url: "https://jiyi.dev/spec/sql/v0.1", import: ["@sqlSource", "@sqlConnect"])"""
_PAGE_INFO = """type PageInfo @shareable {
  hasNextPage: Boolean!
  hasPreviousPage: Boolean!
  startCursor: String
  endCursor: String
}"""
_PAGE = "(first: Int = 20, after: String, last: Int, before: String)"
_BATCH = 100
_KEY_TYPES = frozenset({"Int", "Long", "String", "UUID", "Decimal"})


@dataclass(frozen=True, slots=True)
class Column:
    """``sql`` is its name as the database writes it, quoted where it must be; ``type`` a scalar's name; ``values``
    are those of an enum."""

    name: str
    sql: str
    type: str
    is_nullable: bool
    comment: str = ""
    values: tuple[str, ...] = ()
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """These columns hold the value of that other table's."""

    columns: tuple[str, ...]
    table: str
    referred: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table or, without keys of its own, a view. ``unique_keys`` are the other keys of which nothing is null."""

    name: str
    sql: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    comment: str = ""

    @property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """The primary key first."""
        return tuple(dict.fromkeys(key for key in (self.primary_key, *self.unique_keys) if key))


def draft_tables(source: str, tables: Sequence[Table]) -> Draft:
    """``source`` names the database. Raises :class:`Undraftable` where there is no table."""
    if not tables:
        raise Undraftable("There is no table or view that this account may see.")
    drafting = _Drafting(source, sorted(tables, key=lambda table: table.name))
    sdl = "\n\n".join(drafting.blocks())
    return Draft("queue", sdl, tuple(drafting.notes), (Count("tables and views", len(tables), len(tables)),))


@dataclass
class _Member:
    """A column as a field. ``alias`` is what the query calls it where its own name would have to be quoted."""

    column: Column
    name: str
    alias: str
    type: str

    @property
    def selected(self) -> str:
        return self.column.sql if self.alias == self.column.name else f"{self.column.sql} AS {self.alias}"

    @property
    def mapped(self) -> str:
        return self.name if self.name == self.alias else f"{self.name}: {self.alias}"


@dataclass
class _Entity:
    """A table as a type: ``references`` are name, target and column of the objects it refers to."""

    table: Table
    name: str
    members: dict[str, _Member]
    references: list[tuple[str, _Entity, ForeignKey]] = field(default_factory=list)
    connection: str = ""
    edge: str = ""

    def select(self, rest: str) -> str:
        """Its rows; names are quoted as the database does it, and values are bound when it runs."""
        columns = ", ".join(member.selected for member in self.members.values())
        return f"SELECT {columns} FROM {self.table.sql}{rest}"  # noqa: S608

    @property
    def selection(self) -> str | None:
        """``None`` where the columns are the fields."""
        members = [member.mapped for member in self.members.values()]
        for name, target, key in self.references:
            alias = self.members[key.columns[0]].alias
            members.append(
                f"{name}: {alias}->match([null, null], [@, {{ {target.members[key.referred[0]].name}: @ }}])"
            )
        is_plain = not self.references and all(each.name == each.alias for each in self.members.values())
        return None if is_plain else "\n".join(members)


class _Drafting:
    def __init__(self, source: str, tables: list[Table]) -> None:
        self.notes: list[Note] = []
        self._source = source
        self._graph = Graph()
        self._types = Names(RESERVED_TYPES)
        self._roots = Names(RESERVED_FIELDS)
        self._enums: dict[tuple[str, ...], str] = {}
        self._entities = {table.name: self._entity(table) for table in tables}
        for entity in self._entities.values():
            self._refer(entity)
            # After all tables: one may be called user_connections beside another called user.
            entity.connection = self._types.take(f"{entity.name}Connection", f"{entity.name}RowsConnection")
            entity.edge = self._types.take(f"{entity.name}Edge", f"{entity.name}RowsEdge")

    def blocks(self) -> Iterator[str]:
        entities = self._entities.values()
        yield "# Drafted from the tables of a database."
        yield f"{_LINKS}\n  @sqlSource(name: {print_string(self._source)})"
        yield "\n".join(("type Query {", *(line for each in entities for line in self._root(each)), "}"))
        for each in entities:
            yield "\n".join(self._type(each))
            if each.table.keys:
                fields = f"edges: [{each.edge}!]!", f"nodes: [{each.name}!]!", "pageInfo: PageInfo!"
                yield "\n".join((f"type {each.connection} {{", *(f"  {field}" for field in fields), "}"))
                yield f"type {each.edge} {{\n  cursor: String!\n  node: {each.name}!\n}}"
        if any(each.table.keys for each in entities):
            yield _PAGE_INFO
        used = {member.type.strip("[]!") for each in entities for member in each.members.values()}
        yield from print_types(self._graph, set(self._graph.enums), used & SCALARS.keys())

    # From tables to types

    def _entity(self, table: Table) -> _Entity:
        keyed = {name for key in table.keys for name in key}
        names, aliases = Names(), Names()
        members = {}
        for column in table.columns:
            is_plain = column.sql == column.name and is_name(column.name)
            alias = aliases.take(column.name if is_plain else f"c_{camel(column.name)}".lower())
            type_name = self._type_of(column, table)
            if column.name in keyed and column.type in _KEY_TYPES and not column.is_list:
                type_name = "ID"
            members[column.name] = _Member(column, names.take(field_name(column.name)), alias, type_name)
        wish = pascal(singular(table.name))
        return _Entity(table, self._types.take(wish, pascal(table.name), f"{wish}Row"), members)

    def _type_of(self, column: Column, table: Table) -> str:
        if not column.values:
            return f"[{column.type}]" if column.is_list else column.type
        if not all(is_name(value) and value not in {"true", "false", "null"} for value in column.values):
            self.notes.append(
                Note(f"{table.name}.{column.name}", "a String, since its values are no names of GraphQL")
            )
            return "String"
        if column.values not in self._enums:
            name = self._types.take(pascal(column.name), f"{pascal(singular(table.name))}{pascal(column.name)}")
            self._enums[column.values] = name
            self._graph.enums[name] = EnumType(name, tuple((value, value) for value in column.values))
        return self._enums[column.values]

    def _refer(self, entity: _Entity) -> None:
        names = Names(member.name for member in entity.members.values())
        for key in entity.table.foreign_keys:
            target = self._entities.get(key.table)
            about = f"{entity.table.name}({', '.join(key.columns)})"
            if target is None:
                self.notes.append(Note(about, f"refers to {key.table}, which is not drafted"))
            elif len(key.columns) != 1 or key.referred not in target.table.keys:
                self.notes.append(Note(about, f"refers to {key.table} by several columns; it is left as they are"))
            else:
                called = field_name(key.columns[0])
                stem = next(
                    (called.removesuffix(end) for end in ("_id", "Id", "_code", "_no") if called.endswith(end)), ""
                )
                wishes = [stem] if stem else []
                entity.references.append(
                    (names.take(*wishes, camel(target.name), f"{called}_{camel(target.name)}"), target, key)
                )

    # Text

    def _root(self, entity: _Entity) -> Iterator[str]:
        table, one = entity.table, camel(entity.name)
        for number, key in enumerate(table.keys):
            arguments = ", ".join(f"{entity.members[name].name}: {entity.members[name].type}!" for name in key)
            where = " AND ".join(
                f"{entity.members[name].column.sql} = {{$args.{entity.members[name].name}}}" for name in key
            )
            by = pascal(" ".join(entity.members[name].name for name in key))
            name = self._roots.take(*([one] if number == 0 else []), f"{one}By{by}")
            yield from described(table.comment, "  ")
            yield f"  {name}({arguments}): {entity.name}"
            yield from self._connect(entity, entity.select(f" WHERE {where}"), "    ")
        many = self._roots.take(_plural(camel(table.name)), f"all{entity.name}")
        if table.keys:
            order = ", ".join(entity.members[name].alias for name in table.keys[0])
            yield f"  {many}{_PAGE}: {entity.connection}!"
            yield from self._connect(entity, entity.select(""), "    ", key=order)
        else:
            yield from reviewed(
                [f"{table.name} has no key: the order of its rows may change between two pages"], "  "
            )
            yield f"  {many}(limit: Int! = 20, offset: Int! = 0): [{entity.name}!]!"
            select = entity.select(" LIMIT {$args.limit} OFFSET {$args.offset}")
            yield from self._connect(entity, select, "    ")

    def _type(self, entity: _Entity) -> Iterator[str]:
        table = entity.table
        yield from described(_told(table.comment, table.name))
        if table.keys:
            yield from reviewed(
                ["each key of the table is a key of the graph; remove what nobody should look up by"]
            )
        yield f"type {entity.name}"
        for key in table.keys:
            yield f'  @key(fields: "{" ".join(entity.members[name].name for name in key)}")'
        for key in table.keys:
            yield from self._look_up(entity, key)
        yield "{"
        for member in entity.members.values():
            yield from described(_told(member.column.comment, member.column.name), "  ")
            yield f"  {member.name}: {member.type}{'' if member.column.is_nullable else '!'}"
        for name, target, foreign in entity.references:
            yield from reviewed([f"the {target.table.name} that {', '.join(foreign.columns)} refers to"], "  ")
            yield f"  {name}: {target.name}"
        yield "}"

    def _look_up(self, entity: _Entity, key: tuple[str, ...]) -> Iterator[str]:
        members = [entity.members[name] for name in key]
        if len(members) == 1:
            select = entity.select(f" WHERE {members[0].column.sql} IN {{$batch.{members[0].name}}}")
            yield from self._connect(entity, select, "  ", batch=True)
            return
        where = " AND ".join(f"{member.column.sql} = {{$this.{member.name}}}" for member in members)
        yield from self._connect(entity, entity.select(f" WHERE {where}"), "  ")

    def _connect(
        self, entity: _Entity, select: str, indent: str, *, key: str = "", batch: bool = False
    ) -> Iterator[str]:
        yield f"{indent}@sqlConnect("
        yield f"{indent}  source: {print_string(self._source)}"
        yield f"{indent}  select: {string(select, f'{indent}  ')}"
        if key:
            yield f'{indent}  key: "{key}"'
        if entity.selection is not None:
            yield f"{indent}  selection: {string(entity.selection, f'{indent}  ')}"
        if batch:
            yield f"{indent}  batch: {{ maxSize: {_BATCH} }}"
        yield f"{indent})"


def _told(comment: str, name: str) -> str:
    """A name that no name of GraphQL can show is told where no comment does."""
    return comment or ("" if name.isascii() else f'"{name}" in the database.')


def _plural(word: str) -> str:
    if singular(word) != word:
        return word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"

"""``@source`` and ``@connect`` as values.

Source: the public Apollo Connectors convention, "Directives".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from graphql import DocumentNode, Node, StringValueNode

from schema.mapping.keyset import Keyset
from schema.mapping.shape import Expected
from schema.mapping.statement import Statement
from schema.mapping.syntax import ArrayLiteral, Expression, Key, Path, Selection, properties_of, walk
from schema.mapping.template import Template
from schema.mapping.virtual_schema import VirtualSchema

METHODS_OF_HTTP = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Header:
    """A header we send: a value of our own, or one of the incoming request's under the name ``sender``."""

    name: str
    value: Template | None = None
    sender: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """How an answer that is no success is told: ``errors: { message, extensions }``."""

    message: Selection | None = None
    extensions: Selection | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What the connectors of one REST service share."""

    name: str
    base_url: Template
    headers: tuple[Header, ...] = ()
    path: Selection | None = None
    query_parameters: Selection | None = None
    failure: Failure = Failure()
    is_success: Selection | None = None


@dataclass(frozen=True, slots=True)
class Connect:
    """One ``@connect``. ``field_name`` is ``None`` for one that stands on a type.

    ``method`` and ``url`` are ``None`` for one that makes no request and maps what it is given. ``place`` is
    how errors name it: ``subgraph:Type.field@connect[0]``. ``strings`` are the quoted texts by their role, for
    errors that point into them.
    """

    type_name: str
    field_name: str | None
    source: Source | None
    method: str | None
    url: Template | None
    selection: Selection
    headers: tuple[Header, ...] = ()
    body: Selection | None = None
    path: Selection | None = None
    query_parameters: Selection | None = None
    entity: bool = False
    batch_size: int | None = None
    failure: Failure = Failure()
    is_success: Selection | None = None
    statement: Statement | None = None
    keyset: Keyset | None = None
    gives_rows: bool = False
    """Of a statement: whether it is mapped from the list of its rows, and not from the one row."""
    place: str = ""
    given: frozenset[str] | None = None
    """The fields that its selection gives at the top; ``None`` where that cannot be told beforehand."""
    expected: Expected | None = field(default=None, compare=False, repr=False)
    """Those and what is below them: null where an answer lacks them."""
    node: Node | None = field(default=None, compare=False, repr=False)
    strings: dict[str, StringValueNode] = field(default_factory=dict, compare=False, repr=False)

    @property
    def asks_nothing(self) -> bool:
        """It maps what it is given."""
        return self.url is None and self.statement is None

    @property
    def coordinate(self) -> str:
        return f"{self.type_name}.{self.field_name}" if self.field_name else self.type_name

    @property
    def request_expressions(self) -> Iterator[Expression]:
        """Everything that is evaluated to make the request, the source's part included."""
        if self.statement is not None:
            yield from self.statement.expressions
        if self.url is not None:
            yield from self.url.expressions
        for header in (*self.headers, *(self.source.headers if self.source else ())):
            if header.value:
                yield from header.value.expressions
        shared = (self.source.path, self.source.query_parameters) if self.source else ()
        for selection in (self.body, self.path, self.query_parameters, *shared):
            if selection:
                yield selection.value
        if self.source:
            yield from self.source.base_url.expressions

    def reads(self, variable: str) -> frozenset[str]:
        """The properties of a variable without which nothing can be asked: of one that makes no request, all that
        its selection reads."""
        asked = (self.selection.value,) if self.asks_nothing else self.request_expressions
        return frozenset(name for expression in asked for name in properties_of(variable, expression))

    def reads_plainly(self, variable: str) -> frozenset[str]:
        """Those of its request that are taken as they are, and not made into something else by a method."""
        parts = (part for expression in self.request_expressions for part in walk(expression))
        return frozenset(name for part in parts if _is_plain(part) for name in properties_of(variable, part))

    def mentions(self, variable: str) -> frozenset[str]:
        """The properties of a variable that its request reads, or what is made of the answer."""
        rules = (self.is_success, self.failure.message, self.failure.extensions)
        made = [self.selection, *(rule for rule in rules if rule is not None)]
        return self.reads(variable).union(*(properties_of(variable, each.value) for each in made))

    def addresses_by(self, variable: str) -> frozenset[str]:
        """The properties of a variable that say which thing is asked for: with null there is none to ask for.

        Of a statement all that it binds, of a request those that stand in its path as they are; elsewhere null is
        a value like others.
        """
        if self.statement is not None:
            return self.reads(variable)
        expressions = [*(_in_path(self.url) if self.url else ()), *(_segments(self.path) if self.path else ())]
        return frozenset(name for each in expressions if _is_plain(each) for name in properties_of(variable, each))

    @property
    def is_batch(self) -> bool:
        return self.field_name is None and bool(self.reads("$batch"))


def _in_path(url: Template) -> Iterator[Expression]:
    for part in url.parts:
        if not isinstance(part, str):
            yield part
        elif "?" in part:
            return


def _segments(path: Selection) -> Iterator[Expression]:
    """The members of ``path: "['items', $this.id]"``."""
    value = path.value
    inner = value.start if isinstance(value, Path) and not value.steps else value
    yield from inner.items if isinstance(inner, ArrayLiteral) else (value,)


def _is_plain(expression: Expression) -> bool:
    """Nothing but keys: what is chosen or made by a method is its author's affair."""
    return isinstance(expression, Path) and all(isinstance(step, Key) for step in expression.steps)


@dataclass(frozen=True)
class ConnectorSchema:
    """A whole connector SDL, read: its executable schema and where its data comes from."""

    subgraph: str
    sdl: str
    document: DocumentNode
    virtual: VirtualSchema
    sources: tuple[Source, ...]
    connects: tuple[Connect, ...]
    connect_name: str
    namespaces: dict[str, str] = field(default_factory=dict)
    """A prefix for each XML namespace that has one, by its address."""

    def at(self, base_url: Template) -> ConnectorSchema:
        """The same department somewhere else: every source's base URL replaced."""
        sources = {source.name: replace(source, base_url=base_url) for source in self.sources}
        connects = tuple(
            replace(connect, source=sources[connect.source.name]) if connect.source else connect
            for connect in self.connects
        )
        return replace(self, sources=tuple(sources.values()), connects=connects)

    def connects_of(self, type_name: str, field_name: str | None) -> tuple[Connect, ...]:
        """The connectors of a field, or of a type when ``field_name`` is ``None``, in the document's order."""
        return tuple(c for c in self.connects if c.type_name == type_name and c.field_name == field_name)

"""The selection that one fetch sends, in terms of its subgraph's own schema.

Fields are kept per concrete type and written on the interface where that says the same, in fragments on
concrete types elsewhere; a type that the subgraph does not know is never named. Where two types want one
response name in shapes that the subgraph's schema refuses side by side, one gets an internal alias.
Source: GraphQL specification, section 5.3.2 "Field Selection Merging".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from graphql import GraphQLField, get_named_type, is_composite_type, is_interface_type

from schema.planning.limits import MAX_DOCUMENT, MAX_LOOKS, too_complex
from schema.planning.query_graph import QueryGraph
from schema.planning.query_plan import Each, OnTypes, Path
from schema.planning.selection import (
    ALWAYS,
    NO_LITERALS,
    Conditions,
    Literals,
    Selected,
    common_literals,
    without,
)

ENTITIES = "_Entity"

Rename = tuple[Path, str, str]


@dataclass(slots=True, eq=False)
class DocumentField:
    """One field of a fetch's document. ``alias`` is the name in the document, mostly the response name."""

    response_name: str
    alias: str
    name: str
    arguments: str
    variables: tuple[str, ...]
    conditions: Conditions
    below: DocumentSelection | None


@dataclass(slots=True, eq=False)
class DocumentSelection:
    """A selection set of a fetch. ``type_name`` is the place's type as the subgraph declares it; among entities
    ``entered`` says as what objects of a concrete type are known there."""

    graph: QueryGraph
    service: str
    type_name: str
    by_type: dict[str, dict[tuple[str, Conditions], DocumentField]] = field(default_factory=dict)
    entered: Mapping[str, str] = field(default_factory=dict)

    def add(self, types: tuple[str, ...], selected: Selected, conditions: Conditions) -> list[DocumentField]:
        """Ask for a field on objects of these types; what was asked already is shared."""
        key = (selected.response_name, conditions)
        declared = dict.fromkeys(self._declared_as(t, selected.name) for t in types)
        if selected.below is None and any((key[0], ALWAYS) in self.by_type.get(t, {}) for t in declared):
            key = (selected.response_name, ALWAYS)
        fresh = self._new(next(iter(declared)), selected, key[1])
        fields = [self.by_type.setdefault(t, {}).setdefault(key, fresh) for t in declared]
        return list({id(one): one for one in fields}.values())

    def _declared_as(self, type_name: str, name: str) -> str:
        entered = self.entered.get(type_name)
        if entered is not None and self.graph.services[self.service].is_interface_object(entered):
            return entered
        return self.graph.declared_as(self.service, type_name, name) or type_name

    def _new(self, declared: str, selected: Selected, conditions: Conditions) -> DocumentField:
        definition = self.graph.field_in(self.service, declared, selected.name)
        named = get_named_type(definition.type) if definition else None
        below = None
        if named is not None and is_composite_type(named):
            below = DocumentSelection(self.graph, self.service, named.name)
        return DocumentField(
            selected.response_name,
            selected.response_name,
            selected.name,
            selected.arguments,
            selected.variables,
            conditions,
            below,
        )

    def may_take_in(self, other: DocumentSelection) -> bool:
        """Whether no response name would then stand for two different fields."""
        pairs = [(self, other)]
        seen: set[tuple[int, int]] = set()
        while pairs:
            here, there = pairs.pop()
            if (id(here), id(there)) in seen:
                continue
            seen.add((id(here), id(there)))
            for type_name, one in there.fields():
                for mine in here.by_type.get(type_name, {}).values():
                    if mine.response_name != one.response_name:
                        continue
                    if (one.name, one.arguments) != (mine.name, mine.arguments):
                        return False
                    if one.below is not None and mine.below is not None:
                        pairs.append((mine.below, one.below))
        return True

    def take_in(self, other: DocumentSelection, literals: Literals) -> None:
        """Ask for what the other asks too, under these conditions."""
        self._take_in(other, literals, set())

    def _take_in(self, other: DocumentSelection, literals: Literals, done: set[tuple[int, int]]) -> None:
        if self is other or (id(self), id(other)) in done:
            return
        done.add((id(self), id(other)))
        for type_name, one in other.fields():
            fields = self.by_type.setdefault(type_name, {})
            conditions = frozenset(alternative | literals for alternative in one.conditions)
            if one.below is None and (one.response_name, ALWAYS) in fields:
                continue
            known = fields.get((one.response_name, conditions))
            if known is None:
                fields[one.response_name, conditions] = replace(one, conditions=conditions)
            elif known.below and one.below:
                known.below._take_in(one.below, NO_LITERALS, done)

    def ask_typename(self) -> None:
        """Have every object here say its type."""
        fresh = DocumentField("__typename", "__typename", "__typename", "", (), ALWAYS, None)
        for type_name in self.possible():
            fields = self.by_type.setdefault(type_name, {})
            self.by_type[type_name] = {("__typename", ALWAYS): fresh, **fields}

    def possible(self) -> tuple[str, ...]:
        """The concrete types, as the subgraph declares them, of objects here."""
        if self.graph.is_abstract(self.service, self.type_name):
            return self.graph.own_types(self.service, self.type_name)
        return (self.type_name,)

    def fields(self) -> Iterator[tuple[str, DocumentField]]:
        for type_name, fields in self.by_type.items():
            for one in fields.values():
                yield type_name, one


def write(selection: DocumentSelection, known: Literals) -> str:
    """The text between the braces; conditions that hold anyway (``known``) are left away.

    Raises :class:`schema.errors.PlanningError` where fields under many conditions make it too long.
    """
    return _Writer(known).write(selection)


@dataclass(slots=True)
class _Writer:
    """Writes each selection and each field once, however many types share it.

    Inside one of a field's ``alternatives``, ``mine``, nothing is written that stands in another one: fields
    of one name merge, so that chains of conditions do not multiply. ``path`` is what holds besides, from that
    field on, wherever this writer writes; ``on_path`` are the writers for other paths from there. ``looks`` counts
    the conditions that were looked at for the whole document.
    """

    known: Literals
    mine: Literals = NO_LITERALS
    alternatives: Conditions = ALWAYS
    elsewhere: dict[Literals, bool] = field(default_factory=dict)
    path: Literals = NO_LITERALS
    on_path: dict[Literals, _Writer] = field(default_factory=dict)
    looks: list[int] = field(default_factory=lambda: [0])
    texts: dict[int, str] = field(default_factory=dict)
    fields: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def write(self, selection: DocumentSelection) -> str:
        if id(selection) not in self.texts:
            text = self._write(selection)
            if len(text) > MAX_DOCUMENT:
                raise too_complex(f"one request would have more than {MAX_DOCUMENT} characters")
            self.texts[id(selection)] = text
        return self.texts[id(selection)]

    def _write(self, selection: DocumentSelection) -> str:
        graph, service, place = selection.graph, selection.service, selection.type_name
        if place != ENTITIES and not graph.is_abstract(service, place):
            return " ".join(self._fields(selection.by_type.get(place, {}))) or "__typename"
        written = {t: self._fields(fields) for t, fields in selection.by_type.items()}
        common = _common(selection, written)
        parts = list(common)
        for type_name, fields in written.items():
            rest = [text for text in fields if text not in common]
            if rest or place == ENTITIES:
                parts.append(f"... on {type_name} {{ {' '.join(rest) or '__typename'} }}")
        return " ".join(parts) or "__typename"

    def _fields(self, fields: Mapping[tuple[str, Conditions], DocumentField]) -> dict[str, DocumentField]:
        found: dict[str, DocumentField] = {}
        for one in fields.values():
            if id(one) not in self.fields:
                self.fields[id(one)] = tuple(self._field(one))
            found.update(dict.fromkeys(self.fields[id(one)], one))
        return found

    def _field(self, one: DocumentField) -> Iterator[str]:
        """The field once for each of its alternatives: fields of one name merge."""
        alias = "" if one.alias == one.name else f"{one.alias}: "
        text = f"{alias}{one.name}{f'({one.arguments})' if one.arguments else ''}"
        self.looks[0] += len(one.conditions)
        if self.looks[0] > MAX_LOOKS:
            raise too_complex("its fields stand under too many conditions")
        mine = sorted(filter(self._is_mine, one.conditions), key=lambda each: (-len(each), sorted(each)))
        told = {literals - self.known: literals for literals in mine}
        alternatives = without(frozenset(mine), self.known)
        apart = self._apart(alternatives) if one.below and len(alternatives) > 1 else {}
        for literals in sorted(alternatives, key=sorted):
            writer = apart.get(literals) or self._below(told[literals])
            body = f" {{ {writer.write(one.below)} }}" if one.below else ""
            yield _conditioned(text, body, literals)

    def _apart(self, alternatives: Conditions) -> dict[Literals, _Writer]:
        """A writer for what stands inside each of a field's alternatives."""
        common = common_literals(alternatives)
        each = {one: one - common for one in alternatives}
        every, elsewhere, known = frozenset(each.values()), dict[Literals, bool](), self.known
        return {one: _Writer(known | one, mine, every, elsewhere, looks=self.looks) for one, mine in each.items()}

    def _below(self, literals: Literals) -> _Writer:
        """The writer for what stands below a field in its one alternative, which holds for all of it."""
        path = self.path | literals
        if not self.mine or path == self.path:
            return self
        if path not in self.on_path:
            self.on_path[path] = replace(self, path=path, texts={}, fields={})
        return self.on_path[path]

    def _is_mine(self, literals: Literals) -> bool:
        literals |= self.path
        if self.mine <= literals:
            return True
        if literals not in self.elsewhere:
            self.elsewhere[literals] = any(one <= literals for one in self.alternatives)
        return not self.elsewhere[literals]


def _common(selection: DocumentSelection, written: Mapping[str, Mapping[str, DocumentField]]) -> dict[str, None]:
    """The fields that every object here is asked, where the place's own type has them."""
    place = selection.graph.type_in(selection.service, selection.type_name)
    if place is None or selection.type_name == ENTITIES:
        return {}
    every = [written.get(t, {}) for t in selection.possible()]
    return {
        text: None
        for text, one in (every[0] if every else {}).items()
        if all(text in other for other in every)
        and (
            one.name == "__typename"
            or (is_interface_type(place) and selection.graph.field_in(selection.service, place.name, one.name))
        )
    }


def _conditioned(text: str, body: str, literals: Literals) -> str:
    """``a @skip(if: $x) @include(if: $y)``; more of one kind stand on fragments around it."""
    includes = [f"@include(if: ${variable})" for variable, value in sorted(literals) if value]
    skips = [f"@skip(if: ${variable})" for variable, value in sorted(literals) if not value]
    directives = "".join(f" {one}" for one in skips[:1] + includes[:1])
    text = f"{text}{directives}{body}"
    for directive in skips[1:] + includes[1:]:
        text = f"... {directive} {{ {text} }}"
    return text


def used_variables(selection: DocumentSelection, known: Literals) -> tuple[str, ...]:
    """The client's variables that the written text names, sorted."""
    used: set[str] = set()
    stack = [selection]
    seen: set[int] = set()
    while stack:
        for one in {id(one): one for _, one in stack.pop().fields()}.values():
            used.update(one.variables)
            if one.conditions != ALWAYS:
                used.update(v for literals in without(one.conditions, known) for v, _ in literals)
            if one.below and id(one.below) not in seen:
                seen.add(id(one.below))
                stack.append(one.below)
    return tuple(sorted(used))


def separate_shapes(selection: DocumentSelection, alias: Callable[[str], str]) -> tuple[Rename, ...]:
    """Give internal aliases where one response name would have two shapes; what to map back."""
    return tuple(_separate([((), selection)], alias))


def _separate(places: list[tuple[Path, DocumentSelection]], alias: Callable[[str], str]) -> Iterator[Rename]:
    by_alias: dict[str, dict[str, list[tuple[Path, str, DocumentSelection, DocumentField]]]] = {}
    for path, selection in places:
        for type_name, one in selection.fields():
            shape = _shape(selection, type_name, one)
            by_alias.setdefault(one.alias, {}).setdefault(shape, []).append((path, type_name, selection, one))
    for response_name, shapes in by_alias.items():
        for number, found in enumerate(shapes.values()):
            internal = alias(response_name) if number else response_name
            for path, type_name, selection, one in found:
                if number:
                    one.alias = internal
                    yield (*path, *_on(selection, type_name)), internal, response_name
            yield from _separate(list(_below(found)), alias)


def _below(
    found: list[tuple[Path, str, DocumentSelection, DocumentField]],
) -> Iterator[tuple[Path, DocumentSelection]]:
    seen: set[int] = set()
    for path, type_name, selection, one in found:
        if one.below is not None and id(one.below) not in seen:
            seen.add(id(one.below))
            definition = selection.graph.field_in(selection.service, type_name, one.name)
            lists = str(definition.type).count("[") if definition else 0
            yield (*path, *_on(selection, type_name), one.response_name, *((Each(),) * lists)), one.below


def _on(selection: DocumentSelection, type_name: str) -> Path:
    is_one_type = selection.type_name == ENTITIES or selection.possible() == (type_name,)
    return () if is_one_type else (OnTypes((type_name,)),)


def _shape(selection: DocumentSelection, type_name: str, one: DocumentField) -> str:
    if one.name == "__typename":
        return "String!"
    definition: GraphQLField | None = selection.graph.field_in(selection.service, type_name, one.name)
    text = str(definition.type) if definition else ""
    named = get_named_type(definition.type) if definition else None
    return text.replace(named.name, "{}") if named is not None and is_composite_type(named) else text


__all__ = ["ENTITIES", "NO_LITERALS", "DocumentSelection", "separate_shapes", "used_variables", "write"]

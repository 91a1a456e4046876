"""Fill contextual arguments: what objects above set becomes a hidden field there, and a variable below.

A field that reads a context is asked in one subgraph, by the key of its object, with a variable for each
contextual argument. Selections without such fields stay the shared values that they are.
Source: Federation 2.8, "@context", "@fromContext".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from schema.contexts import ContextArgument
from schema.errors import PlanningError, RuntimeCode
from schema.field_set import FieldSet, FragmentSelection
from schema.field_set import Selection as FieldSetPart
from schema.planning.hidden import HiddenFields
from schema.planning.normalize import Operation
from schema.planning.query_graph import QueryGraph
from schema.planning.selection import (
    NO_LITERALS,
    Filled,
    ItemKey,
    Literals,
    Purpose,
    Selected,
    SelectedKey,
    Selection,
    common_literals,
    either,
    item_key,
)
from schema.supergraph import FieldSource


def contextualize(graph: QueryGraph, hidden: HiddenFields, operation: Operation) -> Operation:
    """The operation with its contextual fields filled; the same one where there are none.

    Raises :class:`PlanningError` where a field reads a context that nothing above it sets.
    """
    filling = _Filling(graph, hidden)
    if not filling.is_contextual(operation.selection):
        return operation
    selection = filling.fill(operation.selection, (), NO_LITERALS)
    return replace(operation, selection=selection, variables={**operation.variables, **filling.variables})


@dataclass(slots=True, eq=False)
class _Frame:
    """One object above: its type, what the client asks of it, and what is added to that. ``when`` is what holds
    for the field that led to it."""

    type_name: str
    selection: Selection
    when: Literals
    added: dict[ItemKey, Selected] = field(default_factory=dict)

    def add(self, one: Selected) -> SelectedKey:
        """Ask for a field beside what the client asks, under any of the conditions."""
        key = item_key(self.type_name, one)
        known = self.added.get(key)
        self.added[key] = _joined(one, known) if known else one
        return self.selection.key(key)

    def beside(self, asked: tuple[Selected, ...]) -> tuple[Selected, ...]:
        """What the client asks and what is added; once where it is the same."""
        by_key = {item_key(self.type_name, one): one for one in asked}
        both = [_joined(one, self.added[key]) if key in self.added else one for key, one in by_key.items()]
        return (*both, *(one for key, one in self.added.items() if key not in by_key))


def _joined(one: Selected, other: Selected) -> Selected:
    return replace(one, conditions=either(one.conditions, other.conditions))


Frames = tuple[_Frame, ...]


@dataclass(slots=True)
class _Filling:
    graph: QueryGraph
    hidden: HiddenFields
    variables: dict[str, str] = field(default_factory=dict)
    _contextual: dict[int, tuple[Selection, bool]] = field(default_factory=dict)

    def is_contextual(self, selection: Selection) -> bool:
        """Whether a field here or below reads a context."""
        if id(selection) not in self._contextual:
            found = any(
                self._sources(type_name, one) or (one.below is not None and self.is_contextual(one.below))
                for type_name, fields in selection.by_type.items()
                for one in fields
            )
            self._contextual[id(selection)] = selection, found
        return self._contextual[id(selection)][1]

    def fill(self, selection: Selection, above: Frames, when: Literals) -> Selection:
        by_type: dict[str, tuple[Selected, ...]] = {}
        for type_name, fields in selection.by_type.items():
            frame = _Frame(type_name, selection, when)
            by_type[type_name] = frame.beside(tuple(self._field(type_name, one, above, frame) for one in fields))
        return Selection(selection.type_name, by_type, selection.origin or selection)

    def _field(self, type_name: str, one: Selected, above: Frames, frame: _Frame) -> Selected:
        if one.below is not None and self.is_contextual(one.below):
            below = self.fill(one.below, (*above, frame), common_literals(one.conditions))
            one = replace(one, below=below)
        sources = self._sources(type_name, one)
        if not sources:
            return one
        for source in sources:
            when = frame.when | common_literals(one.conditions)
            values = [self._value(source.subgraph, each, above, when) for each in source.contextual]
            if all(values):
                return self._filled(one, source, tuple(value for value in values if value))
        names = ", ".join(f'"{each.context}"' for each in sources[0].contextual)
        raise PlanningError(
            RuntimeCode.NO_PLAN,
            f'"{type_name}.{one.name}" reads context {names}, which nothing above it sets in this operation.',
        )

    def _sources(self, type_name: str, one: Selected) -> tuple[FieldSource, ...]:
        every = self.graph.supergraph.sources_of(type_name, one.name)
        return tuple(each for each in every if each.contextual and not each.external)

    def _value(self, service: str, argument: ContextArgument, above: Frames, when: Literals) -> Filled | None:
        """The nearest object above that sets the context, asked for what the argument reads where that is asked:
        ``when`` is what holds for the field, told from the object right above on."""
        setting: Mapping[str, frozenset[str]] = self.graph.supergraph.contexts[service]
        for up, frame in enumerate(reversed(above)):
            if frame.type_name in setting.get(argument.context, ()):
                parts = _of_type(self.graph, service, argument.selection, frame.type_name)
                read = self.hidden.on((frame.type_name,), parts, frame.selection, Purpose.REQUIRED)
                asked = (replace(each, conditions=frozenset({when})) for each in read.fields)
                keys = tuple(frame.add(each) for each in asked)
                variable = f"_context_{len(self.variables) + 1}"
                self.variables[variable] = f"${variable}: {argument.type}"
                return Filled(argument.name, variable, up + 1, keys, read.parts)
            when |= frame.when
        return None

    def _filled(self, one: Selected, source: FieldSource, values: tuple[Filled, ...]) -> Selected:
        given = [one.arguments] if one.arguments else []
        given += [f"{each.argument}: ${each.variable}" for each in values]
        return replace(
            one,
            arguments=", ".join(given),
            variables=(*one.variables, *(each.variable for each in values)),
            service=source.subgraph,
            filled=values,
        )


def _of_type(graph: QueryGraph, service: str, selection: FieldSet, type_name: str) -> tuple[FieldSetPart, ...]:
    """What is selected of an object of the type, without conditions."""
    for part in selection.selections:
        if isinstance(part, FragmentSelection):
            if part.type_name is None or type_name in graph.possible_types(service, part.type_name):
                return _of_type(graph, service, FieldSet(part.selections), type_name)
        else:
            return selection.selections
    return ()

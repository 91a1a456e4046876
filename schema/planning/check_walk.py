"""Walk a plan as an executor would, knowing no values, only which fields are there.

Branches of a ``Parallel`` do not see each other; a ``Gather`` knows of an element what its own part brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    print_ast,
)

from schema.field_set import FieldSelection, FieldSet, FragmentSelection
from schema.field_set import Selection as FieldSetPart
from schema.planning.check_conditions import is_included, used_variables
from schema.planning.check_types import applies, promised_types
from schema.planning.known import Known, KnownField
from schema.planning.normalize import find_operation
from schema.planning.print_plan import print_path
from schema.planning.query_plan import (
    Batch,
    Condition,
    Fetch,
    Flatten,
    Gather,
    OnTypes,
    Parallel,
    Path,
    PlanNode,
    Representation,
    RepresentationField,
    RepresentationFragment,
    Sequence,
    Subscription,
)
from schema.supergraph import Supergraph

Provided = tuple[FieldSetPart, ...]


def selected_fields(
    schema: GraphQLSchema,
    selection_set: SelectionSetNode,
    concrete: str,
    fragments: Mapping[str, FragmentDefinitionNode],
    values: Mapping[str, bool],
) -> Iterator[FieldNode]:
    """The fields that hold for a concrete type with these values of the condition variables."""
    for one in selection_set.selections:
        if not is_included(one, values):
            continue
        if isinstance(one, FieldNode):
            yield one
            continue
        named = one if isinstance(one, InlineFragmentNode) else fragments[one.name.value]  # type: ignore[attr-defined]
        if named.type_condition is None or applies(schema, named.type_condition.name.value, concrete):
            yield from selected_fields(schema, named.selection_set, concrete, fragments, values)


@dataclass(slots=True)
class Walk:
    """One walk with fixed values of the condition variables. ``documents`` are the requests, parsed."""

    supergraph: Supergraph
    documents: Mapping[str, DocumentNode]
    values: Mapping[str, bool]
    root: Known
    labels: frozenset[str] = frozenset()
    problems: list[str] = field(default_factory=list)

    def run(self, node: PlanNode | Subscription | None) -> None:
        if isinstance(node, Fetch):
            self._fetch(node, ())
        elif isinstance(node, Flatten):
            self._fetch(node.node, node.path)
        elif isinstance(node, Sequence):
            for one in node.nodes:
                self.run(one)
        elif isinstance(node, Parallel | Batch):
            self._parallel(node)
        elif isinstance(node, Condition):
            if self.values.get(node.variable) is node.value:
                self.run(node.node)
        elif isinstance(node, Gather):
            self._gather(node)
        elif isinstance(node, Subscription):
            self.run(node.primary)
            self.run(node.rest)

    def _parallel(self, node: Parallel | Batch) -> None:
        before = self.root
        branches = []
        for one in node.nodes:
            self.root = before.copy()
            self.run(one)
            branches.append(self.root)
        self.root = before
        for branch in branches:
            self.problems.extend(self.root.join(branch))

    def _gather(self, node: Gather) -> None:
        services = [s.subgraph for s in self.supergraph.sources_of(node.type_name, node.field_name) if s.gather]
        if sorted(services) != [part.service for part in node.parts]:
            self.problems.append(f'Gather "{node.response_name}" leaves out a part: {sorted(services)}')
        before = self.root
        parts: list[Known] = []
        for part in node.parts:
            self.root = before.copy()
            if part.node is not None:
                self._forget(node)
                self.run(part.node)
            parts.append(self.root)
        self.root = before
        self._forget(node)
        by_part = [self._held(node, part) for part in parts]
        for (known, _), *held in zip(self.root.find(node.path), *by_part, strict=True):
            told = [one for one in held if one is not None]
            if told and len(told) < len(held):
                self.problems.append(f'Gather "{node.response_name}" misses a part')
            elif told:
                below = (
                    replace(element, part=part.service)
                    for part, one in zip(node.parts, told, strict=True)
                    for element in one.copy().below
                )
                joined = KnownField(told[0].name, told[0].arguments, tuple(below))
                known.learn(node.type_name, node.response_name, joined)

    def _forget(self, node: Gather) -> None:
        for known, _ in self.root.find(node.path):
            known.fields.get(node.type_name, {}).pop(node.response_name, None)

    def _held(self, node: Gather, root: Known) -> list[KnownField | None]:
        """What each parent has for its list."""
        return [k.fields.get(node.type_name, {}).get(node.response_name) for k, _ in root.find(node.path)]

    def _fetch(self, fetch: Fetch, path: Path) -> None:
        if not fetch.is_wanted(self.values):
            return
        schema = self.supergraph.subgraphs[fetch.service].schema
        definition = find_operation(self.documents[fetch.document], None)
        renames = {internal: response_name for _, internal, response_name in fetch.renames}
        filled = frozenset(each.name for each in fetch.contexts)
        reader = _Reader(self, fetch.service, schema, renames, filled)
        self._contexts(fetch, path, frozenset(used_variables(definition.selection_set, self.values)))
        if not fetch.representations:
            root = schema.get_root_type(definition.operation)
            standard = self.supergraph.schema.get_root_type(definition.operation)
            if root is not None and standard is not None:
                for known, types in self.root.find(path):
                    reader.read(definition.selection_set, root.name, known, types & {standard.name}, ())
            self._guards(fetch)
            return
        entities = definition.selection_set.selections[0]
        body = entities.selection_set if isinstance(entities, FieldNode) else None
        blindly = {one.send_as: one for one in fetch.representations if one.is_blind}
        for known, types in self.root.find(path):
            for each in fetch.representations:
                one = each
                if each.type_name in known.untold and each.send_as in blindly:
                    one = replace(each, selections=blindly[each.send_as].selections)
                if one.type_name in types and body is not None and reader.asks(body, one):
                    self._door(fetch.service, one, known, path)
                    if one.type_name in known.untold and one.send_as not in blindly:
                        place = print_path(path)
                        self.problems.append(f'"{fetch.service}" at "{place}" is sent a type nobody told yet')
                    reader.enter(body, one, known)
        self._guards(fetch)

    def _contexts(self, fetch: Fetch, path: Path, used: frozenset[str]) -> None:
        """What a context is read from was fetched before, for the types that have such objects below. A variable
        that no field uses with these values of the conditions is null, as its type allows."""
        for each in (one for one in fetch.contexts if one.name in used):
            onward = path[len(each.path) :][:1]
            narrowed = onward if onward and isinstance(onward[0], OnTypes) else ()
            for known, types in self.root.find((*each.path, *narrowed)):
                for problem in _unknown(self.supergraph, each.parts, known, types):
                    self.problems.append(f'"{fetch.service}" reads for ${each.name} {problem}')

    def _guards(self, fetch: Fetch) -> None:
        for guard in fetch.guards:
            for known, types in self.root.find(guard.path):
                fields = known.fields.get(guard.type_name, {})
                if guard.type_name in types and not all(name in fields for _, name in guard.fields):
                    self.problems.append(f'The guard at "{print_path(guard.path)}" has no identity')

    def _door(self, service: str, one: Representation, known: Known, path: Path) -> None:
        """The key is resolvable in the target, and its fields were fetched before."""
        keys = self.supergraph.keys_of(one.send_as, service)
        sent = _names(one.selections[: one.key_count])
        every = _names(one.selections)
        if not any(key.resolvable and _covers(sent, key.fields.selections) for key in keys):
            self.problems.append(f'"{service}" has no resolvable key {sorted(sent)} of {one.send_as}')
        if not every.keys() >= sent.keys():
            self.problems.append(f'"{service}" is sent no key of {one.send_as}')
        for problem in _unknown(self.supergraph, one.selections, known, frozenset({one.type_name})):
            self.problems.append(f'"{service}" at "{print_path(path)}" is sent {problem}')


Names = dict[str, "Names"]


def _names(parts: tuple[RepresentationField | RepresentationFragment, ...]) -> Names:
    names: Names = {}
    for part in parts:
        below = _names(part.selections)
        if isinstance(part, RepresentationField):
            names.setdefault(part.name, {}).update(below)
        else:
            names.update(below)
    return names


def _covers(names: Names, wanted: tuple[FieldSetPart, ...]) -> bool:
    return all(
        (one.name in names and _covers(names[one.name], one.selections))
        if isinstance(one, FieldSelection)
        else _covers(names, one.selections)
        for one in wanted
    )


def _unknown(
    supergraph: Supergraph,
    parts: tuple[RepresentationField | RepresentationFragment, ...],
    known: Known,
    types: frozenset[str],
) -> Iterator[str]:
    for part in parts:
        if isinstance(part, RepresentationFragment):
            yield from _unknown(supergraph, part.selections, known, types & frozenset(part.types))
            continue
        for type_name in sorted(types & known.types):
            found = known.fields.get(type_name, {}).get(part.response_name)
            if found is None or found.name != part.name:
                yield f'"{part.name}" of {type_name}, which was not fetched before'
                continue
            for below in found.below if part.selections else ():
                promised = promised_types(supergraph, type_name, part.name, below.types)
                yield from _unknown(supergraph, part.selections, below, promised)


@dataclass(slots=True)
class _Reader:
    """Reads what one request brings into what is known."""

    walk: Walk
    service: str
    schema: GraphQLSchema
    renames: Mapping[str, str]
    filled: frozenset[str]

    def asks(self, body: SelectionSetNode, one: Representation) -> bool:
        """Whether anything is asked of such entities with these values of the condition variables."""
        known_as = one.send_as if self._is_object(one.send_as) else one.type_name
        return any(selected_fields(self.schema, body, known_as, {}, self.walk.values))

    def enter(self, body: SelectionSetNode, one: Representation, known: Known) -> None:
        sent = _names(one.selections)
        for node in body.selections:
            condition = node.type_condition if isinstance(node, InlineFragmentNode) else None
            if not isinstance(node, InlineFragmentNode) or condition is None:
                continue
            known_as = one.send_as if self._is_object(one.send_as) else one.type_name
            if applies(self.schema, condition.name.value, known_as):
                self.read(node.selection_set, known_as, known, frozenset({one.type_name}), (), sent)

    def read(
        self,
        selection_set: SelectionSetNode,
        declared: str,
        known: Known,
        types: frozenset[str],
        provided: Provided,
        sent: Names | None = None,
    ) -> None:
        for concrete in sorted(types):
            here = declared if self._is_object(declared) else self._known_as(declared, concrete)
            for one in selected_fields(self.schema, selection_set, here, {}, self.walk.values):
                self._field(one, here, concrete, known, provided, sent or {})

    def _is_filled(self, argument: ArgumentNode) -> bool:
        """Whether a context fills the argument, so that the operation does not have it."""
        return isinstance(argument.value, VariableNode) and argument.value.name.value in self.filled

    def _known_as(self, declared: str, concrete: str) -> str:
        """The object type of the subgraph's own for a concrete type where it declares an abstract one."""
        held_as = self.walk.supergraph.interface_objects.get(self.service, {}).get(concrete, ())
        return next((name for name in held_as if applies(self.schema, declared, name)), concrete)

    def _is_interface_object(self, name: str) -> bool:
        return self.walk.supergraph.subgraphs[self.service].is_interface_object(name)

    def _is_object(self, declared: str) -> bool:
        return isinstance(self.schema.type_map.get(declared), GraphQLObjectType)

    def _field(
        self, one: FieldNode, here: str, concrete: str, known: Known, provided: Provided, sent: Names
    ) -> None:
        alias = one.alias.value if one.alias else one.name.value
        response_name = self.renames.get(alias, alias)
        name = one.name.value
        given = [each for each in one.arguments or () if not self._is_filled(each)]
        arguments = ", ".join(sorted(print_ast(argument) for argument in given))
        found = KnownField(name, arguments)
        if name == "__typename":
            if not self._is_interface_object(here):
                known.untold -= {concrete}
                known.learn(concrete, response_name, found)
            return
        onward = self._resolves(here, concrete, name, provided, sent)
        holder = self.schema.type_map[here]
        below = get_named_type(holder.fields[name].type)  # type: ignore[attr-defined]  # validated
        if one.selection_set and is_composite_type(below):
            types, untold = self._possible(below.name)
            found.below = (Known(types, untold=untold),)
            self.read(one.selection_set, below.name, found.below[0], types, onward)
        mine = known.fields.get(concrete, {}).get(response_name)
        problem = known.learn(concrete, response_name, found)
        if problem:
            self.walk.problems.append(f'"{self.service}": {problem}')
        for known_below, found_below in zip(mine.below if mine else (), found.below, strict=False):
            self.walk.problems.extend(known_below.join(found_below))

    def _possible(self, declared: str) -> tuple[frozenset[str], frozenset[str]]:
        """The types that may stand where one is declared, and those that the subgraph cannot tell."""
        place = self.schema.type_map[declared]
        own = (
            {one.name for one in self.schema.get_possible_types(place)} if is_abstract_type(place) else {declared}
        )
        untold = {t for n in own if self._is_interface_object(n) for t in self.walk.supergraph.possible_types(n)}
        told = {name for name in own if not self._is_interface_object(name)}
        return frozenset(told | untold), frozenset(untold)

    def _resolves(self, here: str, concrete: str, name: str, provided: Provided, sent: Names) -> Provided:
        """Note where the subgraph cannot answer the field on this path; what it provides below."""
        supergraph = self.walk.supergraph
        keys = tuple(p for key in supergraph.keys_of(here, self.service) for p in key.fields.selections)
        matching = list(self._matching(provided + keys, here, name))
        root = supergraph.schema.type_map.get(here) is None
        sources = supergraph.sources_of(concrete if root else here, name)
        source = next((one for one in sources if one.subgraph == self.service), None)
        is_off = source is not None and source.switch is not None and not source.switch.holds(self.walk.labels)
        if source is None or ((source.external or is_off) and not matching):
            self.walk.problems.append(f'"{self.service}" does not resolve "{here}.{name}" on this path')
            return ()
        if source.requires and not _covers(sent, _of(source.requires)):
            self.walk.problems.append(f'"{self.service}" is not sent what "{here}.{name}" requires')
        own = source.provides.selections if source.provides else ()
        return own + tuple(part for one in matching for part in one.selections)

    def _matching(self, parts: Provided, here: str, name: str) -> Iterator[FieldSelection]:
        for part in parts:
            if isinstance(part, FragmentSelection):
                if part.type_name is None or applies(self.schema, part.type_name, here):
                    yield from self._matching(part.selections, here, name)
            elif part.name == name:
                yield part


def _of(field_set: FieldSet) -> tuple[FieldSetPart, ...]:
    return field_set.selections

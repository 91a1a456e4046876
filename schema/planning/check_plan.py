"""Prove from the plan alone that it answers the operation; nothing of the planner's code is used.

The plan is walked for every value of the operation's condition variables. Each request must be one that its
subgraph's own schema accepts and its fields resolvable there; each representation must open a door with
fields fetched before; in the end every field of the operation must be there for every type that may stand
in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    NameNode,
    SelectionSetNode,
    get_named_type,
    parse,
    print_ast,
    validate,
)

from schema.planning.check_types import is_on, promised_types
from schema.planning.check_walk import Walk, selected_fields
from schema.planning.known import Known
from schema.planning.normalize import find_operation
from schema.planning.query_plan import (
    Batch,
    Condition,
    Fetch,
    Flatten,
    Gather,
    Parallel,
    PlanNode,
    QueryPlan,
    Sequence,
    Subscription,
)
from schema.supergraph import Supergraph


def check_plan(
    supergraph: Supergraph,
    document: DocumentNode,
    operation_name: str | None,
    plan: QueryPlan,
    labels: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """Every problem of a plan, sorted; empty when it is proven to answer the operation."""
    asked: tuple[Fetch | Batch, ...] = (*fetches(plan.node), *batches(plan.node))
    sent = {one.document: parse(one.document, no_location=True) for one in asked}
    refused = {*_refused(supergraph, asked, sent), *_documents(document, operation_name, plan, sent)}
    if refused:
        return tuple(sorted(refused))
    problems: set[str] = set()
    operation = find_operation(document, operation_name)
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    root = supergraph.api_schema.get_root_type(operation.operation)
    if root is None:
        return ("The graph has no such operations.",)
    variables = sorted(_condition_variables(document))
    for values in product((False, True), repeat=len(variables)):
        held = dict(zip(variables, values, strict=True))
        walk = Walk(supergraph, sent, held, Known(frozenset({root.name})), labels)
        walk.run(plan.node)
        problems.update(walk.problems)
        answer = _Answer(supergraph, fragments, walk.values)
        problems.update(answer.missing(operation.selection_set, root.name, walk.root, ()))
    return tuple(sorted(problems))


def fetches(node: PlanNode | Subscription | None) -> Iterator[Fetch]:
    """Every request of a plan."""
    if isinstance(node, Fetch):
        yield node
    elif isinstance(node, Flatten | Condition):
        yield from fetches(node.node)
    elif isinstance(node, Sequence | Parallel | Batch):
        for one in node.nodes:
            yield from fetches(one)
    elif isinstance(node, Gather):
        for part in node.parts:
            yield from fetches(part.node)
    elif isinstance(node, Subscription):
        yield from fetches(node.primary)
        yield from fetches(node.rest)


def batches(node: PlanNode | Subscription | None) -> Iterator[Batch]:
    """Every batch of a plan."""
    if isinstance(node, Batch):
        yield node
    elif isinstance(node, Condition):
        yield from batches(node.node)
    elif isinstance(node, Sequence | Parallel):
        for one in node.nodes:
            yield from batches(one)
    elif isinstance(node, Subscription):
        yield from batches(node.rest)


def _refused(
    supergraph: Supergraph, asked: Iterable[Fetch | Batch], documents: Mapping[str, DocumentNode]
) -> Iterator[str]:
    """What the subgraphs' own schemas refuse. All that is sent to one is looked at together, which is quicker."""
    by_service: dict[str, dict[str, DocumentNode]] = {}
    for one in asked:
        by_service.setdefault(one.service, {})[one.document] = documents[one.document]
    for service, sent in by_service.items():
        schema = supergraph.subgraphs[service].schema
        if validate(schema, _together(sent.values())):
            for text, document in sent.items():
                for error in validate(schema, document):
                    yield f'"{service}" refuses {text}: {error.message}'


def _together(documents: Iterable[DocumentNode]) -> DocumentNode:
    """One document of many operations, each under a name of its own."""
    operations = (find_operation(each, None) for each in documents)
    named = (replace(one, name=NameNode(value=f"_{number}")) for number, one in enumerate(operations))
    return DocumentNode(definitions=tuple(named))


def _batched(batch: Batch, documents: Mapping[str, DocumentNode]) -> Iterator[str]:
    """A batch whose document does not ask for exactly what its nodes ask for alone."""
    sent = documents[batch.document]
    asked = [print_ast(one) for one in find_operation(sent, None).selection_set.selections]
    for number, node in enumerate(batch.flattened):
        entities = find_operation(documents[node.node.document], None).selection_set.selections[0]
        text = print_ast(entities).replace("_entities(representations: $representations)", "", 1)
        expected = f"_{number}: _entities(representations: $representations_{number}){text}"
        if number >= len(asked) or asked[number] != expected or node.node.service != batch.service:
            yield f'"{batch.service}" is asked in a batch for something else than by its node {number}'


def _documents(
    document: DocumentNode, operation_name: str | None, plan: QueryPlan, documents: Mapping[str, DocumentNode]
) -> Iterator[str]:
    """Batches that ask otherwise than their nodes, and requests that declare other variables than the client."""
    operation = find_operation(document, operation_name)
    declared = {d.variable.name.value: print_ast(d) for d in operation.variable_definitions or ()}
    for batch in batches(plan.node):
        yield from _batched(batch, documents)
    for fetch in fetches(plan.node):
        sent = documents[fetch.document]
        definitions = {
            d.variable.name.value: print_ast(d) for d in find_operation(sent, None).variable_definitions or ()
        }
        filled = {each.name for each in fetch.contexts} | {"representations"}
        definitions = {name: text for name, text in definitions.items() if name not in filled}
        if tuple(sorted(definitions)) != tuple(sorted(fetch.variables)):
            yield f'"{fetch.service}" is sent the variables {fetch.variables} and declares {sorted(definitions)}'
        if any(declared.get(name) != text for name, text in definitions.items()):
            yield f'"{fetch.service}" declares a variable otherwise than the operation'


def _condition_variables(document: DocumentNode) -> set[str]:
    found: set[str] = set()
    stack: list[object] = [getattr(d, "selection_set", None) for d in document.definitions]
    while stack:
        node = stack.pop()
        for directive in getattr(node, "directives", None) or ():
            if directive.name.value in ("skip", "include"):
                name = getattr(directive.arguments[0].value, "name", None)
                found.update({name.value} if name else ())
        if isinstance(node, SelectionSetNode):
            stack.extend(node.selections)
        elif getattr(node, "selection_set", None):
            stack.append(getattr(node, "selection_set", None))
    return found


class _Answer:
    """Looks for every field of the operation in what was fetched."""

    def __init__(
        self,
        supergraph: Supergraph,
        fragments: Mapping[str, FragmentDefinitionNode],
        values: Mapping[str, bool],
    ) -> None:
        self.supergraph = supergraph
        self.fragments = fragments
        self.values = values

    def missing(
        self, selection_set: SelectionSetNode, type_name: str, known: Known, path: tuple[str, ...]
    ) -> Iterator[str]:
        schema = self.supergraph.api_schema
        place = schema.type_map.get(type_name)
        yield from self._told(selection_set, known, path)
        for concrete in sorted(known.types):
            declared = schema.type_map.get(concrete)
            if not isinstance(declared, GraphQLObjectType) or not is_on(schema, place, concrete):
                continue
            for one in selected_fields(schema, selection_set, concrete, self.fragments, self.values):
                yield from self._field(one, declared, known, path)

    def _told(self, selection_set: SelectionSetNode, known: Known, path: tuple[str, ...]) -> Iterator[str]:
        """What is asked of some types only needs their types told."""
        asked = {
            tuple(
                id(one)
                for one in selected_fields(
                    self.supergraph.api_schema, selection_set, t, self.fragments, self.values
                )
            )
            for t in sorted(known.untold)
        }
        if len(asked) > 1:
            yield f'"{".".join(path)}" needs the type of its object, which is never told'

    def _field(
        self, one: FieldNode, declared: GraphQLObjectType, known: Known, path: tuple[str, ...]
    ) -> Iterator[str]:
        response_name = one.alias.value if one.alias else one.name.value
        if one.name.value in ("__schema", "__type") or (one.name.value == "__typename" and not path):
            return
        here = (*path, response_name)
        found = known.fields.get(declared.name, {}).get(response_name)
        arguments = ", ".join(sorted(print_ast(argument) for argument in one.arguments or ()))
        if found is None:
            yield f'"{".".join(here)}" of {declared.name} is never fetched'
        elif (found.name, found.arguments) != (one.name.value, arguments):
            yield f'"{".".join(here)}" of {declared.name} is fetched as "{found.name}({found.arguments})"'
        elif one.selection_set:
            below = get_named_type(declared.fields[one.name.value].type)
            for each in found.below:
                reachable = promised_types(self.supergraph, declared.name, one.name.value, each.types)
                known_below = Known(reachable, each.fields, each.untold & reachable)
                yield from self.missing(one.selection_set, below.name, known_below, here)

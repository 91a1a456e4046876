"""Make a counterexample small: leave out whatever can go while the same kind of thing stays wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from time import perf_counter

from graphql import (
    REMOVE,
    SKIP,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    Node,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    validate,
    visit,
)

from tests.engine.data import Data
from tests.engine.graph_model import GraphModel
from tests.engine.operations import Asked
from tests.engine.trial import Finding, World, composed, tried

Wrong = Callable[[World, Asked], Finding | None]


def shrunk(world: World, asked: Asked, finding: Finding, wrong: Wrong = tried, seconds: float = 25) -> Finding:
    """The finding with the smallest graph and operation that were found for its kind."""
    deadline = perf_counter() + seconds
    changed = True
    while changed and perf_counter() < deadline:
        changed = False
        for smaller_world, smaller in _smaller(world, asked):
            if perf_counter() > deadline:
                break
            again = _same(smaller_world, smaller, finding, wrong)
            if again is not None:
                world, asked, finding, changed = smaller_world, smaller, again, True
                break
    text = f"{asked.text}\n{dict(asked.variables)}\n{printed(world.model)}\n{finding.text}"
    return Finding(finding.kind, text)


def printed(model: GraphModel) -> str:
    """The subgraphs' SDL, without the links."""
    return "\n".join(f"# {name}\n{model.own_sdl(name)}" for name in model.subgraphs)


def _same(world: World, asked: Asked, finding: Finding, wrong: Wrong) -> Finding | None:
    if world.composition.supergraph is None:
        return None
    try:
        if validate(world.whole.schema, parse(asked.text)):
            return None
        again = wrong(world, asked)
    except (GraphQLError, KeyError, TypeError, AssertionError):
        return None
    return again if again and again.kind == finding.kind else None


def _smaller(world: World, asked: Asked) -> Iterator[tuple[World, Asked]]:
    for text in _smaller_operations(asked.text):
        yield world, replace(asked, text=text)
    for model in _smaller_models(world.model):
        try:
            yield World(model, Data(model, world.data.tables), composed(model)), asked
        except (GraphQLError, KeyError, TypeError):
            continue


def _smaller_operations(text: str) -> Iterator[str]:
    """The operation without one selection, directive or argument, and what nobody uses then."""
    document = parse(text, no_location=True)
    count = _without(document, -1)[0]
    for position in range(count):
        yield _without(document, position)[1]


def _without(document: Node, position: int) -> tuple[int, str]:
    """How many things can be left out, and the text without one of them."""
    seen = 0

    class Leave(Visitor):
        def enter(self, node: Node, *_: object) -> object:
            nonlocal seen
            if node.kind in ("field", "inline_fragment", "fragment_spread", "directive", "argument"):
                seen += 1
                if seen - 1 == position:
                    return REMOVE
            return None

    left = visit(document, Leave())
    return seen, print_ast(_tidied(_filled(left)))


def _filled(document: Node) -> Node:
    """A selection set that was emptied asks for the type's name."""
    (typename,) = parse("{ __typename }", no_location=True).definitions[0].selection_set.selections  # type: ignore[attr-defined]

    class Fill(Visitor):
        def leave_selection_set(self, node: SelectionSetNode, *_: object) -> object:
            return None if node.selections else SelectionSetNode(selections=(typename,))

    return visit(document, Fill())  # type: ignore[no-any-return]


def _tidied(document: Node) -> Node:
    """Without the fragments and variables that nobody uses now."""
    used: set[str] = set()

    class Use(Visitor):
        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
            used.add(f"...{node.name.value}")

        def enter_variable_definition(self, _node: Node, *_: object) -> object:
            return SKIP

        def enter_variable(self, node: VariableNode, *_: object) -> None:
            used.add(node.name.value)

    class Tidy(Visitor):
        def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: object) -> object:
            return None if f"...{node.name.value}" in used else REMOVE

        def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> object:
            return None if node.variable.name.value in used else REMOVE

    visit(document, Use())
    return visit(document, Tidy())  # type: ignore[no-any-return]


def _smaller_models(model: GraphModel) -> Iterator[GraphModel]:
    for subgraph in model.subgraphs:
        smaller = deepcopy(model)
        smaller.subgraphs.remove(subgraph)
        for one in smaller.types.values():
            one.present.discard(subgraph)
            for of in (one.keys, one.implements, one.members, *(f.sources for f in one.fields.values())):
                of.pop(subgraph, None)  # type: ignore[attr-defined]
        yield smaller
    for name, one in model.types.items():
        if name != "Query":
            smaller = deepcopy(model)
            _remove_type(smaller, name)
            yield smaller
        for each in one.fields:
            smaller = deepcopy(model)
            del smaller.types[name].fields[each]
            yield smaller
    for name, one in model.types.items():
        for each, declared in one.fields.items():
            for subgraph in declared.sources if len(declared.sources) > 1 else ():
                smaller = deepcopy(model)
                del smaller.types[name].fields[each].sources[subgraph]
                yield smaller
        for subgraph, keys in one.keys.items():
            for position in range(len(keys)):
                smaller = deepcopy(model)
                del smaller.types[name].keys[subgraph][position]
                yield smaller
        for subgraph in one.present:
            smaller = deepcopy(model)
            _leave_subgraph(smaller, name, subgraph)
            yield smaller


def _remove_type(model: GraphModel, name: str) -> None:
    del model.types[name]
    for one in model.types.values():
        one.fields = {n: f for n, f in one.fields.items() if f.named != name}
        for of in (one.implements, one.members):
            for subgraph in of:
                of[subgraph] = [each for each in of[subgraph] if each != name]


def _leave_subgraph(model: GraphModel, name: str, subgraph: str) -> None:
    one = model.types[name]
    one.present.discard(subgraph)
    for of in (one.keys, one.implements, one.members, *(f.sources for f in one.fields.values())):
        of.pop(subgraph, None)  # type: ignore[attr-defined]

"""Print a plan as the field prints it: Apollo's query plan text, plus ``Gather`` and ``Durable``.

Source: Apollo Federation, "Query plans".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode, parse, print_ast

from schema.durable import department_service
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
    QueryPlan,
    Representation,
    RepresentationField,
    RepresentationFragment,
    Sequence,
    Subscription,
)

INDENT = "  "


def print_plan(plan: QueryPlan) -> str:
    """The plan as text; two equal plans print the same bytes."""
    if plan.node is None:
        return "QueryPlan {}"
    *lines, last = _lines(plan.node)
    return "\n".join(("QueryPlan {", *_indented((*lines, f"{last},")), "}"))


def _lines(node: PlanNode | Subscription) -> Iterator[str]:
    if isinstance(node, Fetch):
        yield from _fetch(node)
    elif isinstance(node, Flatten):
        yield from _block(f'Flatten(path: "{print_path(node.path)}")', node.node)
    elif isinstance(node, Sequence | Parallel):
        yield from _block(type(node).__name__, *node.nodes)
    elif isinstance(node, Batch):
        yield from _block(f'Batch(service: "{node.service}")', *node.nodes)
    elif isinstance(node, Condition):
        yield from _block(f"{'Include' if node.value else 'Skip'}(if: ${node.variable})", node.node)
    elif isinstance(node, Gather):
        yield from _gather(node)
    else:
        yield from _subscription(node)


def print_path(path: Path) -> str:
    """``me.licences.@``; what narrows the types stands right behind the step it narrows."""
    text = ""
    for step in path:
        text += f".{step}" if text and not isinstance(step, OnTypes) else str(step)
    return text


def _block(head: str, *nodes: PlanNode) -> Iterator[str]:
    yield f"{head} {{"
    for node in nodes:
        *lines, last = _lines(node)
        yield from _indented((*lines, f"{last},"))
    yield "}"


def _gather(node: Gather) -> Iterator[str]:
    key = f', key: "{" ".join(node.key)}"' if node.key else ""
    yield f'Gather(path: "{print_path(node.path)}", field: "{node.response_name}"{key}) {{'
    for part in node.parts:
        lines = list(_lines(part.node)) if part.node else [f'Inline(service: "{part.service}")']
        yield from _indented((*lines[:-1], f"{lines[-1]},"))
    yield "}"


def _subscription(node: Subscription) -> Iterator[str]:
    yield "Subscription {"
    yield from _indented(("Primary: {", *_indented(_lines(node.primary)), "},"))
    if node.rest is not None:
        yield from _indented(("Rest: {", *_indented(_lines(node.rest)), "},"))
    yield "}"


def _fetch(fetch: Fetch) -> Iterator[str]:
    yield f"{_head(fetch)} {{"
    if fetch.representations:
        *lines, last = _representations(fetch.representations)
        yield from _indented((*lines, f"{last} =>"))
    yield from _indented(print_ast(_body(fetch)).split("\n"))
    yield "}"


def _head(fetch: Fetch) -> str:
    """A durable mutation is not sent to its department now: the plan says so."""
    waiting = department_service(fetch.service) if fetch.kind == "mutation" else None
    return f'Durable(service: "{waiting}")' if waiting else f'Fetch(service: "{fetch.service}")'


def _body(fetch: Fetch) -> SelectionSetNode:
    """The selection that is asked, without the ``_entities`` around it."""
    definition = parse(fetch.document, no_location=True).definitions[0]
    if not isinstance(definition, OperationDefinitionNode):
        raise TypeError(f"A fetch sends an operation, not {definition.kind}.")
    if fetch.representations:
        entities = definition.selection_set.selections[0]
        if isinstance(entities, FieldNode) and entities.selection_set:
            return entities.selection_set
    return definition.selection_set


def _representations(representations: tuple[Representation, ...]) -> Iterator[str]:
    yield "{"
    shown = {(one.selections, one.send_as) for one in representations if one.is_blind}
    for one in representations:
        if not one.is_blind and (one.selections, one.send_as) in shown:
            continue
        yield from _indented((f"... on {one.type_name} {{", f"{INDENT}__typename"))
        yield from _indented(_indented(_parts(one.selections)))
        yield from _indented(("}",))
    yield "}"


def _parts(parts: tuple[RepresentationField | RepresentationFragment, ...]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, RepresentationFragment):
            for type_name in part.types:
                yield f"... on {type_name} {{"
                yield from _indented(_parts(part.selections))
                yield "}"
            continue
        alias = "" if part.response_name == part.name else f"{part.response_name}: "
        if not part.selections:
            yield f"{alias}{part.name}"
            continue
        yield f"{alias}{part.name} {{"
        yield from _indented(_parts(part.selections))
        yield "}"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield f"{INDENT}{line}"

"""What an element wears: description, ``@deprecated``, ``@inaccessible``, ``@tag``.

Any subgraph's ``@inaccessible`` or ``@deprecated`` holds for the whole graph, tags add up, and of several
descriptions the most frequent wins. Source: Federation 2, "Composition rules".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from graphql import (
    ConstArgumentNode,
    ConstDirectiveNode,
    NameNode,
    StringValueNode,
)

from schema.composition.merging import Merging, Part
from schema.composition.rules import argument_of

INACCESSIBLE_MARK = ConstDirectiveNode(name=NameNode(value="inaccessible"), arguments=())


def merge_description(parts: Sequence[Part[Any]], coordinate: str, merging: Merging) -> StringValueNode | None:
    """The most frequent description; the first subgraph's among equals."""
    texts = [part.element.description for part in parts if part.element.description]
    if not texts:
        return None
    if len(set(texts)) > 1:
        merging.problems.hint(
            "INCONSISTENT_DESCRIPTION",
            f'"{coordinate}" is described differently in different subgraphs; the most frequent text is kept. '
            "Use one text everywhere.",
            *(part.place for part in parts if part.element.description),
        )
    ((text, _),) = Counter(texts).most_common(1)
    return StringValueNode(value=text, block="\n" in text)


def merge_marks(
    parts: Sequence[Part[Any]], coordinate: str, merging: Merging, *, deprecable: bool = True
) -> tuple[ConstDirectiveNode, ...]:
    """``@deprecated``, ``@inaccessible`` and the sorted ``@tag`` of an element, under canonical names."""
    if not any(getattr(part.node, "directives", None) for part in parts):
        return ()
    reason = _deprecation(parts, coordinate, merging) if deprecable else None
    hidden = any(part.subgraph.links.has(part.node, "inaccessible") for part in parts)
    tags = sorted(
        {
            value.value
            for part in parts
            for each in part.subgraph.links.applied(part.node, "tag")
            if isinstance(value := argument_of(each, "name"), StringValueNode)
        }
    )
    return (
        *((_mark("deprecated", "reason", reason),) if reason is not None else ()),
        *((INACCESSIBLE_MARK,) if hidden else ()),
        *(_mark("tag", "name", tag) for tag in tags),
    )


def is_inaccessible(directives: Sequence[ConstDirectiveNode] | None) -> bool:
    """Whether merged directives hide the element."""
    return any(each.name.value == "inaccessible" for each in directives or ())


def _deprecation(parts: Sequence[Part[Any]], coordinate: str, merging: Merging) -> str | None:
    reasons = [part.element.deprecation_reason for part in parts if part.element.deprecation_reason is not None]
    return most_frequent(reasons, "deprecated", coordinate, parts, merging)


def most_frequent(
    values: Sequence[str], directive: str, coordinate: str, parts: Sequence[Part[Any]], merging: Merging
) -> str | None:
    """The value that most subgraphs give to the one argument of GraphQL's own directives."""
    if not values:
        return None
    ((chosen, _),) = Counter(values).most_common(1)
    if len(set(values)) > 1:
        merging.problems.hint(
            "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
            f'Directive "@{directive}" is applied to "{coordinate}" with different arguments in different '
            f'subgraphs; the supergraph takes "{chosen}". Use the same arguments.',
            *(part.place for part in parts),
        )
    return chosen


def _mark(name: str, argument: str, value: str) -> ConstDirectiveNode:
    return ConstDirectiveNode(
        name=NameNode(value=name),
        arguments=(ConstArgumentNode(name=NameNode(value=argument), value=StringValueNode(value=value)),),
    )

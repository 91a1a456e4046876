"""The turns of a mutation's root fields.

A response name takes its turn where it is first met in the selections that hold. Where that depends on conditions
it has several turns of which one is taken, each with what must hold for it.
Source: GraphQL specification, sections 6.2.2 "Mutation" and 6.3.2 "CollectFields".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from graphql import FieldNode

from schema.planning.limits import MAX_TURN_TERMS, too_complex
from schema.planning.selection import NO_LITERALS, Conditions, Literals, either

Asked = tuple[FieldNode, Literals]
"""A field as it is written, and what must hold for it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is asked under one response name at this place, if it is its first."""

    response_name: str
    asked: tuple[Asked, ...]


def turns(asked: Sequence[Asked]) -> Iterator[Turn]:
    """In the order in which they are executed. Raises :class:`PlanningError` where conditions are too many."""
    runs = [(name, tuple(together)) for name, together in groupby(asked, lambda one: response_name(one[0]))]
    of_name: dict[str, list[Asked]] = {}
    for name, here in runs:
        of_name.setdefault(name, []).extend(here)
    passed: Counter[str] = Counter()
    for name, here in runs:
        every, begin = of_name[name], passed[name]
        passed[name] += len(here)
        terms = _first(name, [literals for _, literals in here], [literals for _, literals in every[:begin]])
        if terms:
            yield Turn(name, tuple(_under(terms, every[begin:])))


def response_name(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value


def _first(name: str, here: Sequence[Literals], before: Sequence[Literals]) -> Conditions:
    """When one of ``here`` holds and nothing ``before``."""
    terms = either(frozenset(here))
    for earlier in before:
        if not terms:
            break
        terms = either(frozenset(one for term in terms for one in _unless(term, earlier)))
        if len(terms) > MAX_TURN_TERMS:
            raise too_complex(f'"{name}" is asked under more than {MAX_TURN_TERMS} alternatives of conditions')
    return terms


def _unless(term: Literals, other: Literals) -> Iterator[Literals]:
    """Where the term holds and the other does not."""
    if any((variable, not value) in term for variable, value in other):
        yield term
        return
    yield from (term | {(variable, not value)} for variable, value in sorted(other - term))


def _under(terms: Conditions, asked: Sequence[Asked]) -> Iterator[Asked]:
    for node, literals in asked:
        for term in sorted(terms, key=sorted) if terms != {NO_LITERALS} else (NO_LITERALS,):
            if not any((variable, not value) in term for variable, value in literals):
                yield node, literals | term

"""What an operation needs because its schema says so: ``@authenticated``, ``@requiresScopes``, ``@policy``.

Found once per text and kept with it; asked of each request before anything is planned or fetched. What stands
under ``@skip`` or ``@include`` counts. Each fragment is walked once, so the work is linear in the text.
Source: :mod:`schema.access`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
)

from auth.actor import Actor
from auth.refusal import MAXIMUM_REFUSALS, Refusal
from schema.access import AccessRule
from schema.errors import RuntimeCode
from schema.supergraph import Supergraph


@dataclass(frozen=True, slots=True)
class AccessNeed:
    """One guarded coordinate that an operation selects or enters, and where it does so first."""

    coordinate: str
    path: tuple[str, ...]
    rule: AccessRule


@dataclass(frozen=True, slots=True)
class AccessNeeds:
    """All that one operation needs. ``rules`` are those of the needs, each once."""

    needs: tuple[AccessNeed, ...] = ()
    rules: tuple[AccessRule, ...] = ()

    @classmethod
    def of(cls, needs: Iterable[AccessNeed]) -> AccessNeeds:
        """In the order in which they are told."""
        every = tuple(needs)
        return cls(every, tuple(dict.fromkeys(need.rule for need in every)))

    def refusals(self, actor: Actor | None) -> tuple[Refusal, ...]:
        """Why the actor may not run the operation; empty when it may. At most :data:`MAXIMUM_REFUSALS`."""
        refusing = [rule for rule in self.rules if not _allows(rule, actor)]
        if not refusing:
            return ()
        found = [_refusal(need, actor) for need in self.needs if need.rule in refusing]
        return tuple(found[:MAXIMUM_REFUSALS])


NO_NEEDS = AccessNeeds()


def _allows(rule: AccessRule, actor: Actor | None) -> bool:
    if actor is None:
        return rule.allows(authenticated=False, scopes=(), policies=())
    return rule.allows(authenticated=True, scopes=actor.scopes, policies=actor.policies)


@dataclass(frozen=True, slots=True)
class _Place:
    """A selection set to be walked, on a type."""

    selections: SelectionSetNode
    type_name: str
    path: tuple[str, ...]


def access_needs(
    supergraph: Supergraph, document: DocumentNode, operation: OperationDefinitionNode
) -> AccessNeeds:
    """Each guarded coordinate once, in the order of the text; none in a graph without such directives."""
    root = supergraph.schema.get_root_type(operation.operation)
    if not supergraph.access or root is None:
        return NO_NEEDS
    return AccessNeeds.of(_Walk(supergraph, document).run(_Place(operation.selection_set, root.name, ())))


class _Walk:
    def __init__(self, supergraph: Supergraph, document: DocumentNode) -> None:
        self._supergraph = supergraph
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._walked: set[str] = set()
        self._noted: set[str] = set()

    def run(self, start: _Place) -> Iterator[AccessNeed]:
        yield from self._note(start.type_name, start.path, self._supergraph.access.get(start.type_name))
        waiting = [start]
        while waiting:
            place = waiting.pop()
            below: list[_Place] = []
            for node in place.selections.selections:
                yield from self._enter(node, place, below)
            waiting.extend(reversed(below))

    def _enter(self, node: SelectionNode, place: _Place, below: list[_Place]) -> Iterator[AccessNeed]:
        if isinstance(node, FieldNode):
            yield from self._enter_field(node, place, below)
        elif isinstance(node, InlineFragmentNode):
            condition = node.type_condition.name.value if node.type_condition else place.type_name
            below.append(_Place(node.selection_set, condition, place.path))
            yield from self._note(condition, place.path, self._supergraph.access.get(condition))
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in self._walked:
            self._walked.add(node.name.value)
            fragment = self._fragments[node.name.value]
            condition = fragment.type_condition.name.value
            below.append(_Place(fragment.selection_set, condition, place.path))
            yield from self._note(condition, place.path, self._supergraph.access.get(condition))

    def _enter_field(self, node: FieldNode, place: _Place, below: list[_Place]) -> Iterator[AccessNeed]:
        name = node.name.value
        path = (*place.path, node.alias.value if node.alias else name)
        if name in ("__schema", "__type"):
            return
        yield from self._note(f"{place.type_name}.{name}", path, self._supergraph.access_to(place.type_name, name))
        if node.selection_set is not None:
            fields = getattr(self._supergraph.schema.type_map[place.type_name], "fields", {})
            below.append(_Place(node.selection_set, get_named_type(fields[name].type).name, path))

    def _note(self, coordinate: str, path: tuple[str, ...], rule: AccessRule | None) -> Iterator[AccessNeed]:
        if rule and coordinate not in self._noted:
            self._noted.add(coordinate)
            yield AccessNeed(coordinate, path, rule)


def _refusal(need: AccessNeed, actor: Actor | None) -> Refusal:
    if actor is None:
        message = f'"{need.coordinate}" needs a valid access token. Send one as bearer token.'
        return Refusal(need.path, RuntimeCode.UNAUTHENTICATED, message)
    message = f'"{need.coordinate}" needs {need.rule}. This access token does not have it.'
    return Refusal(need.path, RuntimeCode.FORBIDDEN, message)

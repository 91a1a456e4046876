"""One department's subgraph: as handed in, and as read and found valid on its own.

Nothing here looks at a second subgraph. Reading lives in ``schema.composition.read``.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from graphql import DocumentNode, GraphQLSchema

from schema.contexts import ContextArgument
from schema.directives import Links
from schema.field_set import FieldSet


@dataclass(frozen=True, slots=True, order=True)
class Subgraph:
    """SDL as a department registered it. ``url`` only appears in the printed supergraph."""

    name: str
    sdl: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class EntityKey:
    """One ``@key`` of one type in one subgraph."""

    fields: FieldSet
    resolvable: bool = True


@dataclass(frozen=True, slots=True)
class FieldRules:
    """What one subgraph's directives say of one of its fields.

    ``override`` names the subgraph that a field is taken over from, progressively where it has an
    ``override_label``; ``overridden`` is true on the other side:
    the field is then external where the subgraph itself still uses it, and nobody's business otherwise.
    ``provided`` is true where some ``@provides`` of the subgraph names the field.
    """

    external: bool = False
    shareable: bool = False
    inaccessible: bool = False
    requires: FieldSet | None = None
    provides: FieldSet | None = None
    gather: GatherRule | None = None
    override: str | None = None
    override_label: str | None = None
    overridden: bool = False
    provided: bool = False
    switch: Switch | None = None
    contextual: tuple[ContextArgument, ...] = ()
    durable: DurableRule | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """A field that is being moved progressively: the subgraph resolves it while the label is on, or off.

    Source: Federation 2.7, "Progressive @override".
    """

    label: str
    is_on: bool

    def holds(self, labels: Container[str]) -> bool:
        """Whether the subgraph resolves the field when these labels are on."""
        return (self.label in labels) is self.is_on


@dataclass(frozen=True, slots=True)
class DurableRule:
    """``@durable``: whoever asks gets a ticket at once; the department executes the mutation when it can.

    ``applicant`` names the argument, of ``applicant_type``, in which the hub tells the department who asks, by
    identity number.
    ``expires_after`` is how long the department may take before the request is no longer wanted.
    """

    applicant: str | None = None
    applicant_type: str = "String"
    expires_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class GatherRule:
    """``@gather(key: "...")``: parts come from every subgraph that says so; equal keys merge into one."""

    key: FieldSet | None = None


@dataclass(frozen=True, slots=True)
class TypeRules:
    """What one subgraph's directives say of one of its types.

    ``is_extension``: it only writes ``extend type``; ``@extends`` is beside a definition, and none.
    ``is_interface_object``: an object type here that stands for every implementation of the interface of that
    name elsewhere, so that objects of it do not tell which one they are.
    ``contexts``: those that objects of the type set for what is below them.
    ``has_nominal_key``: Federation 1 wrote a @key on this interface, which means nothing.
    """

    keys: tuple[EntityKey, ...] = ()
    shareable: bool = False
    inaccessible: bool = False
    is_extension: bool = False
    is_interface_object: bool = False
    contexts: tuple[str, ...] = ()
    has_nominal_key: bool = False


@dataclass(frozen=True, slots=True)
class ValidSubgraph:
    """A subgraph that is right on its own.

    ``schema`` is what the department executes: its types with Federation's machinery (``_entities``,
    ``_Any``, ``_Entity``, ``_service``) added and Federation's directive definitions in place, so that every
    fetch can be validated against it. ``fields`` is keyed ``"Type.field"``; absent means no rules. ``links``
    knows what this subgraph calls each specification's directives.
    """

    name: str
    url: str
    document: DocumentNode
    schema: GraphQLSchema
    types: Mapping[str, TypeRules] = field(default_factory=dict)
    fields: Mapping[str, FieldRules] = field(default_factory=dict)
    links: Links = field(default_factory=Links)

    def is_interface_object(self, type_name: str) -> bool:
        """Whether the type stands here for the implementations of an interface."""
        return type_name in self.types and self.types[type_name].is_interface_object

    def rules(self, type_name: str, field_name: str) -> FieldRules:
        """The rules of one field; no rules when nothing was said."""
        return self.fields.get(f"{type_name}.{field_name}", FieldRules())

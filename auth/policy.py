"""Who may select what: default-deny, decided before planning, by schema coordinates.

A root field needs a rule or it is denied. Below the roots the *zone* of the parent type decides:

- open (catalogue): its scalars are for everybody; a field that leads out of the zone is denied without a rule.
- personal (every type that is not listed): a signed-in reader, or an agent for a party, who reached the object
  legitimately. Whose object it is, is checked at run time for the types of :data:`IDENTITIES`. What departments
  know of a party itself (:data:`PARTIES`) an agent reads with the power to use its records alone.
- a durable mutation of a department (docs/spec/durable.md): whoever is signed in.
- operator (connectors, queues): operators and departments; the root fields narrow that.

What a client calls a field (its alias) is never looked at. Sources: design.md, section 7; the advisories on
authorisation through interfaces (GHSA-mx7m, GHSA-x33c).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from graphql import (
    DocumentNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_object_type,
)

from auth.actor import Actor
from auth.default_rules import HUB_RULES
from auth.default_zones import OPEN_TYPES, OPERATOR_TYPES
from auth.refusal import MAXIMUM_REFUSALS, Refusal
from auth.rules import DENIED, PARTY, PUBLIC, RECORDS, SIGNED_IN, Rule, role
from auth.selected_fields import SelectedField, selected_fields
from schema.durable import TICKET

IDENTITIES: Mapping[str, tuple[str, ...]] = {"Citizen": ("id", "idNumber")}
"""Personal types whose objects are checked at run time, and the fields that say whose they are."""

PARTIES = frozenset({"Citizen", "Enterprise"})
"""Who can be a party of a case, and act by an agent."""

READ_ALL_SCOPE = "citizens:read"


class Zone(StrEnum):
    ROOT = "root"
    OPEN = "open"
    PERSONAL = "personal"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Classification:
    """What holds for one coordinate: all of ``rules``. ``is_explicit`` tells whether the first was written down
    for it or follows from its zone; the others come from interfaces that the type implements."""

    zone: Zone
    rules: tuple[Rule, ...]
    is_explicit: bool

    def __str__(self) -> str:
        rules = " and ".join(str(rule) for rule in self.rules)
        return f"{self.zone}: {rules}{'' if self.is_explicit else ' (default)'}"


@dataclass(frozen=True, slots=True)
class Need:
    """One coordinate that an operation selects, where it does so first, and the rule that holds there."""

    coordinate: str
    path: tuple[str, ...]
    rule: Rule


@dataclass(frozen=True, slots=True)
class Requirements:
    """What one operation needs of whoever asks. Depends on the text alone: keep it with the plan.

    ``personal`` are the coordinates of personal types among the selected, for the access log.
    """

    needs: tuple[Need, ...]
    personal: tuple[str, ...]

    def refusals(self, actor: Actor | None) -> tuple[Refusal, ...]:
        """Empty when the actor may. At most :data:`MAXIMUM_REFUSALS`."""
        refused = {need.rule for need in self.needs if not need.rule.allows(actor)}
        if not refused:
            return ()
        found = (_refusal(need, actor) for need in self.needs if need.rule in refused)
        return tuple(found)[:MAXIMUM_REFUSALS]


class Policy:
    """The rules in force. A value: a connector's own rules make a new one."""

    def __init__(
        self,
        rules: Mapping[str, Rule] = HUB_RULES,
        *,
        identities: Mapping[str, tuple[str, ...]] = IDENTITIES,
        open_types: Iterable[str] = OPEN_TYPES,
        operator_types: Iterable[str] = OPERATOR_TYPES,
    ) -> None:
        self.rules = dict(rules)
        self.identities = dict(identities)
        self._open = frozenset(open_types)
        self._operator = frozenset(operator_types)

    def with_rules(self, extra: Mapping[str, Rule]) -> Policy:
        """This policy and the approved rules of connectors. No rule that stands can be replaced by one."""
        for coordinate, rule in extra.items():
            if self.rules.get(coordinate, rule) != rule:
                raise ValueError(f'"{coordinate}" has the rule "{self.rules[coordinate]}" already. Leave it out.')
        return Policy(
            {**self.rules, **extra},
            identities=self.identities,
            open_types=self._open,
            operator_types=self._operator,
        )

    def refusals(
        self,
        api_schema: GraphQLSchema,
        document: DocumentNode,
        operation_name: str | None,
        actor: Actor | None,
    ) -> tuple[Refusal, ...]:
        """Every reason why the actor may not run the operation; nothing is fetched unless this is empty."""
        return self.requirements(api_schema, document, operation_name).refusals(actor)

    def requirements(
        self, api_schema: GraphQLSchema, document: DocumentNode, operation_name: str | None
    ) -> Requirements:
        """What the operation needs. Without a name every operation of the document counts."""
        selected = selected_fields(api_schema, document, operation_name)
        needs = tuple(
            Need(each.coordinate, each.path, rule)
            for each in selected
            for rule in self._rules_for(api_schema, each)
        )
        personal = {e.coordinate for e in selected if self._zone(api_schema, e.type_name) is Zone.PERSONAL}
        return Requirements(needs, tuple(sorted(personal)))

    def classify(self, api_schema: GraphQLSchema) -> Mapping[str, Classification]:
        """Every field coordinate that clients can name, sorted, with what holds there."""
        types = (t for name, t in sorted(api_schema.type_map.items()) if not name.startswith("__"))
        return {
            f"{each.name}.{name}": self._classification(api_schema, each, name, field)
            for each in types
            if isinstance(each, GraphQLObjectType | GraphQLInterfaceType)
            for name, field in sorted(each.fields.items())
        }

    def unclassified(self, api_schema: GraphQLSchema) -> tuple[str, ...]:
        """Coordinates that are denied only because nobody has written a rule."""
        classes = self.classify(api_schema)
        return tuple(name for name, it in classes.items() if it.rules[0] == DENIED and not it.is_explicit)

    def may_read_all(self, actor: Actor) -> bool:
        """Whether object checks are left out: only for a service with the scope, never for a person."""
        is_service = actor.subject == actor.client_id and not actor.has_role("citizen")
        return is_service and READ_ALL_SCOPE in actor.scopes

    def _rules_for(self, schema: GraphQLSchema, selected: SelectedField) -> tuple[Rule, ...]:
        declared = schema.type_map.get(selected.type_name)
        if not isinstance(declared, GraphQLObjectType | GraphQLInterfaceType):
            return (DENIED,)
        field = declared.fields.get(selected.field_name)
        if field is None:
            return (DENIED,)
        found = self._classification(schema, declared, selected.field_name, field)
        # Without a rule of its own an interface's field asks what each possible type asks, which is among
        # the selected fields too.
        if isinstance(declared, GraphQLInterfaceType) and not found.is_explicit:
            return found.rules[1:]
        return found.rules

    def _classification(
        self,
        schema: GraphQLSchema,
        declared: GraphQLObjectType | GraphQLInterfaceType,
        field_name: str,
        field: GraphQLField,
    ) -> Classification:
        zone = self._zone(schema, declared.name)
        written = self.rules.get(f"{declared.name}.{field_name}")
        above = (self.rules.get(f"{each.name}.{field_name}", PUBLIC) for each in declared.interfaces)
        own = written if written is not None else self._default(schema, declared.name, zone, field)
        return Classification(zone, (own, *(rule for rule in above if rule != PUBLIC)), written is not None)

    def _default(self, schema: GraphQLSchema, type_name: str, zone: Zone, field: GraphQLField) -> Rule:
        targets = self._target_zones(schema, field)
        match zone:
            case Zone.ROOT if _gives_a_ticket(field):
                return SIGNED_IN
            case Zone.OPEN if targets <= {Zone.OPEN}:
                return PUBLIC
            case Zone.PERSONAL if Zone.OPERATOR not in targets:
                return RECORDS if type_name in PARTIES else PARTY
            case Zone.OPERATOR if Zone.PERSONAL not in targets:
                return role("operator", "department", "department-staff")
            case _:
                return DENIED

    def _target_zones(self, schema: GraphQLSchema, field: GraphQLField) -> set[Zone]:
        target = get_named_type(field.type)
        if is_abstract_type(target):
            return {self._zone(schema, each.name) for each in schema.get_possible_types(target)}
        return {self._zone(schema, target.name)} if is_object_type(target) else set()

    def _zone(self, schema: GraphQLSchema, type_name: str) -> Zone:
        roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
        if any(root is not None and root.name == type_name for root in roots):
            return Zone.ROOT
        if type_name in self._open:
            return Zone.OPEN
        if type_name in self._operator:
            return Zone.OPERATOR
        declared = schema.type_map.get(type_name)
        # An interface is as open as the most private type behind it.
        if isinstance(declared, GraphQLInterfaceType):
            zones = {self._zone(schema, each.name) for each in schema.get_possible_types(declared)}
            return zones.pop() if len(zones) == 1 else Zone.PERSONAL
        return Zone.PERSONAL


def _gives_a_ticket(field: GraphQLField) -> bool:
    """A durable mutation: the ticket is its owner's, so whoever is known may ask for one. What else the department
    demands, it says by directives of its own."""
    target = get_named_type(field.type)
    return isinstance(target, GraphQLObjectType) and any(each.name == TICKET for each in target.interfaces)


def _refusal(need: Need, actor: Actor | None) -> Refusal:
    if need.rule == DENIED:
        return Refusal(need.path, "FORBIDDEN", f'Field "{need.coordinate}" is not open to clients.')
    if actor is None:
        message = f'Field "{need.coordinate}" needs a valid access token. Sign in, then send it as bearer token.'
        return Refusal(need.path, "UNAUTHENTICATED", message)
    message = f'Field "{need.coordinate}" needs {need.rule.wanted}. This access token does not have it.'
    return Refusal(need.path, "FORBIDDEN", message)

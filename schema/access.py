"""What a request must show before it may select a field: ``@authenticated``, ``@requiresScopes``, ``@policy``.

The rules stand on the merged types; here they become one lookup per field, so that they are enforced in one
place. An interface demands what any of its implementations demands: reading through it opens no side door.
Sources: https://specs.apollo.dev/authenticated, /requiresScopes, /policy; Federation 2.12, "Composition".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import product

from graphql import (
    DirectiveNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    Node,
    get_named_type,
    value_from_ast_untyped,
)

Alternatives = tuple[tuple[str, ...], ...]

ACCESS_DIRECTIVES: Mapping[str, str | None] = {
    "authenticated": None,
    "requiresScopes": "scopes",
    "policy": "policies",
}
"""The directives under canonical names, each with its argument."""


@dataclass(frozen=True, slots=True)
class AccessRule:
    """What one request must show, all three together.

    ``authenticated``: a caller who proved who they are, whoever that is. ``scopes`` and ``policies`` hold
    alternatives, each a group of names that must be held together: ``(("a", "b"), ("c",))`` is met by a and b,
    or by c alone. ``()`` demands nothing. Groups and the names in them are sorted, and no group contains
    another, so that equal demands are equal values.
    """

    authenticated: bool = False
    scopes: Alternatives = ()
    policies: Alternatives = ()

    def allows(self, *, authenticated: bool, scopes: Collection[str], policies: Collection[str]) -> bool:
        """Whether a request with these scopes, for which these policies hold, may pass."""
        return (
            (authenticated or not self.authenticated)
            and (not self.scopes or _is_met(self.scopes, scopes))
            and (not self.policies or _is_met(self.policies, policies))
        )

    def implies(self, other: AccessRule) -> bool:
        """Whether everybody whom this rule lets pass is let pass by the other one too."""
        return (
            (self.authenticated or not other.authenticated)
            and _implies(self.scopes, other.scopes)
            and _implies(self.policies, other.policies)
        )

    def __and__(self, other: AccessRule) -> AccessRule:
        return AccessRule(
            self.authenticated or other.authenticated,
            both(self.scopes, other.scopes),
            both(self.policies, other.policies),
        )

    def __bool__(self) -> bool:
        return self != NO_DEMAND

    def __str__(self) -> str:
        demands = [
            *(["authenticated"] if self.authenticated else []),
            *([f"scopes {_print(self.scopes)}"] if self.scopes else []),
            *([f"policies {_print(self.policies)}"] if self.policies else []),
        ]
        return ", ".join(demands) or "nothing"


NO_DEMAND = AccessRule()


def both(left: Alternatives, right: Alternatives) -> Alternatives:
    """The alternatives that meet both: each group of one with each group of the other."""
    if not left or not right:
        return left or right
    return simplest(one + other for one, other in product(left, right))


def simplest(groups: Iterable[Iterable[str]]) -> Alternatives:
    """Sorted, without groups that demand more than another one does; nothing if some group demands nothing."""
    kept: list[frozenset[str]] = []
    for group in sorted({frozenset(each) for each in groups}, key=lambda each: (len(each), sorted(each))):
        if not any(smaller <= group for smaller in kept):
            kept.append(group)
    return tuple(tuple(sorted(group)) for group in kept if group)


def access_rule_of(nodes: Iterable[DirectiveNode]) -> AccessRule:
    """The rule in directive applications under canonical names; of equal ones all must be met."""
    return reduce(AccessRule.__and__, map(_read, nodes), NO_DEMAND)


def access_rules(schema: GraphQLSchema) -> Mapping[str, AccessRule]:
    """What is demanded, by coordinate; a coordinate that is missing demands nothing.

    ``"Type"``: to start an operation at this root, or to enter this type by a type condition.
    ``"Type.field"``: to select this field on an object or interface; the demands of the type that has the
    field and of the type that it gives (object, interface, enum or scalar) are in it.
    """
    own = own_rules(schema)
    if not own:
        return {}
    effective = {
        f"{type_.name}.{name}": own.get(type_.name, NO_DEMAND)
        & own.get(f"{type_.name}.{name}", NO_DEMAND)
        & own.get(get_named_type(field.type).name, NO_DEMAND)
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        for name, field in type_.fields.items()
    }
    types = {name: rule for name, rule in own.items() if "." not in name}
    return dict(sorted((name, rule) for name, rule in (types | effective).items() if rule))


def own_rules(schema: GraphQLSchema) -> Mapping[str, AccessRule]:
    """What each type and each field demands by itself, by coordinate; interfaces as their implementations."""
    rules: dict[str, AccessRule] = {}
    for name, type_ in schema.type_map.items():
        rules[name] = _rule_on(type_.ast_node)
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            rules |= {f"{name}.{each}": _rule_on(field.ast_node) for each, field in type_.fields.items()}
    rules = {coordinate: rule for coordinate, rule in rules.items() if rule}
    if rules:
        for interface in (each for each in schema.type_map.values() if isinstance(each, GraphQLInterfaceType)):
            _spread_to(interface, schema, rules)
    return rules


def _rule_on(node: Node | None) -> AccessRule:
    directives: tuple[DirectiveNode, ...] = getattr(node, "directives", None) or ()
    return access_rule_of(directives) if directives else NO_DEMAND


def _spread_to(interface: GraphQLInterfaceType, schema: GraphQLSchema, rules: dict[str, AccessRule]) -> None:
    """Supergraphs of older composers leave the interface open where an implementation is guarded."""
    for implementation in schema.get_possible_types(interface):
        for suffix in ("", *(f".{name}" for name in interface.fields)):
            demanded = rules.get(f"{implementation.name}{suffix}")
            if demanded:
                coordinate = f"{interface.name}{suffix}"
                rules[coordinate] = rules.get(coordinate, NO_DEMAND) & demanded


def _read(node: DirectiveNode) -> AccessRule:
    match node.name.value:
        case "authenticated":
            return AccessRule(authenticated=True)
        case "requiresScopes":
            return AccessRule(scopes=_alternatives(node))
        case "policy":
            return AccessRule(policies=_alternatives(node))
    return NO_DEMAND


def _alternatives(node: DirectiveNode) -> Alternatives:
    """One name stands for a list of one, as GraphQL coerces lists."""
    groups = [
        [group] if isinstance(group, str) else group
        for argument in node.arguments or ()
        for group in _listed(value_from_ast_untyped(argument.value))
    ]
    return simplest(groups)


def _listed(value: object) -> Iterable[list[str] | str]:
    return value if isinstance(value, list) else [] if value is None else [str(value)]


def _is_met(alternatives: Alternatives, held: Collection[str]) -> bool:
    return any(all(name in held for name in group) for group in alternatives)


def _implies(left: Alternatives, right: Alternatives) -> bool:
    if not left:
        return not right
    return not right or all(any(set(wanted) <= set(group) for wanted in right) for group in left)


def _print(alternatives: Alternatives) -> str:
    return " or ".join(" and ".join(group) for group in alternatives)

"""What ``@cacheControl`` in a subgraph's SDL says of an answer: how long it may be kept, and for whom.

The most careful of all that is selected holds. Root fields and fields with fields below them may not be kept
unless they, or the type that they give, are marked; the others go with what is above them. Entities go by their
type. Other than with Apollo Server an answer is private unless all that is marked says ``PUBLIC``.
Source: Apollo Server, "Server-side caching", "Static hints"; Apollo Federation, "Entity cache hints".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    IntValueNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    SelectionSetNode,
    TypeNode,
    parse,
)

DIRECTIVE = "cacheControl"


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How many seconds an answer counts as true, and whether it is the same for everybody."""

    max_age: int
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class _Hint:
    max_age: int | None = None
    is_public: bool | None = None
    inherits: bool = False

    def over(self, other: _Hint) -> _Hint:
        """This one, and of the other what it leaves open."""
        return _Hint(
            other.max_age if self.max_age is None and not self.inherits else self.max_age,
            other.is_public if self.is_public is None else self.is_public,
            self.inherits or (other.inherits and self.max_age is None),
        )


_NOTHING = _Hint()


@dataclass(slots=True)
class _Type:
    hint: _Hint = _NOTHING
    fields: dict[str, tuple[str, _Hint]] = field(default_factory=dict)


class CacheRules:
    """The marks of one subgraph."""

    def __init__(self, types: Mapping[str, _Type], query: str) -> None:
        self._types = types
        self._query = query

    @classmethod
    def of(cls, sdl: str) -> CacheRules | None:
        """``None`` where nothing is marked, or the SDL cannot be read."""
        if f"@{DIRECTIVE}" not in sdl:
            return None
        try:
            document = parse(sdl, no_location=True)
        except GraphQLSyntaxError:
            return None
        types, query = _read(document)
        hints = [hint for each in types.values() for hint in (each.hint, *(h for _, h in each.fields.values()))]
        return cls(types, query) if any(hint != _NOTHING for hint in hints) else None

    def policy(self, query: str) -> CachePolicy | None:
        """Of the answer to the one query in a document; ``None`` where it may not be kept."""
        try:
            document = parse(query, no_location=True)
        except GraphQLSyntaxError:
            return None
        operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
        if len(operations) != 1 or operations[0].operation is not OperationType.QUERY:
            return None
        fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        walk = _Walk(self._types, fragments)
        walk.root(operations[0].selection_set, self._query)
        return CachePolicy(walk.max_age, walk.is_public) if walk.max_age else None


class _Walk:
    """The most careful mark so far."""

    def __init__(self, types: Mapping[str, _Type], fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._types = types
        self._fragments = fragments
        self._least: int | None = None
        self._seen_public = self._seen_private = False

    @property
    def max_age(self) -> int:
        return self._least or 0

    @property
    def is_public(self) -> bool:
        return self._seen_public and not self._seen_private

    def root(self, selections: SelectionSetNode, query: str) -> None:
        for node, type_name in self._fields(selections, query):
            if node.name.value == "_entities" and node.selection_set is not None:
                self._entities(node.selection_set)
            elif node.name.value != "__typename":
                self._field(node, type_name, 0, is_root=True)

    def _entities(self, selections: SelectionSetNode) -> None:
        for node, type_name in self._fields(selections, "_Entity"):
            hint = self._types.get(type_name, _Type()).hint
            self._note(hint.max_age or 0, hint.is_public)
            if node.name.value != "__typename":
                self._field(node, type_name, hint.max_age or 0, is_root=False)

    def _field(self, node: FieldNode, type_name: str, above: int, *, is_root: bool) -> None:
        named, own = self._types.get(type_name, _Type()).fields.get(node.name.value, ("", _NOTHING))
        target = self._types.get(named)
        hint = own.over(target.hint) if target is not None else own
        has_default = (is_root or node.selection_set is not None) and not hint.inherits
        age = hint.max_age if hint.max_age is not None else (0 if has_default else above)
        if hint.max_age is not None or has_default or hint.is_public is not None:
            self._note(age, hint.is_public, is_bearing=has_default or hint.is_public is False)
        if node.selection_set is not None:
            for below, below_type in self._fields(node.selection_set, named):
                if below.name.value != "__typename":
                    self._field(below, below_type, age, is_root=False)

    def _note(self, age: int, is_public: bool | None, *, is_bearing: bool = True) -> None:
        """``is_bearing``: it says for itself for whom it is; what says nothing is private."""
        self._least = age if self._least is None else min(self._least, age)
        if is_public:
            self._seen_public = True
        elif is_bearing:
            self._seen_private = True

    def _fields(self, selections: SelectionSetNode, type_name: str) -> Iterator[tuple[FieldNode, str]]:
        """Each field with the type that it stands in."""
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield node, type_name
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                yield from self._fields(node.selection_set, condition.name.value if condition else type_name)
            elif isinstance(node, FragmentSpreadNode) and node.name.value in self._fragments:
                fragment = self._fragments[node.name.value]
                yield from self._fields(fragment.selection_set, fragment.type_condition.name.value)


def _read(document: DocumentNode) -> tuple[dict[str, _Type], str]:
    types: dict[str, _Type] = {}
    query = "Query"
    for each in document.definitions:
        if isinstance(each, SchemaDefinitionNode | SchemaExtensionNode):
            roots = [o.type.name.value for o in each.operation_types or () if o.operation is OperationType.QUERY]
            query = roots[0] if roots else query
            continue
        name = getattr(getattr(each, "name", None), "value", None)
        if name is None or isinstance(each, OperationDefinitionNode | FragmentDefinitionNode):
            continue
        told = types.setdefault(name, _Type())
        told.hint = _hint(getattr(each, "directives", None) or ()).over(told.hint)
        for one in getattr(each, "fields", None) or ():
            told.fields[one.name.value] = (_named(one.type), _hint(one.directives or ()))
    return types, query


def _named(node: TypeNode) -> str:
    while isinstance(node, ListTypeNode | NonNullTypeNode):
        node = node.type
    return node.name.value if isinstance(node, NamedTypeNode) else ""


def _hint(directives: tuple[DirectiveNode, ...] | tuple[()]) -> _Hint:
    for each in directives:
        if each.name.value == DIRECTIVE:
            values = {argument.name.value: argument.value for argument in each.arguments or ()}
            age, scope, inherits = (values.get(name) for name in ("maxAge", "scope", "inheritMaxAge"))
            return _Hint(
                max(int(age.value), 0) if isinstance(age, IntValueNode) else None,
                scope.value == "PUBLIC" if isinstance(scope, EnumValueNode) else None,
                isinstance(inherits, BooleanValueNode) and inherits.value,
            )
    return _NOTHING

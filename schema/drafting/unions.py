"""Unions that a mapping cannot tell apart become one type with the fields of all.

A selection names a field once, whatever the object is: where two types of a union disagree about a field, or
nothing tells them apart, one object type holds what any of them may have.
"""

from __future__ import annotations

from schema.drafting.graph import JSON, Field, Graph, Named, ObjectType, UnionType, innermost, with_innermost


def settle_unions(graph: Graph) -> None:
    """Leaves unions that can be selected, and no field whose type there is not."""
    for name, union in sorted(graph.unions.items()):
        members = [graph.objects[member] for member in union.members if member in graph.objects]
        if not union.discriminator or len(members) < len(union.members) or _disagree(members):
            del graph.unions[name]
            if members:
                graph.objects[name] = _put_together(union, members)
    for owner in graph.objects.values():
        for field in owner.fields.values():
            inner = innermost(field.type)
            if isinstance(inner, Named) and inner.name not in graph.objects and inner.name not in graph.unions:
                field.type, field.is_nullable = with_innermost(field.type, JSON), True


def _disagree(members: list[ObjectType]) -> bool:
    shared: dict[str, Field] = {}
    for member in members:
        for name, field in member.fields.items():
            other = shared.setdefault(name, field)
            if (other.type, other.key) != (field.type, field.key):
                return True
    return False


def _put_together(union: UnionType, members: list[ObjectType]) -> ObjectType:
    made = ObjectType(union.name, union.description)
    for member in members:
        for name, field in member.fields.items():
            known = made.fields.get(name)
            if known is None:
                made.fields[name] = Field(name, field.key, field.type, field.is_nullable, field.description)
            elif known.type != field.type or known.key != field.key:
                known.type, known.is_nullable = JSON, True
                known.reviews = ("JSON, since its type depends on the object",)
            else:
                known.is_nullable = known.is_nullable or field.is_nullable
    for name, field in made.fields.items():
        field.is_nullable = field.is_nullable or any(name not in member.fields for member in members)
    made.reviews.append(f"one type for what may be {', '.join(member.name for member in members)}")
    return made

"""The mapping from a service's answer to a type: every field of it, down to where it is cut.

Source: the public Apollo Connectors convention, "Mapping language", v0.3.
"""

from __future__ import annotations

import json

from schema.drafting.cuts import Cuts
from schema.drafting.graph import EnumType, Field, Graph, Leaf, Named, ObjectType, Type, innermost, list_depth
from schema.mapping.syntax import print_key

_WIDTH = 100


class Selections:
    """Prints the selection of a type; each type is written once and remembered."""

    def __init__(self, graph: Graph, cuts: Cuts) -> None:
        self._graph = graph
        self._cuts = cuts
        self._members: dict[str, str] = {}

    def of(self, type: Type) -> str:
        """The whole of ``selection:`` for an answer of this type."""
        inner = innermost(type)
        if isinstance(inner, Named):
            return self._of_named(inner.name)
        return f"${self._translated(inner, list_depth(type))}"

    def _of_named(self, name: str) -> str:
        if name not in self._members:
            union = self._graph.unions.get(name)
            if union is None:
                members = [self._member(self._graph.objects[name], field) for field in self._fields(name)]
                self._members[name] = _laid_out(members)
            else:
                arms = [*union.arms, (None, union.otherwise)]
                texts = [f"[{_literal(value)}, $ {self._arm(member)}]" for value, member in arms]
                found = f"$({print_key_in_argument(union.discriminator)} ?? null)"
                self._members[name] = f"... {found}->match(\n" + ",\n".join(map(_indented, texts)) + "\n)"
        return self._members[name]

    def _fields(self, name: str) -> list[Field]:
        return list(self._graph.objects[name].fields.values())

    def _arm(self, member: str) -> str:
        return _group(f'__typename: $("{member}")\n{self._of_named(member)}')

    def _member(self, owner: ObjectType, field: Field) -> str:
        key = f"{print_key(field.key)}{field.step}"
        inner = innermost(field.type)
        if isinstance(inner, Leaf):
            value = f"{key}{self._translated(inner, list_depth(field.type))}"
            return value if value == field.name else f"{field.name}: {value}"
        stub = self._cuts.stubs.get((owner.name, field.name))
        if stub is not None:
            fields = self._graph.objects[inner.name].fields
            below = " ".join(self._member(self._graph.objects[inner.name], fields[name]) for name in stub)
        else:
            below = self._of_named(inner.name)
        return f"{key if key == field.name else f'{field.name}: {key}'} {_group(below)}"

    def _translated(self, leaf: Leaf, depth: int) -> str:
        enum = self._graph.enums.get(leaf.name)
        return renamed(enum, depth, to_name=True) if enum else ""


def renamed(enum: EnumType, depth: int, *, to_name: bool) -> str:
    """The step from an enum's original values to its names, or back; nothing where they are the same."""
    if not enum.is_renamed:
        return ""
    pairs = [(original, name) if to_name else (name, original) for name, original in enum.values]
    changed = [f"[{_literal(first)}, {_literal(second)}]" for first, second in pairs if first != second]
    step = f"->match({', '.join(changed)}, [@, @])"
    for _ in range(depth):
        step = f"->map(@{step})"
    return f"?{step}" if depth else step


def print_key_in_argument(key: str) -> str:
    """A property where a quoted word would be a string."""
    return key if print_key(key) == key and key not in {"true", "false", "null"} else f"@.{print_key(key)}"


def _literal(value: str | None) -> str:
    return "@" if value is None else json.dumps(value, ensure_ascii=False)


def _group(members: str) -> str:
    flat = f"{{ {members} }}"
    if "\n" not in members and len(flat) <= _WIDTH:
        return flat
    return "{\n" + _indented(members) + "\n}"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))


def _laid_out(members: list[str]) -> str:
    """Short members share lines, which keeps a selection readable and small."""
    lines: list[str] = []
    for member in members:
        fits = lines and "\n" not in member and "\n" not in lines[-1]
        if fits and len(lines[-1]) + 1 + len(member) <= _WIDTH - 20 and "{" not in member + lines[-1]:
            lines[-1] += f" {member}"
        else:
            lines.append(member)
    return "\n".join(lines)

"""From arguments to the body of a request.

An input whose names are the service's own is sent as it is. One with names that had to be changed is mapped back;
a circle among such types cannot be, so the field that closes it is ``JSON``.
"""

from __future__ import annotations

from schema.drafting.graph import JSON, Graph, Leaf, Named, Type, innermost, list_depth, with_innermost
from schema.drafting.operations import Argument
from schema.drafting.selections import renamed
from schema.mapping.syntax import print_key


class InputMappings:
    """Prints the ``body:`` of an argument."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._changed: dict[str, bool] = {}

    def of(self, argument: Argument) -> str:
        value = f"$args.{argument.name}"
        if argument.is_nullable and isinstance(argument.type, Named):
            # Without it an empty object is sent: null is no body that a service expects.
            value = f"$({value} ?? {{}})"
        return value + self._below(argument.type, frozenset())

    def value(self, argument: Argument) -> str:
        """One of several values in a body, which is left out where it is not given."""
        return f"$args.{argument.name}{self._below(argument.type, frozenset())}"

    def _below(self, type: Type, inside: frozenset[str]) -> str:
        inner = innermost(type)
        if isinstance(inner, Leaf):
            enum = self._graph.enums.get(inner.name)
            return renamed(enum, list_depth(type), to_name=False) if enum else ""
        if not self._is_changed(inner.name):
            return ""
        members = []
        for field in self._graph.objects[inner.name].fields.values():
            target = innermost(field.type)
            if (
                isinstance(target, Named)
                and target.name in {*inside, inner.name}
                and self._is_changed(target.name)
            ):
                field.type, field.reviews = (
                    with_innermost(field.type, JSON),
                    ("JSON, since the type leads back to itself",),
                )
            below = self._below(field.type, inside | {inner.name})
            is_plain = field.key == field.name
            members.append(
                f"{field.name}{below}"
                if is_plain and not below.startswith(("->", "?"))
                else f"{print_key(field.key)}: {field.name}{below}"
            )
        return f" {{ {' '.join(members)} }}"

    def _is_changed(self, name: str) -> bool:
        """Whether anything below has other names in the request."""
        if name in self._changed:
            return self._changed[name]
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            each = waiting.pop()
            if each in seen:
                continue
            seen.add(each)
            for field in self._graph.objects[each].fields.values():
                inner = innermost(field.type)
                enum = self._graph.enums.get(inner.name)
                if field.key != field.name or (enum is not None and enum.is_renamed):
                    self._changed[name] = True
                    return True
                if isinstance(inner, Named):
                    waiting.append(inner.name)
        self._changed[name] = False
        return False

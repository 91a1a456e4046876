"""Contexts: a value that an object sets for the fields below it, wherever these are resolved.

``@context`` names the context on a type; ``@fromContext`` fills an argument of a field from the nearest object
above it that sets the context. The client sees neither. Source: Federation 2.8, "@context", "@fromContext".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from schema.field_set import FieldSet, FieldSetSyntaxError, parse_field_set

_IGNORED = r"(?:[\s,]|#[^\n\r]*)*"
_REFERENCE = re.compile(rf"^{_IGNORED}\${_IGNORED}(?P<name>[A-Za-z_]\w*)(?P<selection>[\s\S]*)$")


@dataclass(frozen=True, slots=True)
class ContextArgument:
    """One argument that is filled from a context. ``type`` is the argument's as the subgraph prints it;
    ``selection`` is what is read of the object that sets the context, by type condition where there is one."""

    name: str
    type: str
    context: str
    selection: FieldSet

    def __str__(self) -> str:
        return f"{self.name}: ${self.context} {{ {self.selection} }}"


def read_reference(text: str) -> tuple[str, FieldSet] | None:
    """The context and the selection of ``"$context { field }"``; ``None`` where the text names no context or
    selects nothing that parses."""
    split = split_reference(text)
    if split is None:
        return None
    try:
        return split[0], parse_field_set(split[1])
    except FieldSetSyntaxError:
        return None


def split_reference(text: str) -> tuple[str, str] | None:
    """The context's name and the text of the selection; ``None`` where one of them is missing."""
    match = _REFERENCE.match(text)
    if match is None or not match["selection"].strip():
        return None
    return match["name"], match["selection"].strip()

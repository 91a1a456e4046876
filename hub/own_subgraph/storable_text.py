"""A text with the character U+0000 is refused before anything is looked up.

PostgreSQL keeps it in no text and in no JSON, SQLite does: a person would read INTERNAL_SERVER_ERROR on the one,
and find on the other what no other system takes. Representations are departments' and are looked up only.
Source: PostgreSQL, "Character Types"; RFC 7493, 2.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from re import compile as regex
from typing import Any

from strawberry.extensions import SchemaExtension

from schema.errors import DomainError, RuntimeCode

REPRESENTATIONS = "representations"
_IN_A_DOCUMENT = regex(r"\\u0000|\\u\{0+\}")
"""As a string of GraphQL writes it; as it stands no document may hold it."""


class StorableText(SchemaExtension):
    """Raises ``DomainError`` BAD_USER_INPUT, which names the variable."""

    def on_operation(self) -> Iterator[None]:
        context = self.execution_context
        for name, value in (context.variables or {}).items():
            if name != REPRESENTATIONS and _holds_nul(value):
                raise _refusal(f"`{name}`")
        if _IN_A_DOCUMENT.search(context.query or ""):
            raise _refusal("The operation")
        yield


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any(_holds_nul(each) for pair in value.items() for each in pair)
    return isinstance(value, list) and any(_holds_nul(each) for each in value)


def _refusal(what: str) -> DomainError:
    message = f"{what} has a text with the character U+0000, which cannot be kept. Leave it out."
    return DomainError(RuntimeCode.BAD_USER_INPUT, message)

"""Templates become text: URLs with every value percent-encoded, and header values without line breaks.

Whatever a value holds, it stays inside its path segment, query value or header. Source: RFC 3986.
"""

from __future__ import annotations

from re import compile as regex
from urllib.parse import quote, unquote

from connectors.connector import JSON
from connectors.mapping.evaluate import Variables, evaluate_expression
from connectors.mapping.json_text import json_text
from connectors.mapping.missing import MISSING
from schema.mapping.header import is_header_value
from schema.mapping.template import Template

_CLIMBING = frozenset({".", ".."})
_SEPARATORS = regex(r"[/\\;]")


class InvalidValue(ValueError):
    """A value cannot stand where the template wants it. The text names the place, never the value."""


def render_url(template: Template, variables: Variables) -> str:
    """Raises :class:`InvalidValue` for a list or object, and for a path segment that would climb (``..``)."""
    texts, may_climb = [], False
    for part in template.parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        value = _text(evaluate_expression(part, None, variables), template)
        may_climb = may_climb or not value or "." in value
        texts.append(quote(value, safe=""))
    text = "".join(texts)
    if not may_climb:
        return text
    written = {segment for part in template.parts if isinstance(part, str) for segment in part.split("/")}
    path = text.partition("?")[0]
    if any(climbs(unquote(segment)) and segment not in written for segment in path.split("/")):
        raise InvalidValue(f'A value makes the path of "{template}" climb to another one.')
    return text


def climbs(segment: str) -> bool:
    """Whether a path segment leads to another one, for a server too that decodes it before it splits the path."""
    return not _CLIMBING.isdisjoint(_SEPARATORS.split(segment))


def render_text(template: Template, variables: Variables) -> str:
    """Raises :class:`InvalidValue` for a list or object, and for line breaks and control characters."""
    text = "".join(
        part if isinstance(part, str) else _text(evaluate_expression(part, None, variables), template)
        for part in template.parts
    )
    if not is_header_value(text):
        raise InvalidValue(f'A value of "{template}" has a line break or control character.')
    return text


def render_query_value(value: JSON) -> str:
    """One value of ``queryParams`` as text; lists and objects inside become JSON."""
    if isinstance(value, list | dict):
        return json_text(value)
    return _scalar(value)


def _text(value: JSON, template: Template) -> str:
    if isinstance(value, list | dict):
        raise InvalidValue(
            f'A value of "{template}" is a list or object; use ->joinNotNull(",") or ->jsonStringify.'
        )
    return _scalar(value)


def _scalar(value: JSON) -> str:
    if value is None or value is MISSING:
        return ""
    return value if isinstance(value, str) else json_text(value)

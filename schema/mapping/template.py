"""Text with expressions in braces: ``/licences/{$args.number}?holder={$this.idNumber}``.

Source: the public Apollo Connectors convention, "URL templates" and "Header values".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from schema.mapping.parse import parse_embedded
from schema.mapping.syntax import Expression, Path, print_argument
from schema.mapping.tokens import MappingSyntaxError

_BREAK = re.compile(r"[ ]*[\t\n\f\r]\s*")
_SAFE = "!#$%&'()*+,/:;=?@[]~"
"""The reserved characters of RFC 3986, and "%": whoever writes the template knows what they mean."""


@dataclass(frozen=True, slots=True)
class Template:
    """``parts`` alternate freely between fixed text and expressions."""

    parts: tuple[str | Expression, ...]

    def __str__(self) -> str:
        return "".join(part if isinstance(part, str) else f"{{{print_argument(part)}}}" for part in self.parts)

    @property
    def expressions(self) -> Iterator[Expression]:
        return (part for part in self.parts if not isinstance(part, str))


def parse_template(text: str) -> Template:
    """Raises :class:`MappingSyntaxError`: a brace that is not closed, or an expression without a variable.

    A closing brace alone is text.
    """
    parts: list[str | Expression] = []
    at = 0
    while at < len(text):
        opening = text.find("{", at)
        fixed = text[at:] if opening < 0 else text[at:opening]
        if fixed:
            parts.append(fixed)
        if opening < 0:
            break
        expression, at = parse_embedded(text, opening + 1)
        if isinstance(expression, Path) and expression.start is None:
            raise MappingSyntaxError(
                f'"{expression}" needs a variable in front: $args.{expression}, $this.{expression} …', opening + 1
            )
        parts.append(expression)
    return Template(tuple(parts))


def parse_url(text: str) -> Template:
    """A URL or path as a template. Line breaks in its fixed parts, with the spaces around them, are for the reader
    only; what else may not stand in a URL is encoded.

    No expression may stand before the first ``/`` or ``?`` behind the host: whom we call is fixed when the
    connector is registered. Raises :class:`MappingSyntaxError`.
    """
    parts = tuple(_fixed(part) if isinstance(part, str) else part for part in parse_template(text.strip()).parts)
    template = Template(tuple(part for part in parts if part != ""))
    if any(not isinstance(part, str) for part in template.parts) and not _host_is_fixed(template):
        raise MappingSyntaxError(
            'An expression stands before the first "/" or "?". The host must be written out.', text.find("{")
        )
    return template


def _fixed(text: str) -> str:
    return quote(_BREAK.sub("", text), safe=_SAFE)


def _host_is_fixed(template: Template) -> bool:
    first = template.parts[0]
    if not isinstance(first, str):
        return False
    _, scheme, rest = first.partition("://")
    return any(sign in (rest if scheme else first) for sign in "/?")

"""Which headers a connector may set. Source: RFC 9110, sections 5.1 and 7.6.1."""

from __future__ import annotations

import re

from schema.mapping.template import Template

RESERVED_HEADERS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_OUR_OWN = frozenset({"accept", "content-type"})
"""They speak of the body that we send or read, not of the client's."""
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")


def header_problem(name: str, value: Template | None, sender: str | None) -> str | None:
    """Why a header may not be set so, or ``None``."""
    for each in (name, *((sender,) if sender is not None else ())):
        if not _NAME.match(each):
            return f'"{each}" is no header name.'
        if each.lower() in RESERVED_HEADERS:
            return f'the header "{each}" belongs to the connection; remove it.'
    if (value is None) == (sender is None):
        return f'the header "{name}" needs either a value or from.'
    if sender is not None and name.lower() in _OUR_OWN:
        return f'the header "{name}" speaks of our own request; give it a value in place of from.'
    if value and any(isinstance(part, str) and not is_header_value(part) for part in value.parts):
        return f'the value of header "{name}" has a line break or control character.'
    return None


def is_header_value(text: str) -> bool:
    """True for text that may stand in a header: printable, no line break."""
    return all(character == "\t" or (character >= " " and character != "\x7f") for character in text)

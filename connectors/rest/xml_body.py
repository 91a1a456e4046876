"""JSON as XML, by the rule of docs/spec/xml.md read the other way: what a mapping makes becomes a request's body.

Values are escaped and can never become elements. Source: docs/spec/xml.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from connectors.connector import JSON
from connectors.mapping import InvalidValue

_NAME = re.compile(r"[^\W\d][\w.-]*(?::[^\W\d][\w.-]*)?\Z")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_DEEPEST = 100


def is_xml(content_type: str) -> bool:
    """Whether a body of this media type is written as XML."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind in ("application/xml", "text/xml") or kind.endswith("+xml")


def write_xml(value: JSON, namespaces: Mapping[str, str]) -> bytes:
    """One document of ``{root: …}``; ``namespaces`` are prefixes by address. Raises :class:`InvalidValue`."""
    if not isinstance(value, dict) or len(value) != 1:
        raise InvalidValue("The body of an XML request must map to one element.")
    ((name, content),) = value.items()
    if isinstance(content, list):
        raise InvalidValue("An XML document has one root element.")
    body = "".join(_element(name, content, 0))
    used = {match.partition(":")[0] for match in re.findall(r"</?([\w.-]+:)", body)}
    used |= {match.partition(":")[0] for match in re.findall(r"\s([\w.-]+:)[\w.-]+=", body)}
    declared = {prefix: uri for uri, prefix in namespaces.items() if prefix in used}
    attributes = "".join(f" xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in sorted(declared.items()))
    head = f"<{name}"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{attributes}{body[len(head) :]}'.encode()


def _element(name: str, value: JSON, depth: int) -> Iterator[str]:
    """A list repeats the element, null leaves it empty."""
    _check_name(name)
    if depth > _DEEPEST:
        raise InvalidValue(f"The body is nested deeper than {_DEEPEST} levels.")
    if isinstance(value, list):
        for each in value:
            yield from _element(name, each, depth + 1)
        return
    attributes, content = "", ""
    if isinstance(value, dict):
        for key, each in value.items():
            if key == "#text":
                content += escape(_text(each))
            elif key.startswith("@"):
                _check_name(key[1:])
                attributes += f" {key[1:]}={quoteattr(_text(each))}" if each is not None else ""
            else:
                content += "".join(_element(key, each, depth + 1))
    elif value is not None:
        content = escape(_text(value))
    yield f"<{name}{attributes}>{content}</{name}>" if content else f"<{name}{attributes}/>"


def _text(value: JSON) -> str:
    if isinstance(value, dict | list):
        raise InvalidValue("An attribute or a text of an XML body is a list or object.")
    text = value if isinstance(value, str) else json.dumps(value) if value is not None else ""
    if _FORBIDDEN.search(text):
        raise InvalidValue("A value has a character that XML cannot hold.")
    return text


def _check_name(name: str) -> None:
    if not _NAME.match(name):
        raise InvalidValue("A name in an XML body is no name of XML.")

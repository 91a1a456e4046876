"""XML as JSON, by one rule.

An element with neither attributes nor elements in it is its text, or null where that is empty. Any other is an
object: attributes under ``@name``, elements under their names, those of one name as a list, text under ``#text``.
Names are local names, with a prefix of ours where their namespace was given one. A document type is refused, and
with it every entity that could grow or reach out. Source: docs/spec/xml.md.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from connectors.connector import JSON

MAXIMUM_DEPTH = 100
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


def declared_encoding(body: bytes) -> str:
    """What the beginning of a document says of its encoding; UTF-8 else. Source: XML 1.0, appendix F."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return name
    declared = _DECLARED.match(body[:300].lstrip())
    return declared[1].decode() if declared else "utf-8"


def known_encoding(name: str) -> str:
    """An encoding by any of its names. GB 18030 holds all of what goes under its older names. Raises
    ``LookupError``."""
    known = codecs.lookup(name).name
    return "gb18030" if known in ("gb2312", "gbk") else known


def decoded_xml(body: bytes) -> str:
    """A document by what it says of its encoding. Raises ``UnicodeDecodeError``, and ``LookupError`` for an
    encoding that nobody knows."""
    return body.decode(known_encoding(declared_encoding(body))).removeprefix("\ufeff")


def read_xml(text: str, namespaces: Mapping[str, str]) -> JSON:
    """``{root: …}``. Raises ``ValueError``."""
    builder = _Builder(namespaces)
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(text.encode(), True)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        raise ValueError(f"no XML: {error}") from error
    return builder.root.children


@dataclass(slots=True)
class _Element:
    name: str
    children: dict[str, JSON] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)

    def value(self) -> JSON:
        text = "".join(self.text).strip()
        if not self.children:
            return text or None
        return {**self.children, "#text": text} if text else self.children

    def add(self, name: str, value: JSON) -> None:
        """The second of one name makes a list of both."""
        if name not in self.children:
            self.children[name] = value
        elif isinstance(self.children[name], list):
            self.children[name].append(value)
        else:
            self.children[name] = [self.children[name], value]


class _Builder:
    def __init__(self, namespaces: Mapping[str, str]) -> None:
        self.root = _Element("")
        self._open = [self.root]
        self._namespaces = namespaces

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > MAXIMUM_DEPTH:
            raise ValueError(f"elements are nested deeper than {MAXIMUM_DEPTH}")
        element = _Element(self._name(name))
        for attribute, value in attributes.items():
            element.children[f"@{self._name(attribute)}"] = value
        self._open.append(element)

    def end(self, _name: str) -> None:
        element = self._open.pop()
        self._open[-1].add(element.name, element.value())

    def characters(self, text: str) -> None:
        self._open[-1].text.append(text)

    def _name(self, name: str) -> str:
        address, _, local = name.rpartition(" ")
        prefix = self._namespaces.get(address)
        return f"{prefix}:{local}" if prefix else local


def _refuse_doctype(*_: object) -> None:
    raise ValueError("a document type is not read")

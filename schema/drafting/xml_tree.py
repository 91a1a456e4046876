"""XML as a tree whose names are whole: namespace and local name, in attributes that hold names too.

A document type is refused, and with it every entity that could grow or reach out. Source: Namespaces in XML 1.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError, XMLPullParser

from schema.drafting.draft import Undraftable

_HOLD_NAMES = frozenset({"type", "element", "base", "ref", "binding", "message", "itemType"})
DEEPEST = 200


@dataclass(slots=True)
class Element:
    """``names`` are the attributes that hold a name, as namespace and local name."""

    space: str
    name: str
    attributes: dict[str, str]
    names: dict[str, tuple[str, str]]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, name: str, space: str | None = None) -> Iterator[Element]:
        """The children of a name; in the element's own namespace unless another is given."""
        wanted = self.space if space is None else space
        return (each for each in self.children if each.name == name and each.space == wanted)

    def first(self, name: str, space: str | None = None) -> Element | None:
        return next(self.all(name, space), None)


def read_tree(text: str) -> Element:
    """Raises :class:`Undraftable`."""
    if "<!DOCTYPE" in text:
        raise Undraftable("It has a document type (<!DOCTYPE …>), which is not read. Remove it.")
    parser: XMLPullParser[Any] = XMLPullParser(events=("start", "end", "start-ns", "end-ns"))
    try:
        # As text, not as bytes: a declaration names the encoding of what was decoded already.
        parser.feed(text)
        parser.close()
        return _built(parser)
    except ParseError as error:
        raise Undraftable(f"It is no XML: {error}") from None


def _built(parser: XMLPullParser[Any]) -> Element:
    spaces: list[tuple[str, str]] = [("xml", "http://www.w3.org/XML/1998/namespace")]
    opened: list[Element] = []
    root: Element | None = None
    for event, value in _events(parser):
        if event == "start-ns" and isinstance(value, tuple):
            spaces.append(value)
        elif event == "end-ns":
            spaces.pop()
        elif event == "start" and value is not None and not isinstance(value, tuple):
            if len(opened) > DEEPEST:
                raise Undraftable(f"It is nested deeper than {DEEPEST} levels.")
            known = dict(spaces)
            space, name = _split(value.tag)
            held = {key: _resolved(text, known) for key, text in value.attrib.items() if key in _HOLD_NAMES}
            made = Element(space, name, {_split(key)[1]: text for key, text in value.attrib.items()}, held)
            if opened:
                opened[-1].children.append(made)
            root = root or made
            opened.append(made)
        elif event == "end" and value is not None and not isinstance(value, tuple):
            opened.pop().text = (value.text or "").strip()
    if root is None:
        raise Undraftable("It is empty.")
    return root


def _events(parser: XMLPullParser[Any]) -> Iterator[tuple[str, Any]]:
    """As they come; the library's own types do not tell which event has which value."""
    events: Iterator[Any] = parser.read_events()
    yield from events


def _split(tag: str) -> tuple[str, str]:
    space, brace, name = tag.rpartition("}")
    return (space[1:], name) if brace else ("", tag)


def _resolved(text: str, spaces: dict[str, str]) -> tuple[str, str]:
    prefix, colon, name = text.strip().rpartition(":")
    return spaces.get(prefix if colon else "", ""), name

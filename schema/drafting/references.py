"""``$ref`` of an API description: to a place in the document, or in another document beside it.

A document that came from elsewhere is made absolute: its references then hold wherever they are read. Source:
RFC 6901 (JSON Pointer); OpenAPI 3.1, "Reference Object".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

_DATA = frozenset({"example", "examples", "default", "enum", "const"})
"""What stands below these is data, in which ``$ref`` means nothing."""
_LONGEST_CHAIN = 50


class References:
    """``others`` are the documents that the root refers to, by location, each made :func:`absolute`."""

    def __init__(self, root: Mapping[str, Any], others: Mapping[str, Any]) -> None:
        self._root = root
        self._others = others
        self.broken: set[str] = set()

    def follow(self, node: Any) -> tuple[Any, str | None]:
        """What a node stands for and the last reference on the way; ``{}`` for one that leads nowhere."""
        reference = None
        for _ in range(_LONGEST_CHAIN):
            if not (isinstance(node, Mapping) and isinstance(node.get("$ref"), str)):
                return node, reference
            reference = node["$ref"]
            node = self._at(reference)
        self.broken.add(str(reference))
        return {}, reference

    def _at(self, reference: str) -> Any:
        location, pointer = urldefrag(reference)
        node: Any = self._others.get(location) if location else self._root
        for part in pointer.split("/")[1:] if pointer else ():
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(node, Mapping):
                node = node.get(key)
            elif isinstance(node, list) and key.isdigit() and int(key) < len(node):
                node = node[int(key)]
            else:
                node = None
        if node is None or (pointer and not pointer.startswith("/")):
            self.broken.add(reference)
            return {}
        return node


def outside(document: Any, location: str) -> frozenset[str]:
    """The locations of all other documents that this one, which lies at ``location``, refers to."""
    found = (urldefrag(urljoin(location, reference))[0] for reference in _references(document))
    return frozenset(each for each in found if each != urldefrag(location)[0])


def absolute(document: Any, location: str, *, is_root: bool = False) -> Any:
    """The document with references that hold from anywhere. Within the root, ``#/…`` stays what it is."""
    if isinstance(document, list):
        return [absolute(each, location, is_root=is_root) for each in document]
    if not isinstance(document, Mapping):
        return document
    changed = {
        key: value
        if key in _DATA and not isinstance(value, Mapping)
        else absolute(value, location, is_root=is_root)
        for key, value in document.items()
    }
    reference = changed.get("$ref")
    if isinstance(reference, str) and not (is_root and reference.startswith("#")):
        changed["$ref"] = urljoin(location, reference)
    return changed


def _references(document: Any) -> Iterator[str]:
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            reference = node.get("$ref")
            if isinstance(reference, str) and not reference.startswith("#"):
                yield reference
            waiting += [value for key, value in node.items() if key not in _DATA or isinstance(value, Mapping)]
        elif isinstance(node, list):
            waiting += node

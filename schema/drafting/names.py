"""Names for a graph from names that were made for something else.

What is a name of GraphQL already stays as it is, so that people find what they know. Source: GraphQL
specification, section 2.1.9 "Names".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from schema.drafting.latin import in_latin_letters

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_WORD = re.compile(r"[A-Za-z0-9]+")
_IRREGULAR = {"people": "person", "children": "child"}
_OF_USE = ("ouses", "auses", "xcuses", "ccuses")
_SIGNS = {"+": "plus ", "-": "minus "}

RESERVED_TYPES = frozenset(
    {
        *("Query", "Mutation", "Subscription", "Int", "Float", "String", "Boolean", "ID"),
        *("JSON", "Long", "Date", "DateTime", "Time", "UUID", "Decimal", "Base64", "PageInfo", "FieldSet", "Any"),
    }
)
"""Built in, ours, or shared by every department (``PageInfo``)."""
RESERVED_FIELDS = frozenset({"node", "nodes"})
"""Root fields that are the hub's own."""


def is_name(text: str) -> bool:
    """Whether text may name a field, a type or an argument: two underscores in front belong to introspection."""
    return bool(_NAME.match(text)) and not text.startswith("__")


def field_name(text: str) -> str:
    """The text itself where it is a name; else its words joined: ``x-rate limit`` becomes ``xRateLimit``."""
    return text if is_name(text) else camel(text)


def camel(text: str) -> str:
    """``X-Request-Id`` becomes ``xRequestId``, ``APIKey`` becomes ``apiKey``."""
    joined = pascal(text)
    words = _words(text)
    if words and words[0].isupper() and joined.startswith(words[0]):
        return f"{words[0].lower()}{joined[len(words[0]) :]}"
    return re.sub(r"\A(?:[A-Z]+(?=[A-Z][a-z])|[A-Z])", lambda match: match[0].lower(), joined)


def pascal(text: str) -> str:
    """``nullable-simple-user`` becomes ``NullableSimpleUser``, ``编号`` ``BianHao``, what has none ``Field``."""
    sign = _SIGNS.get(text[:1], "") if text[1:2].isdigit() else ""
    joined = "".join(word[0].upper() + word[1:] for word in _words(sign + text))
    if not joined:
        return "Field"
    return f"_{joined}" if joined[0].isdigit() else joined


def enum_value(text: str) -> str:
    """``in-progress`` becomes ``in_progress``: as close to the original as a name can be."""
    sign = _SIGNS.get(text[:1], "") if text[1:2].isdigit() else ""
    joined = "_".join(_words(sign + text)) or "empty"
    return f"_{joined}" if joined[0].isdigit() or joined in {"true", "false", "null"} else joined


def singular(word: str) -> str:
    """English only, and only where it is plain: ``companies`` becomes ``company``, ``status`` stays."""
    for many, one in _IRREGULAR.items():
        if word.lower().endswith(many):
            return word[: -len(many)] + (one.capitalize() if word[-len(many)].isupper() else one)
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    is_of_us = word.endswith("uses") and len(word) > 4 and not word.endswith(_OF_USE)
    if is_of_us or word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "news")):
        return word[:-1]
    return word


def same_word(first: str, second: str) -> bool:
    """``pet_id``, ``petId`` and ``PetID`` are one word."""
    return "".join(_words(first)).lower() == "".join(_words(second)).lower()


def _words(text: str) -> list[str]:
    return _WORD.findall(in_latin_letters(text))


class Names:
    """Gives each name once; who comes later gets a number behind it."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def take(self, *wished: str) -> str:
        """The first wish that is free, else the last with a number."""
        for name in chain(wished, _numbered(wished[-1])):
            if name not in self._taken:
                self._taken.add(name)
                return name
        raise AssertionError("numbers do not end")


def _numbered(name: str) -> Iterator[str]:
    number = 2
    while True:
        yield f"{name}{'_' if name[-1].isdigit() else ''}{number}"
        number += 1


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Names with dots (``io.k8s.api.core.v1.Pod``) by as few of their last parts as tell them apart."""
    everything = list(names)
    result: dict[str, str] = {}
    for length in range(1, 12):
        short: dict[str, list[str]] = {}
        for name in everything:
            if name not in result:
                short.setdefault(pascal(" ".join(name.split(".")[-length:])), []).append(name)
        used = set(result.values())
        for text, owners in short.items():
            if len(owners) == 1 and text not in used:
                result[owners[0]] = text
    return {name: result.get(name, pascal(name)) for name in everything}

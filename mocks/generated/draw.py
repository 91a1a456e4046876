"""Numbers that look like chance and are the same for ever: digests of what they are for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

SPACE = 2**31
"""Every object is a number below."""

FOREIGN = 2**30
"""Objects that the mock did not name itself, but was asked for by a key of somebody else's, begin here."""

_FACTOR = 1_103_515_245
_INVERSE = pow(_FACTOR, -1, SPACE)

Value = TypeVar("Value")


def digest(*parts: Any) -> int:
    """64 bits that depend on all parts and their order."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def foreign_number(*parts: Any) -> int:
    """The number of an object that is known by a value of somebody else's."""
    return FOREIGN + digest("foreign", *parts) % FOREIGN


def scrambled(number: int, seed: int) -> int:
    """Another number for each number: neighbours do not look like neighbours."""
    return (number * _FACTOR + digest("scramble", seed)) % SPACE


def unscrambled(number: int, seed: int) -> int:
    """The way back from :func:`scrambled`."""
    return (number - digest("scramble", seed)) * _INVERSE % SPACE


def chance(*parts: Any) -> float:
    """A number from 0 to below 1."""
    return digest(*parts) / 2**64


def pick(options: Sequence[Value], *parts: Any) -> Value:
    """One of them, by chance."""
    return options[digest(*parts) % len(options)]


def most_fitting(names: Iterable[str], *parts: Any) -> str:
    """The name with the highest digest: who knows fewer of the names agrees as often as can be."""
    return max(names, key=lambda name: (digest("fit", name, *parts), name))

"""A key that nobody has, made like one that somebody has: the same length, the same kinds of characters. Pure."""

from __future__ import annotations

import string
from collections.abc import Mapping
from random import Random

from connectors.connector import JSON

_LARGEST = 2**31 - 1


def made_up(key: Mapping[str, JSON], random: Random) -> dict[str, JSON]:
    """Most likely unknown; a key too short to be unlikely may be somebody's after all."""
    return {name: _like(value, random) for name, value in key.items()}


def _like(value: JSON, random: Random) -> JSON:
    match value:
        case bool():
            return value
        case int():
            return _LARGEST - random.randrange(1_000_000)
        case str():
            return "".join(_character(each, random) for each in value)
        case Mapping():
            return made_up(value, random)
        case _:
            return value


def _character(like: str, random: Random) -> str:
    for kind in (string.digits, string.ascii_lowercase, string.ascii_uppercase):
        if like in kind:
            return random.choice(kind)
    return like

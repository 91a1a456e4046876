"""What was used last, so many of it: a bounded cache that is cheap to look into.

Every request looks here. cachetools takes five times as long to note that something was used.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, Generic, ParamSpec, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
More = ParamSpec("More")


class Recent(Generic[Key, Value]):
    """Keeps ``maximum`` values that weigh no more than ``heaviest`` together; what was not asked for the longest
    goes first. What is heavier than that by itself is not kept."""

    def __init__(self, maximum: int, heaviest: int) -> None:
        self._maximum = maximum
        self._heaviest = heaviest
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._weights: dict[Key, int] = {}
        self._weight = 0

    def get(self, key: Key) -> Value | None:
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def items(self) -> tuple[tuple[Key, Value], ...]:
        """All that is kept, what was not asked for the longest first. Looking changes nothing."""
        return tuple(self._values.items())

    def keep(self, key: Key, value: Value, weight: int) -> None:
        """``weight`` in whatever unit ``heaviest`` is."""
        if weight > self._heaviest:
            return
        self._weight += weight - self._weights.get(key, 0)
        self._weights[key] = weight
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self._maximum or self._weight > self._heaviest:
            oldest, _value = self._values.popitem(last=False)
            self._weight -= self._weights.pop(oldest)


def known_by_text(
    maximum: int, characters: int
) -> Callable[[Callable[Concatenate[str, More], Value]], Callable[Concatenate[str, More], Value]]:
    """Remember what a pure function makes of a text, and of what else it is given: ``maximum`` results whose texts
    are no longer than ``characters`` together. Clients choose the texts, so their number alone bounds nothing."""

    def made(function: Callable[Concatenate[str, More], Value]) -> Callable[Concatenate[str, More], Value]:
        recent: Recent[tuple[object, ...], tuple[Value]] = Recent(maximum, characters)

        @wraps(function)
        def remembered(text: str, /, *arguments: More.args, **named: More.kwargs) -> Value:
            key = (text, *arguments, *named.items())
            found = recent.get(key)
            if found is None:
                found = (function(text, *arguments, **named),)
                recent.keep(key, found, len(text))
            return found[0]

        return remembered

    return made

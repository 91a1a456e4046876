"""Strawberry's decorators with types: the function stays what it is for whoever checks types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import strawberry

F = TypeVar("F", bound=Callable[..., Any])


def resolved(
    description: str, *, inaccessible: bool = False, shareable: bool = False, directives: Sequence[object] = ()
) -> Callable[[F], F]:
    """A field that a method answers."""
    field: Any = strawberry.federation.field(
        description=description, inaccessible=inaccessible, shareable=shareable, directives=directives
    )
    return cast("Callable[[F], F]", field)


def mutation(description: str) -> Callable[[F], F]:
    field: Any = strawberry.mutation(description=description)
    return cast("Callable[[F], F]", field)


def subscription(description: str) -> Callable[[F], F]:
    field: Any = strawberry.subscription(description=description)
    return cast("Callable[[F], F]", field)

"""Which number an object has: found by its key, and led to from the objects around it.

Relations are arithmetic, so that both ends agree whoever is asked: the parents of a block of 512 numbers are 32,
each with 16 children, and a child knows its parent without having been reached through it.
"""

from __future__ import annotations

from mocks.generated.draw import FOREIGN, digest

POOL = 512
"""Numbers that the mock leads to by itself; those of lists begin at 0."""

_PARENTS = 32
_CHILDREN = 16
_PART_BITS = 22
_SECOND_ROLES = frozenset(
    {
        "seller", "reviewer", "recipient", "approver", "receiver", "payee", "spouse", "mother", "father", "next",
        "previous", "related", "alternative", "shippingAddress", "deputy", "assignee", "editor", "destination",
    }
)  # fmt: skip


def parent_of(number: int, field_name: str) -> int:
    """The object that a field leads to: the one that has this one among its children, but for second roles."""
    if field_name in _SECOND_ROLES:
        return digest("role", field_name, number) % POOL
    if number >= FOREIGN:
        return number % POOL
    block, place = divmod(number % (1 << _PART_BITS), _PARENTS * _CHILDREN)
    return block * _PARENTS + place % _PARENTS


def child_of(number: int, place: int, part: int = 0) -> int:
    """The children of an object, from 0 on. ``part`` sets those of one department apart."""
    if number >= FOREIGN or place >= _CHILDREN:
        return FOREIGN + digest("child", number, place, part) % FOREIGN
    block, within = divmod(number, _PARENTS)
    child = (block * _PARENTS * _CHILDREN + within + _PARENTS * place) % (1 << _PART_BITS)
    return child + (part << _PART_BITS)


def above(number: int) -> int | None:
    """The object above this one in a tree of its own type; the first has none."""
    return (number - 1) // 4 if 0 < number < FOREIGN else number % POOL if number else None


def below(number: int, place: int) -> int:
    """The objects below this one in a tree of its own type."""
    return (number * 4 + 1 + place) % FOREIGN


def part_number(name: str, owner: str) -> int:
    """The part that the department of that name holds of lists of this type's objects. 1 to 255."""
    return 1 + digest("part", name, owner) % 255


def part_of(number: int) -> int:
    """The part that a number belongs to; 0 for those of no part."""
    return number >> _PART_BITS if number < FOREIGN else 0


def of_part(number: int, part: int) -> int:
    return number % (1 << _PART_BITS) + (part << _PART_BITS)


def value_number(number: int, *place: object) -> int:
    """The number of a value that belongs to an object; twice gives the object again."""
    return number ^ digest("value", *place) % 1_048_576

"""What a mapping names and an answer lacks is null: nobody is asked for it again."""

from __future__ import annotations

from connectors.connector import JSON
from schema.mapping.shape import Expected


def with_nulls(value: JSON, expected: Expected | None) -> JSON:
    """``value``, a mapping's own result, with null for each expected field that it lacks."""
    if expected is not None:
        _complete(value, expected)
    return value


def _complete(value: JSON, expected: Expected) -> None:
    if type(value) is list:
        for each in value:
            _complete(each, expected)
    elif type(value) is dict:
        for name, below in expected.items():
            if name not in value:
                value[name] = None
            elif below is not None:
                _complete(value[name], below)

"""``@gather`` for the own subgraph: the hub's part of a list, beside those of the departments.

Source: docs/spec/gather.md.
"""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], name="gather")
class Gather:
    """This list is a part: every subgraph that defines the field holds one."""


GATHER: Any = Gather()

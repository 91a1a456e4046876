"""``@gather`` for a Strawberry subgraph: the directive, and the link that says whose it is.

Source: https://jiyi.dev/spec/gather/v0.1.
"""

from __future__ import annotations

import strawberry
from strawberry.federation.schema_directives import Link
from strawberry.federation.types import LinkImport
from strawberry.schema_directive import Location

GATHER_LINK = Link(url="https://jiyi.dev/spec/gather/v0.1", import_=[LinkImport("@gather")])


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], name="gather")
class Gather:
    """This list is a part: every subgraph that defines the field holds one."""

"""Check a connector SDL: does every mapping give what the types promise, and can everything be found?

Runs at registration, before composition; collects every mistake with its code, place and mend. Sources:
the public Apollo Connectors convention, whose codes are used.
"""

from __future__ import annotations

from collections.abc import Callable

from schema.errors import CompositionError
from schema.mapping.check_parts import check_parts
from schema.mapping.check_placement import check_placement
from schema.mapping.check_resolvability import check_resolvability
from schema.mapping.check_selections import check_selections
from schema.mapping.check_variables import check_variables
from schema.mapping.findings import Findings
from schema.mapping.links import is_sql
from schema.mapping.read import read_connectors
from schema.mapping.read_sql import read_sql_connectors

CHECKS: tuple[Callable[[Findings], None], ...] = (
    check_placement,
    check_variables,
    check_parts,
    check_selections,
    check_resolvability,
)


def check_connectors(subgraph: str, sdl: str, *, may_be_sql: bool = True) -> tuple[CompositionError, ...]:
    """Every reason why a mapped connector cannot be registered, in the order of the document.

    What could not even be read hides from the later checks; they run once the SDL can be read.
    """
    read, errors = (read_sql_connectors if may_be_sql and is_sql(sdl) else read_connectors)(subgraph, sdl)
    if read is None or errors:
        return errors
    findings = Findings(read, [])
    for check in CHECKS:
        check(findings)
    return tuple(sorted(findings.errors, key=lambda error: (error.locations, error.code, error.message)))

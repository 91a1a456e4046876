"""Examples of every code: the smallest graph that raises it and the same mended, or the request that meets it."""

from __future__ import annotations

from collections.abc import Mapping

from schema.examples.at_run_time import AT_RUN_TIME
from schema.examples.durable import DURABLE
from schema.examples.example import Example, subgraphs_of
from schema.examples.external import EXTERNAL, INTERFACES, OVERRIDE
from schema.examples.field_sets import KEYS, PROVIDES, REQUIRES
from schema.examples.hints import HINTS
from schema.examples.merging import ACCESS, MERGING
from schema.examples.reading import READING
from schema.examples.special import CONTEXT, COST, GATHER, INACCESSIBLE

__all__ = ["AT_RUN_TIME", "EXAMPLES", "Example", "example_of", "subgraphs_of"]

EXAMPLES: Mapping[str, Example] = {
    **READING, **KEYS, **REQUIRES, **PROVIDES, **EXTERNAL, **OVERRIDE, **INTERFACES, **MERGING, **ACCESS,
    **INACCESSIBLE, **CONTEXT, **COST, **GATHER, **DURABLE, **HINTS,
}  # fmt: skip


def example_of(code: str) -> str | None:
    """As a reader sees it; ``None`` where none can be given."""
    if code in EXAMPLES:
        return str(EXAMPLES[code])
    return f"For example: {AT_RUN_TIME[code]}" if code in AT_RUN_TIME else None

"""Keep Python's cycle collector out of composition.

A large graph makes millions of nodes that all stay, and the collector would walk them again and again without
finding anything: two fifths of the time of a graph of five thousand types (docs/performance.md).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """No collection until the end; a process that has switched it off keeps it so. Nesting is harmless."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

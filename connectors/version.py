"""Which release this is, as the installed distribution says."""

from __future__ import annotations

from functools import cache
from importlib import metadata


@cache
def version() -> str:
    """``unknown`` where the code runs without having been installed."""
    try:
        return metadata.version("jiyi")
    except metadata.PackageNotFoundError:
        return "unknown"

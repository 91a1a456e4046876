"""What a file may be by its first bytes; the one door to the library that knows."""

from __future__ import annotations


def possible_kinds(beginning: bytes) -> frozenset[str]:
    """Media types that begin so; empty where none is known."""
    import puremagic  # its tables are read at import: only who takes a file needs them

    try:
        return frozenset(each.mime_type for each in puremagic.magic_string(beginning))
    except (puremagic.PureError, ValueError):
        return frozenset()

"""Numbers of callers: what is one, and how it is shown."""

from __future__ import annotations

import pytest

from schema.domain.telephone import is_telephone, masked_telephone


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("13800001234", True),
        ("+86 138-0000-1234", True),
        ("12345", True),
        ("010-66001234", True),
        ("1234", False),
        ("1234567890123456", False),
        ("call me", False),
        ("138 0000  1234", False),
        ("", False),
    ],
)
def test_what_a_telephone_number_is(text: str, is_one: bool) -> None:
    assert is_telephone(text) is is_one


@pytest.mark.parametrize(
    ("number", "shown"),
    [("13800001234", "138****1234"), ("+86 138-0000-1234", "861******1234"), ("12345", "****45")],
)
def test_a_number_is_shown_masked(number: str, shown: str) -> None:
    """domain.md, 2: masked by default."""
    assert masked_telephone(number) == shown

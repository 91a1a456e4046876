"""Why an operation is not run: one field that whoever asks may not select."""

from __future__ import annotations

from dataclasses import dataclass

MAXIMUM_REFUSALS = 20
"""How many are told of one operation, so that errors do not amplify."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """``path`` are response names down to the refused field. ``code`` is UNAUTHENTICATED or FORBIDDEN."""

    path: tuple[str, ...]
    code: str
    message: str

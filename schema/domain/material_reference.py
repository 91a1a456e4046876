"""What a reference to a material may be: one of three kinds, told by how it begins; free text is none.

``file:`` is a checked file of the applicant's, ``shared:`` what was fetched with their consent, ``paper:`` an
original on paper, in words, that is shown or handed in at a window. Source: docs/materials.md, "As a material of a
case" (art. 5, 14).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from schema.domain.shared_record import SHARED
from schema.domain.stored_file import REFERENCE

PAPER = "paper:"
UPLOAD = "upload:"
"""Was a fourth kind that nothing could open or check; whoever still writes it is told what to write."""


class ReferenceKind(StrEnum):
    FILE = "FILE"
    SHARED = "SHARED"
    PAPER = "PAPER"


_KINDS: Mapping[ReferenceKind, re.Pattern[str]] = {
    ReferenceKind.FILE: re.compile(rf"{REFERENCE}[0-9A-Za-z-]{{1,64}}"),
    ReferenceKind.SHARED: re.compile(rf"{SHARED}[0-9A-Za-z-]{{1,64}}"),
    ReferenceKind.PAPER: re.compile(rf"{PAPER}[^\x00-\x1f\x7f]{{1,100}}"),
}


def kind_of_reference(reference: str) -> ReferenceKind | None:
    """``None`` for what is none."""
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(reference)), None)


def reference_problem(code: str, reference: str) -> str | None:
    """What is wrong with the reference of this material, with the mend."""
    if kind_of_reference(reference) is not None:
        return None
    if reference.startswith(UPLOAD):
        mend = f"Upload the file at /files and name it {REFERENCE}<id>, or say {PAPER}<what it is>."
        return f'Material "{code}": {UPLOAD} names nothing that can be opened. {mend}'
    kinds = f"{REFERENCE}<id>, {SHARED}<id>, {PAPER}<what it is>"
    return f'Material "{code}": its reference names nothing. Use one of: {kinds}.'


def as_reference(written: str) -> str:
    """What somebody wrote into a page's field: what is no reference yet is an original on paper, in words."""
    return written if kind_of_reference(written) is not None else f"{PAPER}{written[:100]}"

"""Files that people hand in: how large, of which kinds, for how long.

What a file says it is and what its first bytes say must agree. Source: docs/materials.md; domain.md, 9.15
(uploads up to 50 MB) and 9.11 (terms); art. 5, 14.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from schema.domain.case_words import CaseState

MAXIMUM_BYTES = 50 * 1024 * 1024
UNFINISHED_FOR = timedelta(hours=24)
"""How long a cut upload can be resumed."""
UNUSED_FOR = timedelta(days=180)
"""How long a file is kept that no case uses."""
SNIFFED_BYTES = 4096
"""How much of the beginning is needed to tell what a file is."""
LONGEST_NAME = 200
ACCEPTED: Mapping[str, str] = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
"""What is taken, by media type, with the ending it is handed out under. None of them runs in a browser."""

REFERENCE = "file:"
"""Begins a material's reference to a file of the applicant's."""


class FileState(StrEnum):
    UPLOADING = "UPLOADING"
    CHECKING = "CHECKING"
    """All of it is there; the virus scan is not over."""
    READY = "READY"
    REJECTED = "REJECTED"


def kind_problem(declared: str, found: Iterable[str]) -> str | None:
    """Why a file of this declared media type is not taken, given what its beginning may be."""
    if declared not in ACCEPTED:
        return f'Files of type "{declared}" are not taken, but: {", ".join(sorted(ACCEPTED))}.'
    if declared not in set(found):
        return f"The file's content is not what it says it is ({declared})."
    return None


def plain_name(name: str) -> str:
    """A file's name without a path or anything that is not printed; ``"file"`` where nothing is left."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printed = "".join(each for each in last if each.isprintable()).strip(" .")
    return printed[-LONGEST_NAME:] or "file"


RETENTION_YEARS: Mapping[CaseState, int] = {
    CaseState.COMPLETED: 30,
    CaseState.ARCHIVED: 30,
    CaseState.DENIED: 10,
    CaseState.NOT_ACCEPTED: 10,
    CaseState.TERMINATED: 10,
    CaseState.WITHDRAWN: 2,
    CaseState.LAPSED: 2,
}
"""For how long a finished case is kept: its result decides (domain.md, 9.11)."""


def retained_until(state: CaseState, ended_at: datetime) -> datetime:
    """Until when a case that ended so is kept. Raises ``KeyError`` for one that has not ended."""
    year = ended_at.year + RETENTION_YEARS[state]
    try:
        return ended_at.replace(year=year)
    except ValueError:  # February 29
        return ended_at.replace(year=year, month=3, day=1)

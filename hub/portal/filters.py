"""How values are shown: times at Beijing, tones of states, names of departments."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from hub.portal.language import Texts

BEIJING = ZoneInfo("Asia/Shanghai")
_GOOD = {"COMPLETED", "APPROVED", "ARCHIVED", "LICENCE_VALID", "FEE_PAID", "live"}
_BAD = {"DENIED", "NOT_ACCEPTED", "TERMINATED", "LAPSED", "LICENCE_REVOKED", "LICENCE_EXPIRED", "FEE_EXPIRED"}
_WAIT = {"SUPPLEMENT_REQUESTED", "SUSPENDED", "FEE_DUE", "FEE_PAYING", "LICENCE_SUSPENDED", "suspended"}


def local_time(text: str) -> str:
    """An ISO 8601 time as people at Beijing read it."""
    return datetime.fromisoformat(text).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def tone(state: str) -> str:
    """The colour class of a state; the state itself is always written out too."""
    if state in _GOOD:
        return "good"
    if state in _BAD:
        return "bad"
    return "wait" if state in _WAIT else ""


def department_name(name: str, texts: Texts) -> str:
    return texts.or_none(f"departments.{name}") or name


FILTERS = {"local_time": local_time, "tone": tone, "department_name": department_name}

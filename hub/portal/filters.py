"""How values are shown: times at Beijing, tones of states, names of departments."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hub.portal.language import Texts

BEIJING = ZoneInfo("Asia/Shanghai")
_GOOD = {
    "COMPLETED",
    "APPROVED",
    "ARCHIVED",
    "LICENCE_VALID",
    "FEE_PAID",
    "REFUND_DONE",
    "HOLD_DONE",
    "TICKET_DONE",
    "live",
    "SAFE",
}
_BAD = {
    "DENIED", "NOT_ACCEPTED", "TERMINATED", "LAPSED", "LICENCE_REVOKED", "LICENCE_EXPIRED", "FEE_EXPIRED",
    "TICKET_FAILED", "REFUND_REFUSED", "HOLD_REFUSED", "rejected", "BREAKING",
}  # fmt: skip
_WAIT = {
    "SUPPLEMENT_REQUESTED", "SUSPENDED", "FEE_DUE", "FEE_PAYING", "LICENCE_SUSPENDED", "suspended", "checked",
    "approved", "TICKET_OUTCOME_UNKNOWN", "DANGEROUS",
}  # fmt: skip
_CAUSE = re.compile(r"(publish|roll back to(?= \d+$)|roll back|retire|suspend|resume) (\S+)")


def local_time(text: str) -> str:
    """An ISO 8601 time as people at Beijing read it."""
    return datetime.fromisoformat(text).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def deadline(text: str) -> str:
    """A time as a deadline is spoken of: midnight is 24:00 of the day that it ends."""
    moment = datetime.fromisoformat(text).astimezone(BEIJING)
    if (moment.hour, moment.minute) == (0, 0):
        return (moment - timedelta(days=1)).strftime("%Y-%m-%d 24:00")
    return moment.strftime("%Y-%m-%d %H:%M")


def tone(state: str) -> str:
    """The colour class of a state; the state itself is always written out too."""
    if state in _GOOD:
        return "good"
    if state in _BAD:
        return "bad"
    return "wait" if state in _WAIT else ""


def department_name(name: str, texts: Texts) -> str:
    return texts.or_none(f"departments.{name}") or name


def cause(words: str, texts: Texts) -> str:
    """What made a supergraph, as the registry writes it, in the reader's language."""
    found = _CAUSE.fullmatch(words)
    return texts(f"causes.{found[1].replace(' ', '_')}", what=found[2]) if found else words


def diff_line(line: str) -> str:
    """The class of a line of a unified diff; its first character says the same."""
    if line.startswith(("+++", "---", "@@")):
        return "mark"
    return {"+": "added", "-": "removed"}.get(line[:1], "")


FILTERS = {
    "local_time": local_time,
    "deadline": deadline,
    "tone": tone,
    "department_name": department_name,
    "cause": cause,
    "diff_line": diff_line,
}

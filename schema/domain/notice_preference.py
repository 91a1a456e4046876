"""What a person wants to be told outside the hub, by which channel, in which language, and when not.

Within the hub everything is told always. Outside, a channel begins with an address that its owner has confirmed;
from then on it tells of everything that concerns its person, until they say otherwise for a group of kinds.
Source: domain.md, 9.10; docs/notices.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from schema.domain.notice import NoticeKind
from schema.domain.receipt_number import SHANGHAI

LONGEST_QUIET = timedelta(hours=12)
"""Quiet hours leave half of each day: what a time limit counts from is held until they end, and no longer."""


class NoticeChannel(StrEnum):
    IN_APP = "IN_APP"
    SMS = "SMS"
    EMAIL = "EMAIL"
    WEB_PUSH = "WEB_PUSH"


OUTSIDE = (NoticeChannel.SMS, NoticeChannel.EMAIL, NoticeChannel.WEB_PUSH)
"""Channels that leave the hub."""
DISTURBING = frozenset({NoticeChannel.SMS, NoticeChannel.WEB_PUSH})
"""Channels that make a sound at night; a mail waits in its box by itself."""


class NoticeGroup(StrEnum):
    """What one preference is for: a person thinks of their cases, not of kinds of texts."""

    CASES = "CASES"
    LICENCES = "LICENCES"
    ENQUIRIES = "ENQUIRIES"
    OFFICE = "OFFICE"


_K = NoticeKind
GROUPS: Mapping[NoticeKind, NoticeGroup] = {
    _K.CARD: NoticeGroup.CASES,
    _K.SUPPLEMENT_REQUESTED: NoticeGroup.CASES,
    _K.SUPPLEMENT_REMINDER: NoticeGroup.CASES,
    _K.DECIDED: NoticeGroup.CASES,
    _K.DUE_DATE_MOVED: NoticeGroup.CASES,
    _K.INSPECTION: NoticeGroup.CASES,
    _K.VISIT: NoticeGroup.CASES,
    _K.FOLLOW_UP: NoticeGroup.CASES,
    _K.REFUND: NoticeGroup.CASES,
    _K.FEE: NoticeGroup.CASES,
    _K.MANDATE: NoticeGroup.OFFICE,
    _K.ENQUIRY: NoticeGroup.ENQUIRIES,
    _K.LICENCE: NoticeGroup.LICENCES,
    _K.LICENCE_EXPIRES: NoticeGroup.LICENCES,
    _K.CARD_EXPLAINED: NoticeGroup.OFFICE,
    _K.EXPLANATION_RETURNED: NoticeGroup.OFFICE,
    _K.CARD_CLOSED: NoticeGroup.OFFICE,
    _K.CALENDAR_ESTIMATED: NoticeGroup.OFFICE,
}
"""Every kind is in one group; those of the office are told within the hub alone."""
STARTS_A_LIMIT = frozenset({_K.SUPPLEMENT_REQUESTED, _K.SUPPLEMENT_REMINDER, _K.DECIDED})
"""Kinds with a date that a person can miss: that of a supplement, that of an appeal. Their proof is kept, and no
preference turns them off on a channel that the person has opened."""


class NoticeLanguage(StrEnum):
    ZH = "ZH"
    EN = "EN"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``begins`` to ``ends`` of the clock in Beijing, over midnight where the end is the smaller one."""

    begins: time = time(22)
    ends: time = time(8)

    @property
    def length(self) -> timedelta:
        minutes = (self.ends.hour - self.begins.hour) * 60 + self.ends.minute - self.begins.minute
        return timedelta(minutes=minutes % (24 * 60))

    def problem(self) -> str | None:
        """Why these cannot be somebody's quiet hours."""
        if timedelta(0) < self.length <= LONGEST_QUIET:
            return None
        return f"Quiet hours last at most {LONGEST_QUIET // timedelta(hours=1)} hours, and end after they begin."

    def after(self, moment: datetime) -> datetime:
        """The moment itself, or the end of the quiet hours that it lies in."""
        here = moment.astimezone(SHANGHAI)
        begins = here.replace(hour=self.begins.hour, minute=self.begins.minute, second=0, microsecond=0)
        if begins > here:
            begins -= timedelta(days=1)
        ends = begins + self.length
        return ends if here < ends else moment


@dataclass(frozen=True, slots=True)
class NoticePreferences:
    """One person's. ``off`` names what they do not want; what it does not name is told."""

    language: NoticeLanguage = NoticeLanguage.ZH
    quiet: QuietHours | None = field(default_factory=QuietHours)
    off: frozenset[tuple[NoticeChannel, NoticeGroup]] = frozenset()

    def wants(self, channel: NoticeChannel, kind: NoticeKind) -> bool:
        """Whether this kind is told by this channel, if its address is confirmed."""
        group = GROUPS[kind]
        if channel is NoticeChannel.IN_APP:
            return True
        if group is NoticeGroup.OFFICE:
            return False
        return kind in STARTS_A_LIMIT or (channel, group) not in self.off

    def not_before(self, channel: NoticeChannel, moment: datetime) -> datetime:
        """When a try that is due at a moment may be made."""
        if self.quiet is None or channel not in DISTURBING:
            return moment
        return self.quiet.after(moment)

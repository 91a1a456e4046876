"""What persons chose about their notices, as rows: each reads and sets their own."""

from __future__ import annotations

from datetime import time
from typing import Any

from auth.actor import Actor
from connectors.clock import Clock
from hub.storage.database import Database
from hub.storage.insertion import add_up
from hub.tables.notice import NoticePreferenceRow
from schema.domain.notice_preference import (
    OUTSIDE,
    NoticeChannel,
    NoticeGroup,
    NoticeLanguage,
    NoticePreferences,
    QuietHours,
)
from schema.errors import DomainError, RuntimeCode

DEFAULT = NoticePreferences()


class NoticePreferenceStore:
    """One's own preferences; nobody reads another's."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, actor: Actor) -> NoticePreferences:
        async with self._database.reading() as session:
            return preferences_of(await session.get(NoticePreferenceRow, actor.subject))

    async def set(self, actor: Actor, preferences: NoticePreferences) -> NoticePreferences:
        """Replace them. Raises ``DomainError``: BAD_USER_INPUT."""
        if preferences.quiet is not None and (problem := preferences.quiet.problem()) is not None:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, problem)
        wrong = [channel for channel, group in preferences.off if not _may_be_off(channel, group)]
        if wrong:
            message = f"{wrong[0]} cannot be turned off. Choose among {', '.join(OUTSIDE)}."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
        async with self._database.transaction() as session:
            values = _values(actor.subject, preferences, self._clock)
            columns = [name for name in values if name != "subject"]
            await add_up(session, NoticePreferenceRow, [values], replaced=columns)
        return preferences


def preferences_of(row: NoticePreferenceRow | None) -> NoticePreferences:
    """Who chose nothing has what the hub begins with."""
    if row is None:
        return DEFAULT
    has_quiet = row.quiet_begins is not None and row.quiet_ends is not None
    quiet = QuietHours(_time(row.quiet_begins or ""), _time(row.quiet_ends or "")) if has_quiet else None
    pairs = (each.split("/") for each in row.off)
    off = frozenset((NoticeChannel(channel), NoticeGroup(group)) for channel, group in pairs)
    return NoticePreferences(NoticeLanguage(row.language), quiet, off)


def _values(subject: str, preferences: NoticePreferences, clock: Clock) -> dict[str, Any]:
    quiet = preferences.quiet
    return {
        "subject": subject,
        "language": preferences.language,
        "quiet_begins": f"{quiet.begins:%H:%M}" if quiet else None,
        "quiet_ends": f"{quiet.ends:%H:%M}" if quiet else None,
        "off": sorted(f"{channel}/{group}" for channel, group in preferences.off),
        "changed_at": clock.now(),
    }


def _may_be_off(channel: NoticeChannel, group: NoticeGroup) -> bool:
    return channel in OUTSIDE and group is not NoticeGroup.OFFICE


def _time(text: str) -> time:
    return time.fromisoformat(text)

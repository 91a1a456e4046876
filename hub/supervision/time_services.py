"""What the graph asks about time: due dates, the calendar, notices, supervision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from connectors.clock import Clock
from hub.cases.case_times import CaseTimes
from hub.catalogue.catalogue import CatalogueStore
from hub.notices.notices import Notices
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.supervision.supervision import Supervision
from hub.supervision.supervision_figures import Figures
from hub.supervision.working_calendars import WorkingCalendars


@dataclass(frozen=True, slots=True)
class TimeServices:
    cases: CaseTimes
    calendars: WorkingCalendars
    notices: Notices
    supervision: Supervision
    figures: Figures

    @classmethod
    def over(cls, database: Database, catalogue: CatalogueStore, clock: Clock, wakeups: Wakeups) -> Self:
        """Of one process."""
        return cls(
            CaseTimes(database, catalogue, clock),
            catalogue.calendars,
            Notices(database, clock),
            Supervision(database, clock, wakeups),
            Figures(database, catalogue, clock),
        )

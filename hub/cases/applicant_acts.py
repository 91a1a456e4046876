"""Who moves a case as its applicant: the person, or an agent under a mandate, whom its events name."""

from __future__ import annotations

from datetime import datetime

from auth.agency import Agency
from schema.domain.case import CaseActor, Channel
from schema.domain.case_flow import By


def applicant_by(applicant: str, agency: Agency | None, at: datetime, channel: Channel | None) -> By:
    agent, mandate = (agency.agent, agency.mandate) if agency else (None, None)
    return By(applicant, at, CaseActor.APPLICANT, channel, agent=agent, mandate=mandate)

"""What the two sides of a mandate are told, in both languages."""

from __future__ import annotations

from schema.domain.mandate import Mandate
from schema.domain.notice import NoticeText
from schema.domain.receipt_number import SHANGHAI


def granted(mandate: Mandate) -> NoticeText:
    """To the agent."""
    until = mandate.until.astimezone(SHANGHAI).date()
    return NoticeText(
        f"{mandate.party_name}授权您代办事项，有效期至{until}。",
        f"{mandate.party_name} lets you act in their name until {until}.",
    )


def ended_by_party(mandate: Mandate) -> NoticeText:
    """To the agent."""
    return NoticeText(
        f"{mandate.party_name}已撤销对您的授权。",
        f"{mandate.party_name} has ended your mandate.",
    )


def ended_by_agent(mandate: Mandate) -> NoticeText:
    """To the party."""
    return NoticeText(
        f"{mandate.agent_name}不再为您代办，授权已终止。",
        f"{mandate.agent_name} no longer acts for you; the mandate has ended.",
    )

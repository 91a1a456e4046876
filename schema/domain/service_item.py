"""Service items and the commands that carry a case to its department; catalogue data, read and checked.

Nothing about one department stands in code: which GraphQL mutation tells a department what is part of
the catalogue. Source: docs/domain.md, "Service item and case".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from schema.domain.case import Channel


class Step(StrEnum):
    """What the hub may have to tell a department."""

    RECEIVE_CASE = "receive-case"
    ISSUE_LICENCE = "issue-licence"
    SETTLE_FEE = "settle-fee"


@dataclass(frozen=True, slots=True)
class CommandText:
    """The GraphQL mutation by which a department takes one step; it has one variable, ``$input``."""

    operation: str
    operation_name: str


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """One item. ``form`` is JSON Schema; ``fee_fen`` is 0 where nothing is owed."""

    code: str
    version: int
    name: str
    name_en: str
    description: str
    description_en: str
    category: str
    organisation: str
    statutory_limit_days: int
    promised_limit_days: int
    fee_fen: int
    fee_name: str
    fee_name_en: str
    result_kind: str | None
    channels: tuple[Channel, ...]
    form: Mapping[str, Any]
    in_force_since: datetime

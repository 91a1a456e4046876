"""Who can be a party of a case: apply, hold, pay. Source: docs/domain.md, "People and roles"."""

from __future__ import annotations

from enum import StrEnum


class ApplicantKind(StrEnum):
    CITIZEN = "CITIZEN"
    ENTERPRISE = "ENTERPRISE"

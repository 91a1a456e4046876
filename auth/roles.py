"""The roles that the domain knows, by the names that stand in tokens.

Source: docs/domain.md, "People and roles".
"""

from __future__ import annotations

CITIZEN = "citizen"
OPERATOR = "operator"
DEPARTMENT = "department"
"""A department's own client."""
DEPARTMENT_STAFF = "department-staff"
"""A person who works for a department; which one stands in the token."""
OFFICER = "officer"
"""At a comprehensive window (综合窗口): reads every case and files for whoever walks in or calls."""
HANDLER = "handler"
"""Handles the cases of the department that the person works for."""
CHIEF_REPRESENTATIVE = "chief-representative"
"""Decides for that department at the window (首席代表), under its delegation."""
LEGAL_REVIEWER = "legal-reviewer"
PRICE_REVIEWER = "price-reviewer"
SUPERVISOR = "supervisor"
ARCHIVIST = "archivist"
"""Keeps the archives: lists what need not be kept any longer, and approves what others listed and reviewed."""
OBSERVER = "observer"
"""From outside: reads figures, never persons."""

AGENT = "agent"
"""Acts for a party under its mandate; such a token has no other role but the next."""
REPRESENTATIVE = "representative"
"""An agent who is the party's legal representative (法定代表人)."""

GRANTABLE = (
    OPERATOR,
    OFFICER,
    HANDLER,
    CHIEF_REPRESENTATIVE,
    LEGAL_REVIEWER,
    PRICE_REVIEWER,
    SUPERVISOR,
    ARCHIVIST,
    OBSERVER,
)
"""What an operator grants to a person."""
PERSON_ROLES = (CITIZEN, DEPARTMENT_STAFF, *GRANTABLE)
"""Every role that a person's token may carry."""

"""The rules of the hub's own part of the graph. Whoever adds a root field adds its line here."""

from __future__ import annotations

from collections.abc import Mapping

from auth.rules import PUBLIC, Rule, role

CITIZEN = role("citizen")
OPERATOR = role("operator")
OPERATOR_OR_DEPARTMENT = role("operator", "department")
CASE_READER = role("citizen", "operator", "officer")

HUB_RULES: Mapping[str, Rule] = {
    "Query.serviceItems": PUBLIC,
    "Query.serviceItem": PUBLIC,
    "Query.organisations": PUBLIC,
    "Query.serviceItemConnection": PUBLIC,
    "Query.me": CITIZEN,
    "Query.case": CASE_READER,
    "Query.node": CASE_READER,
    "Query.nodes": CASE_READER,
    "Query.connectors": OPERATOR_OR_DEPARTMENT,
    "Query.connector": OPERATOR_OR_DEPARTMENT,
    "Query.queues": OPERATOR,
    "Query.deadLetters": OPERATOR,
    "Query.caseCounts": OPERATOR,
    "Mutation.submitCase": CITIZEN,
    "Mutation.withdrawCase": CITIZEN,
    "Mutation.payFees": CITIZEN,
    "Mutation.rateService": CITIZEN,
    "Mutation.checkConnector": OPERATOR_OR_DEPARTMENT,
    "Mutation.publishConnector": OPERATOR_OR_DEPARTMENT,
    "Mutation.suspendConnector": OPERATOR,
    "Mutation.resumeConnector": OPERATOR,
    "Mutation.retireConnector": OPERATOR_OR_DEPARTMENT,
    "Mutation.approveConnector": OPERATOR,
    "Mutation.rollbackConnector": OPERATOR_OR_DEPARTMENT,
    "Mutation.enrolDepartment": OPERATOR_OR_DEPARTMENT,
    "Mutation.dismissDepartment": OPERATOR,
    "Mutation.redriveDeadLetter": OPERATOR,
    "Subscription.caseChanged": CITIZEN,
}

OPEN_TYPES = frozenset(
    {
        "ServiceItem",
        "ServiceItemConnection",
        "ServiceItemEdge",
        "Organisation",
        "RatingSummary",
        "StarCount",
        "PageInfo",
    }
)
"""Catalogue types: what they say is for everybody. A page's cursors are no more than where it was cut."""

OPERATOR_TYPES = frozenset(
    {
        "Connector",
        "ConnectorAgent",
        "ConnectorCheck",
        "ConnectorPublication",
        "DepartmentCredentials",
        "CompositionProblem",
        "ProblemLocation",
        "SchemaChange",
        "Queue",
        "DeadLetter",
        "CaseCount",
    }
)
"""Types about the running of the hub; nothing of a person is in them."""

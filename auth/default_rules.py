"""The rules of the hub's own part of the graph. Whoever adds a root field adds its line here."""

from __future__ import annotations

from collections.abc import Mapping

from auth.rules import PUBLIC, SIGNED_IN, Rule, role

CITIZEN = role("citizen")
OPERATOR = role("operator")
OPERATOR_OR_DEPARTMENT = role("operator", "department", "department-staff")
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
    "Query.myDepartment": SIGNED_IN,
    "Query.supergraphVersions": OPERATOR,
    "Query.departmentContact": OPERATOR_OR_DEPARTMENT,
    "Query.alerts": OPERATOR_OR_DEPARTMENT,
    "Query.connectorSecrets": OPERATOR_OR_DEPARTMENT,
    "Query.allowedHosts": OPERATOR,
    "Query.operations": OPERATOR_OR_DEPARTMENT,
    "Query.queues": OPERATOR,
    "Query.deadLetters": OPERATOR,
    "Query.caseCounts": OPERATOR,
    "Mutation.submitCase": CITIZEN,
    "Mutation.withdrawCase": CITIZEN,
    "Mutation.payFees": CITIZEN,
    "Mutation.rateService": CITIZEN,
    "Mutation.checkConnector": OPERATOR_OR_DEPARTMENT,
    "Mutation.registerConnector": OPERATOR_OR_DEPARTMENT,
    "Mutation.publishConnector": OPERATOR_OR_DEPARTMENT,
    "Mutation.releaseConnector": OPERATOR_OR_DEPARTMENT,
    "Mutation.suspendConnector": OPERATOR,
    "Mutation.resumeConnector": OPERATOR,
    "Mutation.retireConnector": OPERATOR_OR_DEPARTMENT,
    "Mutation.approveConnector": OPERATOR,
    "Mutation.rejectConnector": OPERATOR,
    "Mutation.rollbackConnector": OPERATOR_OR_DEPARTMENT,
    "Mutation.rollbackSupergraph": OPERATOR,
    "Mutation.setDepartmentContact": OPERATOR_OR_DEPARTMENT,
    "Mutation.testAlert": OPERATOR_OR_DEPARTMENT,
    "Mutation.setConnectorResilience": OPERATOR,
    "Mutation.setConnectorSecret": OPERATOR_OR_DEPARTMENT,
    "Mutation.removeConnectorSecret": OPERATOR_OR_DEPARTMENT,
    "Mutation.allowHost": OPERATOR,
    "Mutation.disallowHost": OPERATOR,
    "Mutation.enrolDepartment": OPERATOR_OR_DEPARTMENT,
    "Mutation.dismissDepartment": OPERATOR,
    "Mutation.employInDepartment": OPERATOR,
    "Mutation.dismissFromDepartment": OPERATOR,
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
        "ConnectorBulkhead",
        "ConnectorAgent",
        "ConnectorCheck",
        "ConnectorCircuit",
        "ConnectorResilience",
        "ConnectorPublication",
        "ConnectorVersion",
        "ConnectorEvent",
        "ConnectorCondition",
        "DepartmentContact",
        "Alert",
        "SupergraphVersion",
        "SupergraphMember",
        "SupergraphPublication",
        "ConnectorSecret",
        "AllowedHost",
        "DepartmentCredentials",
        "CompositionProblem",
        "ProblemLocation",
        "SchemaChange",
        "AffectedOperation",
        "BreakingReason",
        "LintFinding",
        "ProbeLine",
        "ShadowDifference",
        "Queue",
        "DeadLetter",
        "CaseCount",
        "RecordedOperation",
        "RecordedOperationConnection",
        "RecordedOperationEdge",
        "OperationClient",
        "TrafficMinute",
        "ErrorCount",
    }
)
"""Types about the running of the hub; nothing of a person is in them."""

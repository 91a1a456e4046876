"""Every error and hint the engine can tell, as values, and the one table of run-time codes.

Composition collects errors, it never raises the first one it meets. A run-time code is what a client
sees in ``extensions.code``; it is public and stable.
Sources: Apollo Federation error codes; GraphQL specification, section 7.1.2 "Errors".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in one subgraph's SDL. Lines and columns count from 1."""

    subgraph: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.subgraph}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class CompositionError:
    """One reason why the subgraphs do not compose.

    ``code`` is Federation's public code where one exists, else one of ours. ``message`` names the thing
    and the mend.
    """

    code: str
    message: str
    subgraphs: tuple[str, ...] = ()
    locations: tuple[Location, ...] = ()

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@dataclass(frozen=True, slots=True, order=True)
class CompositionHint:
    """Something that composes but deserves a look. Never fatal."""

    code: str
    message: str
    subgraphs: tuple[str, ...] = ()
    locations: tuple[Location, ...] = ()

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class PlanningError(Exception):
    """An operation that is valid against the API schema has no plan, or its plan passed a limit.

    ``code`` is a :class:`RuntimeCode`. It reaches the client as a request error; no fetch was made.
    """

    def __init__(self, code: RuntimeCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class DomainError(Exception):
    """A rule of the domain refuses this. ``code``, ``message`` and ``details`` are told to the client as they are.

    graphql-core copies ``extensions`` into the GraphQL error that a resolver's exception becomes.
    """

    def __init__(self, code: RuntimeCode, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details or {}

    @property
    def extensions(self) -> dict[str, Any]:
        return {**self.details, "code": self.code.value}


class RuntimeCode(StrEnum):
    """What a client reads in ``extensions.code``. The docstring-like text is in :data:`RUNTIME_CODES`."""

    # the request
    BAD_REQUEST = "BAD_REQUEST"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE"
    OPERATION_TOO_COMPLEX = "OPERATION_TOO_COMPLEX"
    OPERATION_TIMEOUT = "OPERATION_TIMEOUT"
    NO_PLAN = "NO_PLAN"
    # who may
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    RATE_LIMITED = "RATE_LIMITED"
    TOO_MANY_SUBSCRIPTIONS = "TOO_MANY_SUBSCRIPTIONS"
    # a department
    DEPARTMENT_UNREACHABLE = "DEPARTMENT_UNREACHABLE"
    DEPARTMENT_TIMEOUT = "DEPARTMENT_TIMEOUT"
    DEPARTMENT_BAD_STATUS = "DEPARTMENT_BAD_STATUS"
    CONNECTOR_FETCH = "CONNECTOR_FETCH"
    DEPARTMENT_MALFORMED_ANSWER = "DEPARTMENT_MALFORMED_ANSWER"
    DEPARTMENT_ANSWER_TOO_LARGE = "DEPARTMENT_ANSWER_TOO_LARGE"
    DEPARTMENT_WRONG_TYPE = "DEPARTMENT_WRONG_TYPE"
    DEPARTMENT_ERROR = "DEPARTMENT_ERROR"
    DEPARTMENT_BUSY = "DEPARTMENT_BUSY"
    DEPARTMENT_SUSPENDED = "DEPARTMENT_SUSPENDED"
    CONNECTOR_SECRET_MISSING = "CONNECTOR_SECRET_MISSING"  # noqa: S105  a code
    AGENT_OFFLINE = "AGENT_OFFLINE"
    CIRCUIT_OPEN = "CIRCUIT_OPEN"
    BROKER_UNAVAILABLE = "BROKER_UNAVAILABLE"
    GATHER_FAILED = "GATHER_FAILED"
    # the domain
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    INVALID_TRANSITION = "INVALID_TRANSITION"
    ALREADY_RATED = "ALREADY_RATED"
    CASE_NOT_FINISHED = "CASE_NOT_FINISHED"
    COMPOSITION_FAILED = "COMPOSITION_FAILED"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    TICKET_NOT_CANCELLABLE = "TICKET_NOT_CANCELLABLE"
    TICKET_EXPIRED = "TICKET_EXPIRED"
    RESULT_NOT_KEPT = "RESULT_NOT_KEPT"
    # the hub
    SECRET_KEY_MISSING = "SECRET_KEY_MISSING"  # noqa: S105  a code
    SUBSCRIBER_TOO_SLOW = "SUBSCRIBER_TOO_SLOW"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


RUNTIME_CODES: dict[RuntimeCode, str] = {
    RuntimeCode.BAD_REQUEST: "The HTTP request is not a GraphQL request. Send JSON with a `query` string.",
    RuntimeCode.GRAPHQL_PARSE_FAILED: "The document is not GraphQL. The message says where it stops to be.",
    RuntimeCode.GRAPHQL_VALIDATION_FAILED: "The document does not fit the schema. Mend the field it names.",
    RuntimeCode.BAD_USER_INPUT: "A variable or argument has a value that is not allowed there.",
    RuntimeCode.OPERATION_RESOLUTION_FAILURE: "`operationName` is missing or names no operation.",
    RuntimeCode.PERSISTED_QUERY_NOT_FOUND: "No query is known under this hash. Send it once with its text.",
    RuntimeCode.PERSISTED_QUERY_NOT_SUPPORTED: "Queries are not kept here. Send the text each time.",
    RuntimeCode.REQUEST_TOO_LARGE: "The request body is over the hub's limit. Send less at once.",
    RuntimeCode.OPERATION_TOO_COMPLEX: "The operation passes a limit on depth, size or planning work.",
    RuntimeCode.OPERATION_TIMEOUT: "The operation's own time was over before this department was asked. Ask less.",
    RuntimeCode.NO_PLAN: "No chain of departments can answer this selection. Ask for less below that field.",
    RuntimeCode.UNAUTHENTICATED: "A valid access token is needed. Sign in, or renew the token.",
    RuntimeCode.FORBIDDEN: "The token is valid but may not see or do this.",
    RuntimeCode.RATE_LIMITED: "Too many requests. Wait as long as `Retry-After` says.",
    RuntimeCode.TOO_MANY_SUBSCRIPTIONS: "This person or service has as many open as it may. End one first.",
    RuntimeCode.DEPARTMENT_UNREACHABLE: "The department's system refuses connections or cannot be found.",
    RuntimeCode.DEPARTMENT_TIMEOUT: "The department's system did not answer within its deadline.",
    RuntimeCode.CONNECTOR_FETCH: "A REST request failed: `http.status` says how, `connector.coordinate` which.",
    RuntimeCode.DEPARTMENT_BAD_STATUS: "The department's system answered with an HTTP error status.",
    RuntimeCode.DEPARTMENT_MALFORMED_ANSWER: "The department's answer is not what its protocol promises.",
    RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE: "The department's answer is over the hub's size limit.",
    RuntimeCode.DEPARTMENT_WRONG_TYPE: "The department sent a value that its own schema forbids.",
    RuntimeCode.DEPARTMENT_ERROR: "The department's system reported an error of its own.",
    RuntimeCode.DEPARTMENT_BUSY: "As many requests as it may have are with the department already. Try again.",
    RuntimeCode.DEPARTMENT_SUSPENDED: "The department's connector is suspended by an operator.",
    RuntimeCode.CONNECTOR_SECRET_MISSING: "The connector lacks a secret. Its department sets it.",
    RuntimeCode.AGENT_OFFLINE: "The department is reached through an agent, and no agent is connected.",
    RuntimeCode.CIRCUIT_OPEN: "The department failed several times in a row; the hub is giving it a rest.",
    RuntimeCode.BROKER_UNAVAILABLE: "The message broker cannot be reached. Nothing was accepted; try again.",
    RuntimeCode.GATHER_FAILED: "None of the departments that hold parts of this list could answer.",
    RuntimeCode.NOT_FOUND: "There is no such thing, or you may not know of it.",
    RuntimeCode.CONFLICT: "The thing changed meanwhile, or this was done already. Read it again.",
    RuntimeCode.INVALID_TRANSITION: "The case is not in a state in which this can be done.",
    RuntimeCode.ALREADY_RATED: "This service was rated already. One rating per occasion.",
    RuntimeCode.CASE_NOT_FINISHED: "A service can be rated once the case is finished.",
    RuntimeCode.COMPOSITION_FAILED: "The schema does not compose with the graph. `errors` lists every reason.",
    RuntimeCode.OUTCOME_UNKNOWN: "Whether the department did this cannot be known; an officer resolves it.",
    RuntimeCode.IDEMPOTENCY_KEY_REUSED: "This idempotency key came before with another request. Take a new one.",
    RuntimeCode.TICKET_NOT_CANCELLABLE: "The request is on its way to the department, or has ended.",
    RuntimeCode.TICKET_EXPIRED: "The department could not be reached in the time that the request had.",
    RuntimeCode.RESULT_NOT_KEPT: "The mutation did not select this below `result`, so it was not asked for.",
    RuntimeCode.SECRET_KEY_MISSING: "The hub has no key to encrypt secrets with. Set JIYI_SECRET_KEY.",
    RuntimeCode.SUBSCRIBER_TOO_SLOW: "Events came faster than they were read. Resume with the last cursor.",
    RuntimeCode.SERVICE_UNAVAILABLE: "The hub cannot do this now. Try again.",
    RuntimeCode.INTERNAL_SERVER_ERROR: "Something went wrong inside the hub. The log has the reference.",
}

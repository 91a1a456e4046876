"""GraphQL types of a check's report: what a version would do to the graph, to its clients, and to itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

import strawberry

from hub.own_subgraph.recorded_types import OperationClient, counted
from hub.registry import check_findings, registration
from schema.affected import AffectedOperation as DomainAffected
from schema.changes import SchemaChange as DomainChange
from schema.errors import CompositionError, CompositionHint, Location
from schema.lint import LintFinding as DomainFinding


@strawberry.type(description="A place in one subgraph's SDL.")
class ProblemLocation:
    subgraph: str = strawberry.field(description="Name of the subgraph.")
    line: int = strawberry.field(description="Line, from 1.")
    column: int = strawberry.field(description="Column, from 1.")

    @classmethod
    def of(cls, place: Location) -> Self:
        return cls(subgraph=place.subgraph, line=place.line, column=place.column)


@strawberry.type(description="An error or hint of composition.")
class CompositionProblem:
    code: str = strawberry.field(description="Federation's public code where there is one.")
    message: str = strawberry.field(description="The thing and the mend.")
    subgraphs: list[str] = strawberry.field(description="The subgraphs that it is about.")
    locations: list[ProblemLocation] = strawberry.field(description="Where to look.")

    @classmethod
    def of(cls, problem: CompositionError | CompositionHint) -> Self:
        return cls(
            code=problem.code,
            message=problem.message,
            subgraphs=list(problem.subgraphs),
            locations=[ProblemLocation.of(place) for place in problem.locations],
        )


@strawberry.type(description="One difference to the published graph.")
class SchemaChange:
    kind: str = strawberry.field(description="What kind of change.")
    criticality: str = strawberry.field(description="BREAKING, DANGEROUS or SAFE.")
    path: str = strawberry.field(description="What it is about, for example Licence.holder.")
    description: str = strawberry.field(description="The change in words.")
    operations: int | None = strawberry.field(
        description="How many recorded operations use it; null for safe ones, and where nothing is recorded."
    )

    @classmethod
    def of(cls, change: DomainChange, operations: int | None = None) -> Self:
        return cls(
            kind=str(change.kind),
            criticality=str(change.criticality),
            path=change.path,
            description=change.description,
            operations=operations,
        )


@strawberry.type(description="One reason why an operation would break.")
class BreakingReason:
    path: str = strawberry.field(description="The change that breaks it; empty where only its text tells.")
    message: str = strawberry.field(description="The change in words.")


@strawberry.type(description="A recorded operation that works now and would not any more.")
class AffectedOperation:
    id: strawberry.ID = strawberry.field(description="The operation's id among the recorded ones.")
    name: str = strawberry.field(description="Its name, or how it begins.")
    kind: str = strawberry.field(description="query, mutation or subscription.")
    document: str = strawberry.field(description="Its text without values; empty where it was not kept.")
    clients: list[OperationClient] = strawberry.field(description="Whom it would break, who sends most first.")
    count: int = strawberry.field(description="How often it was sent.")
    last_seen: datetime = strawberry.field(description="When it was sent last.")
    because: list[BreakingReason] = strawberry.field(description="Why it would break.")

    @classmethod
    def of(cls, affected: DomainAffected) -> Self:
        operation = affected.operation
        return cls(
            id=strawberry.ID(operation.hash),
            name=operation.title,
            kind=operation.kind,
            document=operation.document,
            clients=[OperationClient.of(use) for use in operation.clients],
            count=counted(operation.count),
            last_seen=operation.last_seen,
            because=[BreakingReason(path=each.path, message=each.message) for each in affected.because],
        )


@strawberry.type(description="Advice about the SDL alone.")
class LintFinding:
    code: str = strawberry.field(description="Which rule; ignoredLint leaves it out.")
    severity: str = strawberry.field(description="WARNING or INFO.")
    path: str = strawberry.field(description="What it is about.")
    message: str = strawberry.field(description="The thing and the mend.")
    location: ProblemLocation | None = strawberry.field(description="Where it is written.")

    @classmethod
    def of(cls, finding: DomainFinding) -> Self:
        return cls(
            code=finding.code,
            severity=str(finding.severity),
            path=finding.path,
            message=finding.message,
            location=ProblemLocation.of(finding.location) if finding.location else None,
        )


@strawberry.type(description="One question to the department's real system, and what came.")
class ProbeLine:
    what: str = strawberry.field(description="What was looked at.")
    outcome: str = strawberry.field(description="pass, warn or fail.")
    message: str = strawberry.field(description="What was found, and the mend.")
    milliseconds: float | None = strawberry.field(description="How long it took.")

    @classmethod
    def of(cls, line: check_findings.ProbeLine) -> Self:
        outcome = line.outcome.value
        return cls(what=line.what, outcome=outcome, message=line.message, milliseconds=line.milliseconds)


@strawberry.type(description="Where the new version answers a recorded operation otherwise than the live one.")
class ShadowDifference:
    operation: str = strawberry.field(description="The operation's name, or how it begins.")
    path: str = strawberry.field(description="The place in the answer; empty for all of it.")
    message: str = strawberry.field(description="What kind of value came, and what kind before; never a value.")

    @classmethod
    def of(cls, found: check_findings.ShadowDifference) -> Self:
        return cls(operation=found.operation, path=found.path, message=found.message)


@strawberry.type(description="What a registration would add and break.")
class ConnectorCheck:
    ok: bool = strawberry.field(description="Whether it may be published.")
    errors: list[CompositionProblem] = strawberry.field(description="Why not; all reasons at once.")
    hints: list[CompositionProblem] = strawberry.field(description="What deserves a look.")
    changes: list[SchemaChange] = strawberry.field(description="Differences to the published graph.")
    affected: list[AffectedOperation] = strawberry.field(description="Recorded operations that would break.")
    needs_approval: bool = strawberry.field(description="Whether an operator must agree: it breaks the API.")
    lint: list[LintFinding] = strawberry.field(description="Advice about the SDL.")
    probe: list[ProbeLine] = strawberry.field(description="What the real system said.")
    shadow: list[ShadowDifference] = strawberry.field(description="Answers that differ from the live version's.")
    compared: int = strawberry.field(description="How many recorded operations both versions answered.")

    @classmethod
    def of(cls, check: registration.ConnectorCheck) -> Self:
        return cls(**report_of(check))


def report_of(check: registration.ConnectorCheck) -> dict[str, Any]:
    """The fields of a report, for it and for what is more than it."""
    return {
        "ok": check.ok,
        "errors": [CompositionProblem.of(error) for error in check.errors],
        "hints": [CompositionProblem.of(hint) for hint in check.hints],
        "changes": [SchemaChange.of(change, check.uses.get(change.path)) for change in check.changes],
        "affected": [AffectedOperation.of(each) for each in check.affected],
        "needs_approval": check.needs_approval,
        "lint": [LintFinding.of(finding) for finding in check.lint],
        "probe": [ProbeLine.of(line) for line in check.probe],
        "shadow": [ShadowDifference.of(found) for found in check.shadow],
        "compared": check.compared,
    }

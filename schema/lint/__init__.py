"""What one subgraph could say better: names, descriptions, nullability, pages. Advice, which refuses nothing.

Each rule is a function of a valid subgraph; a new rule is a new function and a line in ``RULES``. Pure.
Source: docs/departments.md, "Lint".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from schema.lint.descriptions import deprecation_reasons, field_descriptions, type_descriptions
from schema.lint.finding import LintFinding, Severity
from schema.lint.names import argument_names, enum_values, field_names, type_names
from schema.lint.types import endless_lists, identifiers, list_items, money, nullable_keys, times
from schema.subgraph import ValidSubgraph

Rule = Callable[[ValidSubgraph], Iterator[LintFinding]]

RULES: tuple[Rule, ...] = (
    type_names,
    field_names,
    argument_names,
    enum_values,
    type_descriptions,
    field_descriptions,
    deprecation_reasons,
    list_items,
    endless_lists,
    nullable_keys,
    identifiers,
    times,
    money,
)


def lint(subgraph: ValidSubgraph, ignored: Collection[str] = ()) -> tuple[LintFinding, ...]:
    """Warnings first, each in the order of the SDL; without the codes that are ``ignored``."""
    found = (finding for rule in RULES for finding in rule(subgraph) if finding.code not in ignored)
    return tuple(sorted(found, key=_order))


def _order(finding: LintFinding) -> tuple[int, int, int, str]:
    at = finding.location
    return list(Severity).index(finding.severity), at.line if at else 0, at.column if at else 0, finding.code


__all__ = ["RULES", "LintFinding", "Severity", "lint"]

"""What a reader of the graph is told: descriptions, and why something will go."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import DEFAULT_DEPRECATION_REASON

from schema.lint.finding import LintFinding, Severity, place
from schema.lint.schema_parts import is_root, is_stub, own_fields, own_types, own_values
from schema.subgraph import TypeRules, ValidSubgraph


def type_descriptions(subgraph: ValidSubgraph) -> Iterator[LintFinding]:
    """Types that only extend another's, and the roots, need none."""
    for declared in own_types(subgraph):
        is_anothers = subgraph.types.get(declared.name, TypeRules()).is_extension or is_stub(subgraph, declared)
        if not (declared.description or is_anothers or is_root(subgraph, declared)):
            message = f'Type "{declared.name}" has no description. Say in a sentence what it is.'
            at = place(subgraph.name, declared.ast_node)
            yield LintFinding("TYPE_DESCRIPTION_MISSING", Severity.INFO, declared.name, message, at)


def field_descriptions(subgraph: ValidSubgraph) -> Iterator[LintFinding]:
    """A root field without one is more than a pity: it is where clients begin to read."""
    for part in own_fields(subgraph):
        is_hidden = subgraph.rules(part.parent.name, part.name).inaccessible
        if not (part.field.description or is_hidden):
            severity = Severity.WARNING if is_root(subgraph, part.parent) else Severity.INFO
            message = f'Field "{part.path}" has no description. Say what it gives, in which unit.'
            at = place(subgraph.name, part.node)
            yield LintFinding("FIELD_DESCRIPTION_MISSING", severity, part.path, message, at)


def deprecation_reasons(subgraph: ValidSubgraph) -> Iterator[LintFinding]:
    fields = ((part.path, part.field.deprecation_reason, part.field.ast_node) for part in own_fields(subgraph))
    values = ((part.path, part.value.deprecation_reason, part.value.ast_node) for part in own_values(subgraph))
    for path, reason, node in (*fields, *values):
        if reason is not None and reason.strip() in ("", DEFAULT_DEPRECATION_REASON):
            message = f'"{path}" is deprecated without a reason. Say what to use in its place, and until when.'
            at = place(subgraph.name, node)
            yield LintFinding("DEPRECATION_REASON_MISSING", Severity.WARNING, path, message, at)

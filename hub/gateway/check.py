"""From text to a checked operation: parse, choose the operation, validate, measure.

Pure and synchronous: long documents are checked in a thread, so that they hold nobody else up.
Source: GraphQL specification, section 5 "Validation".
"""

from __future__ import annotations

from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    parse,
    validate,
)

from hub.execution import Operation
from hub.gateway.access import access_needs
from hub.gateway.graph import CheckedOperation
from hub.gateway.limits import Limits, check_size
from hub.gateway.policy import Policy
from hub.gateway.request import GraphQLRequest, RequestRefused, refused, told
from hub.gateway.rules import MOST_ERRORS, RULES
from schema.errors import RuntimeCode
from schema.supergraph import Supergraph

_GAVE_UP = "Validation aborted."
"""What graphql-core says of a document whose fragments cost more than its budget, and nothing else."""


def check_operation(
    supergraph: Supergraph, request: GraphQLRequest, policy: Policy, limits: Limits, *, hide_suggestions: bool
) -> CheckedOperation:
    """Raises ``RequestRefused`` with every reason that was found."""
    schema = supergraph.api_schema
    document = _parse(request.query, limits)
    node = _choose(document, request.operation_name)
    errors = validate(schema, document, RULES, MOST_ERRORS, hide_suggestions)
    if any(error.message == _GAVE_UP for error in errors):
        message = "The operation has too many fragments, or they are nested too deeply. Ask in several operations."
        raise refused(RuntimeCode.OPERATION_TOO_COMPLEX, message)
    if errors:
        raise RequestRefused(told(error, RuntimeCode.GRAPHQL_VALIDATION_FAILED) for error in errors)
    if schema.get_root_type(node.operation) is None:
        raise refused(
            RuntimeCode.OPERATION_RESOLUTION_FAILURE, f"This graph has no {node.operation.value} operations."
        )
    check_size(document, node, limits)
    requirements = policy.requirements(schema, document, node.name.value if node.name else None)
    access = access_needs(supergraph, document, node)
    return CheckedOperation(Operation(schema, document, node), requirements, access)


def _parse(query: str, limits: Limits) -> DocumentNode:
    try:
        return parse(query, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    except GraphQLError as error:
        raise RequestRefused([told(error, RuntimeCode.GRAPHQL_PARSE_FAILED)]) from error


def _choose(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if not operations:
        raise refused(RuntimeCode.OPERATION_RESOLUTION_FAILURE, "The document has no operation.")
    if name:
        for operation in operations:
            if operation.name and operation.name.value == name:
                return operation
        raise refused(RuntimeCode.OPERATION_RESOLUTION_FAILURE, f'The document has no operation named "{name}".')
    if len(operations) > 1:
        raise refused(
            RuntimeCode.OPERATION_RESOLUTION_FAILURE,
            "The document has several operations. Say in operationName which one to run.",
        )
    return operations[0]

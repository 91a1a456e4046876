"""What an HTTP answer means to the field or type that asked.

Success is mapped; every other status is an error of the field, with status and connector. An entity that another
department referred to and that is not found is null, since that department may know it. Source: the public Apollo
Connectors convention, "Responses" and "Error handling".
"""

from __future__ import annotations

from collections.abc import Mapping

from graphql import GraphQLError

from connectors.connector import JSON, ConnectorFailure
from connectors.http_message import HttpAnswer, failure
from connectors.mapping import evaluate
from connectors.mapping.evaluate import Variables
from connectors.rest.content import content_of, is_json
from schema.errors import RuntimeCode
from schema.mapping.connect import Connect
from schema.mapping.media_types import reading_of

_OVERLOADED = 429
REFUSED = "Request failed"
"""What the convention tells of a refusal where the SDL maps no message."""


def map_answer(
    connect: Connect,
    answer: HttpAnswer,
    variables: Variables,
    namespaces: Mapping[str, str],
    *,
    may_be_unknown: bool,
) -> JSON:
    """The mapped value; ``None`` for an entity that the service does not know, where it ``may_be_unknown``.

    Raises ``GraphQLError`` for every other answer that is no success, ``ConnectorFailure`` for one that cannot be
    read.
    """
    try:
        content, unreadable = content_of(answer, namespaces), None
    except ValueError as error:
        content, unreadable = None, error
    scope = _with_answer(answer, variables)
    if _is_success(connect, answer, content, scope):
        mapped = evaluate(connect.selection, content, scope)
        # Who reads nothing of a body need not understand it; JSON that is none is a mistake for everybody.
        if unreadable is not None and (mapped in (None, {}) or is_json(answer)):
            raise failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, unreadable) from unreadable
        if mapped is None and content is not None and reading_of(answer.media_type) == "file":
            raise failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, f"{answer.media_type} where a mapping reads on")
        return mapped
    if answer.status == 404 and may_be_unknown:
        return None
    raise _refusal(connect, answer, content, scope)


def overload_of(connect: Connect, error: GraphQLError) -> ConnectorFailure | None:
    """What a refusal says against the service as a whole: that it fails, or is asked too much."""
    status = (error.extensions or {}).get("http", {}).get("status", 0)
    if status < 500 and status != _OVERLOADED:
        return None
    return failure(RuntimeCode.DEPARTMENT_BAD_STATUS, f"HTTP {status} for {connect.coordinate}")


def _is_success(connect: Connect, answer: HttpAnswer, content: JSON, scope: Variables) -> bool:
    rule = connect.is_success or (connect.source.is_success if connect.source else None)
    if rule is None:
        return answer.is_success
    return evaluate(rule, content, scope) is True


def _refusal(connect: Connect, answer: HttpAnswer, content: JSON, scope: Variables) -> GraphQLError:
    """The service understood and refused: its own words where the SDL maps them, else ours.

    The connector's message holds before its source's; of extensions both add theirs, the connector last.
    """
    rules = [*([connect.source.failure] if connect.source else []), connect.failure]
    messages = [rule.message for rule in rules if rule.message]
    message = evaluate(messages[-1], content, scope) if messages else None
    mapped: dict[str, JSON] = {}
    for rule in rules:
        added = evaluate(rule.extensions, content, scope) if rule.extensions else None
        mapped.update(added if isinstance(added, dict) else {})
    if "code" in mapped and not isinstance(mapped["code"], str):
        # Whoever reads errors can rely on a code that is a text.
        mapped["code"] = _code(mapped["code"])
    return GraphQLError(
        message if isinstance(message, str) and message else REFUSED,
        extensions={
            "code": RuntimeCode.CONNECTOR_FETCH.value,
            "http": {"status": answer.status},
            "connector": {"coordinate": connect.place},
            **mapped,
        },
    )


def _code(mapped: JSON) -> str:
    is_number = isinstance(mapped, int) and not isinstance(mapped, bool)
    return str(mapped) if is_number else RuntimeCode.CONNECTOR_FETCH.value


def _with_answer(answer: HttpAnswer, variables: Variables) -> Variables:
    response = {"headers": {name: [value] for name, value in answer.headers.items()}}
    return {**variables, "$status": answer.status, "$response": response}

"""The messages between hub and department, as data: request and response, command and outcome, a stream's.

A request or command carries a GraphQL request, on whose behalf, and never a user's token. An answer is
``{"data", "errors", "extensions", "cacheControl"}`` or, where there is none, ``{"failure": {"code", "message"}}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from connectors.answer_caching import read_caching
from connectors.broker import Message
from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse, RequestContext
from schema.errors import RuntimeCode

REQUEST = "jiyi.request"
RESPONSE = "jiyi.response"
COMMAND = "jiyi.command"
SUBSCRIBE = "jiyi.subscribe"
STREAM = "jiyi.stream"
OUTCOME = "jiyi.command.outcome"

Kind = Literal["query", "mutation", "subscription"]
_TEXT_FIELDS = ("operationName", "idempotencyKey", "actor", "purpose", "case")
_LONGEST_MESSAGE = 500


class MalformedMessage(ValueError):
    """The message is none that its queue is for. Trying again cannot help."""


def request_data(request: FetchRequest) -> dict[str, Any]:
    """The ``data`` of a request or command; what is absent is left out."""
    context = request.context
    optional = {
        "operationName": request.operation_name,
        "idempotencyKey": request.idempotency_key,
        "actor": context.actor,
        "purpose": context.purpose,
        "case": context.case,
        "kind": request.kind if request.kind != "query" else None,
    }
    data: dict[str, Any] = {"query": request.query, "variables": dict(request.variables)}
    return data | {name: value for name, value in optional.items() if value is not None}


def read_request(message: Message, *, expected: str) -> FetchRequest:
    """The request in a message of type ``expected``. Raises :class:`MalformedMessage`."""
    data = message.data
    if message.type != expected or not isinstance(data, dict):
        raise MalformedMessage(f'Message "{message.id}" of type "{message.type}" is no {expected}.')
    variables = {} if data.get("variables") is None else data["variables"]
    if not isinstance(data.get("query"), str) or not isinstance(variables, dict):
        raise MalformedMessage(f'{expected} "{message.id}" needs a "query" string and a "variables" object.')
    for name in _TEXT_FIELDS:
        if data.get(name) is not None and not isinstance(data[name], str):
            raise MalformedMessage(f'{expected} "{message.id}": "{name}" must be a string.')
    kinds: dict[str, Kind] = {COMMAND: "mutation", SUBSCRIBE: "subscription"}
    return FetchRequest(
        query=data["query"],
        variables=variables,
        kind=kinds.get(expected) or ("mutation" if data.get("kind") == "mutation" else "query"),
        operation_name=data.get("operationName"),
        context=RequestContext(
            actor=data.get("actor"),
            purpose=data.get("purpose") or "query",
            case=data.get("case"),
            traceparent=message.traceparent,
        ),
        idempotency_key=data.get("idempotencyKey") or (message.id if expected == COMMAND else None),
    )


def response_data(response: FetchResponse) -> dict[str, Any]:
    """An answer as GraphQL has it; empty ``errors`` and ``extensions`` are left out."""
    data: dict[str, Any] = {"data": response.data}
    if response.errors:
        data["errors"] = list(response.errors)
    if response.extensions:
        data["extensions"] = dict(response.extensions)
    if response.caching is not None:
        data["cacheControl"] = str(response.caching)
    return data


def failure_data(failure: ConnectorFailure) -> dict[str, Any]:
    """Why there is no answer. The detail stays at home: it is for the department's own log."""
    return {"failure": {"code": str(failure.code), "message": failure.message}}


def read_response(data: Any) -> FetchResponse:
    """The answer in a reply or outcome. Raises :class:`ConnectorFailure`, the department's or for a bad one."""
    if not isinstance(data, dict):
        raise _malformed("The agent's answer is no object.")
    if "failure" in data:
        raise _read_failure(data["failure"])
    result, errors, extensions = data.get("data"), data.get("errors") or [], data.get("extensions") or {}
    if result is not None and not isinstance(result, dict):
        raise _malformed('"data" is no object.')
    if not isinstance(errors, list) or not all(isinstance(error, dict) for error in errors):
        raise _malformed('"errors" is no list of objects.')
    if not isinstance(extensions, dict):
        raise _malformed('"extensions" is no object.')
    if result is None and not errors:
        raise _malformed("The answer has neither data nor errors.")
    said = data.get("cacheControl")
    caching = read_caching(said) if isinstance(said, str) else None
    return FetchResponse(result, tuple(errors), extensions, caching=caching)


def _read_failure(failure: Any) -> ConnectorFailure:
    code = failure.get("code") if isinstance(failure, Mapping) else None
    if not isinstance(code, str) or code not in set(RuntimeCode):
        return _malformed("The agent names a failure that does not exist.")
    message = str(failure.get("message", ""))[:_LONGEST_MESSAGE]
    return ConnectorFailure(RuntimeCode(code), message)


def _malformed(detail: str) -> ConnectorFailure:
    message = "The department's agent answered with something that is no GraphQL answer."
    return ConnectorFailure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, message, detail)

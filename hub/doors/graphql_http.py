"""GraphQL over HTTP as decisions without I/O: which media type, which request, which status.

Source: GraphQL over HTTP, https://graphql.github.io/graphql-over-http/draft.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from json import dumps
from typing import Any

import msgspec

from hub.execution.numbers import encode_number
from hub.gateway import GraphQLAnswer, GraphQLRequest
from hub.gateway.request import refused
from schema.errors import RuntimeCode
from schema.mapping.header import is_header_value

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"
MULTIPART = "multipart/mixed"
STREAMS = (EVENT_STREAM, MULTIPART)
"""The media types that stay open."""

_OFFERED: Mapping[str, str] = {
    GRAPHQL_RESPONSE: GRAPHQL_RESPONSE,
    JSON: JSON,
    EVENT_STREAM: EVENT_STREAM,
    MULTIPART: MULTIPART,
    "*/*": JSON,
    "application/*": JSON,
    "text/*": EVENT_STREAM,
}


@lru_cache(maxsize=256)
def acceptable(accept: str | None) -> tuple[str, ...]:
    """The media types we offer, as the client prefers them; empty when it accepts none of them.

    Without the header, and for ``*/*``, that is ``application/json``: what every client can read. Parts are for
    who names the protocol of subscriptions: others mean ``@defer`` by the same media type.
    """
    if accept is None or not accept.strip():
        return (JSON,)
    wanted: list[tuple[float, str]] = []
    for entry in accept.split(","):
        name, _, parameters = entry.partition(";")
        offered = _OFFERED.get(name.strip().lower())
        weight = _weight(parameters)
        if offered == MULTIPART and not _names_subscriptions(parameters):
            continue
        if offered is not None and weight > 0 and _is_utf8(parameters):
            wanted.append((-weight, offered))
    ordered = [media_type for _weight, media_type in sorted(wanted, key=lambda entry: entry[0])]
    return tuple(dict.fromkeys(ordered))


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _names_subscriptions(parameters: str) -> bool:
    named = (parameter.partition("=") for parameter in parameters.split(";"))
    return any(name.strip().lower() == "subscriptionspec" and _is_first(value) for name, _, value in named)


def _is_first(version: str) -> bool:
    return version.strip().strip('"') in ("1.0", "1")


def _is_utf8(parameters: str) -> bool:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower() in ("utf-8", "utf8")
    return True


@lru_cache(maxsize=64)
def check_content_type(content_type: str | None) -> None:
    """Raises ``RequestRefused`` with 415 unless it is JSON in UTF-8.

    The content types that a browser sends across origins without asking first are none of these, so no
    foreign page can make a visitor's browser POST here.
    """
    name, _, parameters = (content_type or "").partition(";")
    if name.strip().lower() != JSON or not _is_utf8(parameters):
        raise refused(
            RuntimeCode.BAD_REQUEST, "Send the request with Content-Type: application/json, in UTF-8.", status=415
        )


def decode_body(body: bytes) -> Any:
    """The fields of the request in a POST's body. Raises ``RequestRefused`` where it is no JSON."""
    return _decode(body, "The body")


def decode_parameters(parameters: Mapping[str, str]) -> dict[str, Any]:
    """The fields of the request in a GET's query string; ``variables`` and ``extensions`` are JSON there."""
    fields: dict[str, Any] = {name: parameters[name] for name in ("query", "operationName") if name in parameters}
    for name in ("variables", "extensions"):
        if parameters.get(name):
            fields[name] = _decode(parameters[name], f'The parameter "{name}"')
    return fields


def _decode(text: bytes | str, what: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise refused(RuntimeCode.BAD_REQUEST, f"{what} is not JSON. {error}".strip()) from error


CLIENT_HEADERS = ("apollographql-client-name", "apollographql-client-version")
"""In which clients say who they are."""


def read_fields(fields: Any, traceparent: str | None, client: tuple[str, str] = ("", "")) -> GraphQLRequest:
    """The request in a decoded JSON value, from whatever transport. Raises ``RequestRefused``."""
    if isinstance(fields, list):
        raise refused(RuntimeCode.BAD_REQUEST, "Batches are not taken. Send one operation at a time.")
    if not isinstance(fields, dict):
        raise refused(RuntimeCode.BAD_REQUEST, 'The body must be a JSON object with a "query" string.')
    query, name, variables = fields.get("query"), fields.get("operationName"), fields.get("variables")
    if not isinstance(query, str) or not query:
        raise refused(RuntimeCode.BAD_REQUEST, 'Send the operation as a string in "query".')
    if not (name is None or isinstance(name, str)):
        raise refused(RuntimeCode.BAD_REQUEST, '"operationName" must be a string.')
    if not (variables is None or isinstance(variables, dict)):
        raise refused(RuntimeCode.BAD_REQUEST, '"variables" must be an object.')
    extensions = fields.get("extensions")
    if not (extensions is None or isinstance(extensions, dict)):
        raise refused(RuntimeCode.BAD_REQUEST, '"extensions" must be an object.')
    return GraphQLRequest(
        query, name or None, variables or {}, traceparent, extensions=extensions or {}, client=client
    )


def picked(names: Sequence[str], headers: Mapping[str, str], connection: Iterable[str] = ()) -> dict[str, str]:
    """The headers of these names that are there and may go on; names are in lower case.

    ``connection`` are the values of ``Connection``: what it names belongs to that one connection. Source: RFC
    9110, section 7.6.1.
    """
    named = {option.strip().lower() for value in connection for option in value.split(",")}
    found = {name: headers[name] for name in names if name in headers and name not in named}
    return {name: value for name, value in found.items() if is_header_value(value)}


def status_of(answer: GraphQLAnswer, media_type: str, *, is_well_formed: bool) -> int:
    """``application/json`` says 200 to whatever is a GraphQL request: older clients read the body only then."""
    if answer.is_executed:
        return 200
    return answer.status if media_type == GRAPHQL_RESPONSE or not is_well_formed else 200


def encode_answer(answer: GraphQLAnswer) -> bytes:
    """The response map as JSON; data that was encoded already stays as it is."""
    if answer.encoded is not None and not answer.errors and not answer.extensions:
        return b'{"data":%b}' % answer.encoded
    return encode(answer.payload())


def encode(payload: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8. Lone surrogates, which JSON can hold and UTF-8 cannot, travel escaped."""
    try:
        return msgspec.json.encode(payload, enc_hook=encode_number)
    except UnicodeEncodeError:
        return dumps(payload, separators=(",", ":")).encode()

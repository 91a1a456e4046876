"""Read the JSON of a GraphQL answer. Source: GraphQL specification, section 7.1 "Response"."""

from __future__ import annotations

import msgspec

from connectors.connector import JSON, FetchResponse


def read_json(body: bytes) -> JSON:
    """Raises ``ValueError`` for what is no JSON, NaN and nesting without end included."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def read_response(value: JSON) -> FetchResponse:
    """Raises ``ValueError`` for JSON that is no GraphQL response."""
    if not isinstance(value, dict) or not ("data" in value or "errors" in value):
        raise ValueError("a GraphQL response is an object with data or errors")
    data, errors = value.get("data"), value.get("errors") or []
    if not (data is None or isinstance(data, dict)):
        raise ValueError("data is an object or null")
    if not (isinstance(errors, list) and all(isinstance(error, dict) for error in errors)):
        raise ValueError("errors is a list of objects")
    if data is None and not errors:
        raise ValueError("data is null and no error says why")
    extensions = value.get("extensions")
    return FetchResponse(data, tuple(errors), extensions if isinstance(extensions, dict) else {})

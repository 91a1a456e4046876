"""Read the JSON of a GraphQL answer. Source: GraphQL specification, section 7.1 "Response"."""

from __future__ import annotations

import msgspec

from connectors.connector import JSON, FetchResponse, ReadBody


def read_as_asked(body: bytes, read: ReadBody | None) -> FetchResponse:
    """An answer as its caller's ``read`` takes it, or as values where it does not. Raises ``ValueError`` for no
    GraphQL response."""
    if read is not None:
        try:
            return FetchResponse(None, shaped=read(body), body=body)
        except ValueError:
            return read_response(read_json(body))
    return read_response(read_json(body))


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

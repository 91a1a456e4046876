"""The request that a fetch makes, and its answer or why there is none. Both paths ask in the same words."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import Raw

from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse, ReadBody, RequestContext
from hub.execution.fault import Cause
from schema.errors import RuntimeCode
from schema.planning.query_plan import Batch, Fetch, OperationKind

Answers = dict[tuple[int, bytes | None], FetchResponse | Cause]
"""What was answered already in this operation, by fetch (its ``id``) and payload."""

_encode = msgspec.json.Encoder().encode
_log = logging.getLogger(__name__)


NOTHING_FILLED: Mapping[str, Any] = MappingProxyType({})


def batch_request_of(
    batch: Batch,
    variables: Mapping[str, Any],
    representations: Mapping[int, Sequence[Mapping[str, Any]]],
    context: RequestContext,
    read: ReadBody | None = None,
) -> FetchRequest:
    """One request for several entity fetches; ``representations`` by node, none for those that are left out."""
    sent = {name: variables[name] for name in batch.variables if name in variables}
    for number in range(len(batch.nodes)):
        sent[f"representations_{number}"] = list(representations.get(number, ()))
    every = [one for each in representations.values() for one in each]
    return _request(batch.document, sent, every, "query", context, read)


def request_of(
    fetch: Fetch,
    variables: Mapping[str, Any],
    representations: Sequence[Mapping[str, Any]],
    context: RequestContext,
    read: ReadBody | None = None,
    filled: Mapping[str, Any] = NOTHING_FILLED,
) -> FetchRequest:
    """``variables`` are all that the client's operation has, ``filled`` those that come from a context."""
    sent = {name: variables[name] for name in fetch.variables if name in variables}
    sent.update(filled)
    if representations:
        sent["representations"] = list(representations)
    return _request(fetch.document, sent, representations, fetch.kind, context, read)


def _request(
    document: str,
    sent: dict[str, Any],
    representations: Sequence[Mapping[str, Any]],
    kind: OperationKind,
    context: RequestContext,
    read: ReadBody | None,
) -> FetchRequest:
    payload = _payload(document, sent)
    if read is not None and payload is not None and _holds_text(representations):
        sent = msgspec.json.decode(payload)["variables"]
    return FetchRequest(document, sent, kind, context=context, payload=payload, read=read)


def _holds_text(representations: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a custom scalar, or what may hold one, is among them; then others than HTTP need it as a value."""
    return any(type(value) in (Raw, dict, list) for each in representations for value in each.values())


def _payload(document: str, variables: Mapping[str, Any]) -> bytes | None:
    if not variables:
        return _head(document) + b"}"
    try:
        return b'%b,"variables":%b}' % (_head(document), _encode(variables))
    except (ValueError, TypeError, OverflowError):
        return None  # no JSON in UTF-8, a lone surrogate for instance: the connector says what that means


@lru_cache(maxsize=4096)
def _head(document: str) -> bytes:
    return b'{"query":' + _encode(document)


async def answer_or_cause(answer: Awaitable[FetchResponse], service: str) -> FetchResponse | Cause:
    """A connector's answer, or why there is none."""
    try:
        return await answer
    except Exception as failure:  # noqa: BLE001 - a connector's mistake takes only its own values away
        return cause_of_failure(failure, service)


def cause_of_failure(failure: Exception, service: str) -> Cause:
    """What the client is told of a connector's failure; one that no connector should have is logged."""
    if isinstance(failure, ConnectorFailure):
        return Cause(failure.message, failure.code, service)
    _log.error("The connector of %s failed in an unforeseen way", service, exc_info=failure)
    return Cause("The department could not be asked.", RuntimeCode.INTERNAL_SERVER_ERROR, service)


def no_connector(service: str) -> Cause:
    return Cause("The department has no connector.", RuntimeCode.DEPARTMENT_UNREACHABLE, service)

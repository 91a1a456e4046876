"""The request that a fetch makes, and its answer or why there is none. Both paths ask in the same words."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import msgspec

from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse, ReadBody, RequestContext
from connectors.recent import known_by_text
from hub.execution.fault import Cause
from hub.execution.numbers import encode_number
from schema.errors import RuntimeCode
from schema.planning.query_plan import Batch, Fetch, OperationKind

Answers = dict[tuple[int, bytes | None], FetchResponse | Cause]
"""What was answered already in this operation, by fetch (its ``id``) and payload."""

_encode = msgspec.json.Encoder(enc_hook=encode_number).encode
_decode = msgspec.json.Decoder(float_hook=float).decode
_log = logging.getLogger(__name__)


NOTHING_FILLED: Mapping[str, Any] = MappingProxyType({})


def batch_request_of(
    batch: Batch,
    variables: Mapping[str, Any],
    representations: Mapping[int, Sequence[Mapping[str, Any]]],
    context: RequestContext,
    read: ReadBody | None = None,
    timeout: timedelta | None = None,
) -> FetchRequest:
    """One request for several entity fetches; ``representations`` by node, none for those that are left out."""
    sent = {name: variables[name] for name in batch.variables if name in variables}
    for number in range(len(batch.nodes)):
        sent[f"representations_{number}"] = list(representations.get(number, ()))
    return _request(batch.document, sent, "query", context, read, timeout)


def request_of(
    fetch: Fetch,
    variables: Mapping[str, Any],
    representations: Sequence[Mapping[str, Any]],
    context: RequestContext,
    read: ReadBody | None = None,
    filled: Mapping[str, Any] = NOTHING_FILLED,
    timeout: timedelta | None = None,
) -> FetchRequest:
    """``variables`` are all that the client's operation has, ``filled`` those that come from a context."""
    sent = {name: variables[name] for name in fetch.variables if name in variables}
    sent.update(filled)
    if representations:
        sent["representations"] = list(representations)
    return _request(fetch.document, sent, fetch.kind, context, read, timeout)


def _request(
    document: str,
    sent: dict[str, Any],
    kind: OperationKind,
    context: RequestContext,
    read: ReadBody | None,
    timeout: timedelta | None,
) -> FetchRequest:
    payload = _payload(document, sent)
    variables: Mapping[str, Any] = sent if read is None or payload is None else _Sent(payload)
    return FetchRequest(document, variables, kind, context=context, timeout=timeout, payload=payload, read=read)


class _Sent(Mapping[str, Any]):
    """The variables of a payload, as values for who does not send the payload itself: a custom scalar is only
    text in the compiled path."""

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._values: Mapping[str, Any] | None = None

    def _read(self) -> Mapping[str, Any]:
        if self._values is None:
            self._values = _decode(self._payload).get("variables", {})
        return self._values or {}

    def __getitem__(self, name: str) -> Any:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def _payload(document: str, variables: Mapping[str, Any]) -> bytes | None:
    if not variables:
        return _head(document) + b"}"
    try:
        return b'%b,"variables":%b}' % (_head(document), _encode(variables))
    except (ValueError, TypeError, OverflowError):
        return None  # no JSON in UTF-8, a lone surrogate for instance: the connector says what that means


@known_by_text(1_000, 1_000_000)
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

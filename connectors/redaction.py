"""Keep what a connector was given in confidence out of what it answers in error, and out of the log.

A department's system may quote a request that it refuses, headers included. The values are taken out of error
messages and of failures' details; data is the department's own to give.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from urllib.parse import quote

from connectors.connector import JSON, Connector, ConnectorFailure, FetchRequest, FetchResponse

REDACTED = "***"
_SHORTEST = 4
"""Shorter ones would take letters out of every word."""


class KnownSecrets:
    """Values that no text may show, as they are or as an address spells them."""

    def __init__(self, values: Iterable[str]) -> None:
        spelled = {spelling for value in values for spelling in (value, quote(value, safe=""), quote(value))}
        self._values = sorted((each for each in spelled if len(each) >= _SHORTEST), key=len, reverse=True)

    def taken_out_of(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, REDACTED)
        return text


class Redacting:
    """A connector whose errors quote none of ``secrets``."""

    def __init__(self, connector: Connector, secrets: Iterable[str]) -> None:
        self._connector = connector
        self._text = KnownSecrets(secrets).taken_out_of

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        try:
            return self._response(await self._connector.fetch(request))
        except ConnectorFailure as failure:
            raise self._failure(failure) from None

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        try:
            async for response in self._connector.subscribe(request):
                yield self._response(response)
        except ConnectorFailure as failure:
            raise self._failure(failure) from None

    async def describe(self) -> str:
        try:
            return await self._connector.describe()
        except ConnectorFailure as failure:
            raise self._failure(failure) from None

    async def close(self) -> None:
        await self._connector.close()

    def _response(self, response: FetchResponse) -> FetchResponse:
        if isinstance(response.shaped, FetchResponse):
            return replace(response, shaped=self._response(response.shaped))
        if not response.errors and response.failure is None:
            return response
        errors = tuple(self._value(error) for error in response.errors)
        failure = self._failure(response.failure) if response.failure is not None else None
        return replace(response, errors=errors, failure=failure)

    def _failure(self, failure: ConnectorFailure) -> ConnectorFailure:
        message, detail = self._text(failure.message), self._text(failure.detail)
        return ConnectorFailure(failure.code, message, detail, never_sent=failure.never_sent)

    def _value(self, value: JSON) -> JSON:
        match value:
            case str():
                return self._text(value)
            case Mapping():
                return {self._text(name): self._value(each) for name, each in value.items()}
            case list() | tuple():
                return [self._value(each) for each in value]
            case _:
                return value

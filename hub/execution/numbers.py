"""Numbers as a department wrote them: what a custom scalar holds goes on to the client digit by digit.

A float in Python forgets that it was ``0.1000``, and cannot be ``1e400``.
"""

from __future__ import annotations

import msgspec

from connectors.connector import FetchResponse
from connectors.graphql_answer import read_response


class WrittenNumber(float):
    """A float that knows its text. ``encode_number`` prints it as it was."""

    __slots__ = ("text",)

    text: str

    @classmethod
    def read(cls, text: str) -> WrittenNumber:
        number = cls(text)
        number.text = text
        return number


def encode_number(value: object) -> msgspec.Raw:
    """The ``enc_hook`` of whoever encodes what departments answered."""
    if isinstance(value, WrittenNumber):
        return msgspec.Raw(value.text.encode())
    raise TypeError(f"{type(value).__name__} is no JSON.")


def read_exactly(body: bytes) -> FetchResponse:
    """A GraphQL response with its numbers as they were written. Raises ``ValueError`` for anything else."""
    try:
        return read_response(_decode(body))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from error


_decode = msgspec.json.Decoder(float_hook=WrittenNumber.read).decode

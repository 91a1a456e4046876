"""The content of an HTTP answer as the JSON that mappings read: JSON, XML, CSV, text or a file, by its media type.

Older systems speak XML and CSV, in GB 18030 as often as in UTF-8. Sources: docs/spec/xml.md; RFC 4180.
"""

from __future__ import annotations

import csv
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from email.message import Message
from io import StringIO

from connectors.connector import JSON
from connectors.graphql_answer import read_json
from connectors.http_message import HttpAnswer
from connectors.rest.xml import declared_encoding, known_encoding, read_xml
from schema.mapping.media_types import reading_of

_DELIMITERS = (",", ";", "\t")


def content_of(answer: HttpAnswer, namespaces: Mapping[str, str]) -> JSON:
    """``None`` for an empty body; JSON where no media type is named. Raises ``ValueError`` for what is not what it
    says. ``namespaces`` are prefixes by the address of their XML namespace."""
    if not answer.body:
        return None
    match reading_of(answer.media_type):
        case "xml":
            return read_xml(_text(answer, declared_encoding(answer.body)), namespaces)
        case "csv":
            return read_csv(_text(answer))
        case "text":
            return _text(answer)
        case "lines":
            # RFC 7464 begins each with a record separator.
            return [read_json(line) for line in answer.body.replace(b"\x1e", b"").splitlines() if line.strip()]
        case "file":
            return _file(answer)
        case "json":
            return read_json(answer.body)


def _file(answer: HttpAnswer) -> JSON:
    """Base64; but many a service that answers JSON names it a stream of bytes."""
    if answer.media_type == "application/octet-stream" and answer.body.lstrip()[:1] in (b"{", b"["):
        with suppress(ValueError):
            return read_json(answer.body)
    return b64encode(answer.body).decode()


def is_json(answer: HttpAnswer) -> bool:
    """Whether it says so, or says nothing."""
    kind = answer.media_type
    return kind in ("", "application/json", "text/json") or kind.endswith("+json")


def read_csv(text: str) -> JSON:
    """A list of objects named by the first line. What separates the values is what that line has most of."""
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    rows = csv.DictReader(StringIO(text, newline=""), delimiter=delimiter, strict=True, restkey="", restval=None)
    try:
        return [{name.strip(): value for name, value in row.items() if name} for row in rows]
    except csv.Error as error:
        raise ValueError(f"no CSV: {error}") from error


def _text(answer: HttpAnswer, otherwise: str = "utf-8-sig") -> str:
    """Decoded by the header's charset; without one by what the content says of itself."""
    header = Message()
    header["content-type"] = answer.headers.get("content-type", "")
    charset = str(header.get_param("charset") or otherwise)
    try:
        text = answer.body.decode(known_encoding(charset))
    except (LookupError, UnicodeDecodeError) as error:
        raise ValueError(f"the text is not in {charset}") from error
    return text.removeprefix("\ufeff")

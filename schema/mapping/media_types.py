"""How an answer is read, by its media type: the one table for what drafts promise and for what runs.

Source: docs/spec/xml.md.
"""

from __future__ import annotations

import re
from typing import Literal

Reading = Literal["json", "lines", "xml", "csv", "text", "file"]

_EXACT: dict[str, Reading] = {
    **dict.fromkeys(("application/xml", "text/xml"), "xml"),
    **dict.fromkeys(("text/csv", "text/tab-separated-values"), "csv"),
    **dict.fromkeys(("text/plain", "text/markdown", "text/calendar", "text/vcard", "application/text"), "text"),
    **dict.fromkeys(("text/yaml", "application/yaml", "application/x-yaml", "image/svg+xml"), "text"),
    **dict.fromkeys(
        ("application/pdf", "application/zip", "application/gzip", "application/octet-stream"), "file"
    ),
    **dict.fromkeys(("application/x-zip-compressed", "application/x-gzip", "application/x-tar"), "file"),
    **dict.fromkeys(("application/msword", "application/rtf", "application/ofd"), "file"),
}
_LINES = re.compile(r"application/(x-)?(ndjson|jsonl|jsonlines|json-lines|json-seq|stream\+json)\Z")
_FILE = re.compile(r"(image|audio|video|font)/|application/vnd\.(openxmlformats-|ms-|oasis\.opendocument)")


def reading_of(media_type: str) -> Reading:
    """``media_type`` in lower case, without parameters. What is not known is taken for JSON."""
    if media_type in _EXACT:
        return _EXACT[media_type]
    if _LINES.match(media_type):
        return "lines"
    if media_type.endswith("+json"):
        return "json"
    if media_type.endswith("+xml"):
        return "xml"
    return "file" if _FILE.match(media_type) else "json"

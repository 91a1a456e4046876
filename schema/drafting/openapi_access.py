"""Where a service is and how it is told who asks: ``@source`` with placeholders, never with a secret.

Sources: OpenAPI 3.1, "Server Object" and "Security Scheme Object".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from schema.drafting.draft import Note
from schema.drafting.names import Names, camel
from schema.drafting.openapi_document import OpenApiDocument, Operation, text
from schema.mapping.header import RESERVED_HEADERS
from schema.mapping.syntax import print_key

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")


@dataclass(slots=True)
class Access:
    """``sources`` are names by base URL, the most used first; each is asked with the same credentials."""

    sources: dict[str, str] = field(default_factory=dict)
    headers: list[tuple[str, str]] = field(default_factory=list)
    query_parameters: list[str] = field(default_factory=list)
    reviews: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def access_of(document: OpenApiDocument, operations: Iterable[Operation]) -> Access:
    listed = list(operations)
    access = Access()
    names = Names()
    used = Counter(each.base_url for each in listed)
    for url, _ in used.most_common() or [(document.servers[0], 0)]:
        access.sources[url] = names.take("api")
    others = [url for url in document.servers if url not in access.sources]
    if others:
        access.reviews.append(f"other servers of the document: {', '.join(others[:5])}")
    if any(".invalid" in url for url in access.sources):
        access.reviews.append("the document names no host; the url given at registration takes its place")
    _authenticate(document, listed, access)
    return access


def _authenticate(document: OpenApiDocument, operations: list[Operation], access: Access) -> None:
    schemes = document.security_schemes
    wanted = Counter(
        name
        for each in operations
        for alternative in (each.security if each.security is not None else document.security)[:1]
        for name in alternative
        if name in schemes
    )
    if not wanted:
        if schemes:
            access.reviews.append("the document asks for no credentials, though it describes some")
        return
    first = next(iter(wanted.most_common()))[0]
    alternatives = (*document.security, *(a for each in operations for a in each.security or ()))
    together = next((tuple(each) for each in alternatives if first in each), (first,))
    for name in together:
        scheme, _ = document.references.follow(schemes.get(name, {}))
        if isinstance(scheme, Mapping):
            _add(access, name, scheme)
    unasked = sorted(str(name) for name in schemes if name not in together)
    if unasked:
        access.reviews.append(f"other ways to sign in: {', '.join(unasked[:8])}")


def _add(access: Access, name: str, scheme: Mapping[str, Any]) -> None:
    kind, place = text(scheme.get("type")).lower(), text(scheme.get("in"))
    key = text(scheme.get("name"))
    if kind == "apikey" and place == "header" and _HEADER_NAME.match(key) and key.lower() not in RESERVED_HEADERS:
        access.headers.append((key, f"{{$config.{camel(key)}}}"))
        access.reviews.append(f"give config.{camel(key)}: the header {key} ({name})")
    elif kind == "apikey" and place == "query":
        access.query_parameters.append(f"{print_key(key)}: $config.{camel(key)}")
        access.reviews.append(f"give config.{camel(key)}: the parameter {key} ({name})")
    elif kind == "basic" or (kind == "http" and text(scheme.get("scheme")).lower() == "basic"):
        access.headers.append(("Authorization", "Basic {$config.basicCredentials}"))
        access.reviews.append(f"give config.basicCredentials: user:password in base64 ({name})")
    elif kind in ("oauth2", "openidconnect") or (
        kind == "http" and text(scheme.get("scheme")).lower() == "bearer"
    ):
        access.headers.append(("Authorization", "Bearer {$config.token}"))
        access.reviews.append(f"give config.token: a bearer token ({name}{', ' + kind if kind != 'http' else ''})")
    else:
        how = f"{kind or 'unknown'} {place or text(scheme.get('scheme'))}".strip()
        access.notes.append(Note(name, f"this way to sign in ({how}) is not drafted"))
    unique = {each_name.lower(): (each_name, value) for each_name, value in access.headers}
    access.headers = list(unique.values())

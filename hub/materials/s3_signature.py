"""The signature of a request to an S3-compatible store.

Source: AWS Signature Version 4, "Authenticating requests: using the Authorization header".
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class S3Credentials:
    """Who signs, and for which region."""

    access_key: str
    secret_key: str = field(repr=False)
    region: str = "us-east-1"


def signed_headers(
    credentials: S3Credentials,
    method: str,
    host: str,
    path: str,
    content: bytes,
    at: datetime,
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """All headers of a request without a query, its ``Authorization`` among them. ``path`` is not encoded yet."""
    moment = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    digest = sha256(content).hexdigest()
    headers = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": moment}
    headers |= {name.lower(): value for name, value in (more or {}).items()}
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    request = "\n".join((method, quote(path), "", lines, names, digest))
    scope = f"{moment[:8]}/{credentials.region}/s3/aws4_request"
    signed = "\n".join((_ALGORITHM, moment, scope, sha256(request.encode()).hexdigest()))
    signature = hmac.new(_key(credentials, moment[:8]), signed.encode(), sha256).hexdigest()
    authorization = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope},SignedHeaders={names},Signature={signature}"
    )
    return {**headers, "authorization": authorization}


def _key(credentials: S3Credentials, day: str) -> bytes:
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (day, credentials.region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), sha256).digest()
    return key

"""Two doors without sign-in: verify a licence, and the signed status lists.

``POST /licences/verify`` takes ``{"document": …}`` and answers 200 whatever the verdict is; a list is cacheable,
as anyone may keep it and verify offline. Source: IETF "Token Status List", section 8.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.clock import Clock
from hub.doors.http_problem import http_problem
from hub.doors.request_body import read_body
from hub.licences.licence_documents import LIST_FOR, LicenceDocuments
from hub.licences.licence_shares import LicenceShares
from schema.domain.licence_verification import summary
from schema.errors import DomainError

LARGEST_BODY_BYTES = 64 * 1024
_OPEN = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}


def licence_routes(documents: LicenceDocuments, shares: LicenceShares, clock: Clock) -> Sequence[Route]:
    async def verify(request: Request) -> Response:
        body = await read_body(request, LARGEST_BODY_BYTES)
        if body is None:
            return http_problem(
                413, f"A request has at most {LARGEST_BODY_BYTES} bytes.", _OPEN, title="Content Too Large"
            )
        document = _document(body)
        if document is None:
            return http_problem(400, 'Send JSON with a text: {"document": "eyJ…"}.', _OPEN, title="Bad Request")
        try:
            told = summary(await shares.verify(document), clock.now())
        except DomainError as error:
            return http_problem(503, str(error), _OPEN, title="Service Unavailable")
        return JSONResponse(told, headers={**_OPEN, "Cache-Control": "no-store"})

    async def status_list(request: Request) -> Response:
        found = await documents.status_list(request.path_params["number"])
        if found is None:
            return http_problem(404, "There is no status list of this number.", _OPEN, title="Not Found")
        tag = f'"{sha256(found.encode()).hexdigest()[:32]}"'
        cached = {"Cache-Control": f"public, max-age={int(LIST_FOR.total_seconds())}", "ETag": tag}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={**_OPEN, **cached})
        return Response(found, media_type="application/statuslist+jwt", headers={**_OPEN, **cached})

    return (
        Route("/licences/verify", verify, methods=["POST"]),
        Route("/licences/status/{number:int}", status_list, methods=["GET"]),
    )


def _document(body: bytes) -> str | None:
    try:
        asked = json.loads(body)
    except ValueError:
        return None
    document = asked.get("document") if isinstance(asked, dict) else None
    return document if isinstance(document, str) else None

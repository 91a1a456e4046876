"""``/archives/{case}`` for who may read a case, and the keys by which packages are checked for everybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from auth.keys import KeyRing
from hub.archives.case_archives import CaseArchives
from hub.doors.http_problem import http_problem
from hub.materials.upload_door import Authenticate

KEYS_PATH = "/archive-keys.json"


def archive_routes(
    archives: CaseArchives, keys: Callable[[], Awaitable[KeyRing]], authenticate: Authenticate
) -> Sequence[Route]:
    """Packages and keys."""

    async def package(request: Request) -> Response:
        actor = await authenticate(request)
        if actor is None:
            return http_problem(401, "Send an access token as bearer.", {"WWW-Authenticate": "Bearer"})
        row = await archives.of_case(actor, request.path_params["case"])
        if row is None:
            return http_problem(404, "There is no such archive, or the case is not sealed yet.")
        headers = {
            "Content-Length": str(row.size_bytes),
            "Content-Disposition": f'attachment; filename="{row.case_id}.zip"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return StreamingResponse(archives.content(row), media_type="application/zip", headers=headers)

    async def published(_request: Request) -> Response:
        """Every key that ever sealed, also those that sign no tokens any more."""
        ring = await keys()
        return JSONResponse({"keys": list(await ring.all_public())}, headers={"Cache-Control": "max-age=300"})

    return (
        Route("/archives/{case}", package, methods=["GET"]),
        Route(KEYS_PATH, published, methods=["GET"]),
    )

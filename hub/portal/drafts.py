"""What somebody typed when their session had ended already: kept until they have signed in again.

It waits sealed under a cookie of its own, for its own page, and is given back once, to the same person only:
the form carries a hash of whose it is. Source: docs/architecture.md, "Pages".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from auth.store import digest
from hub.portal.sealed import SealedStore
from hub.portal.visitors import Visitor

WHOSE = "whose"
"""The hidden field of a form whose content is kept."""
COOKIE = "jiyi_draft"
LASTS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Drafts:
    """Drafts of any form page, one for each page and browser."""

    store: SealedStore
    is_secure: bool

    async def keep(self, request: Request, fields: Mapping[str, str], response: Response) -> None:
        """Keep what was posted to this page; ``response`` leads to the sign-in."""
        value = await self.store.keep(COOKIE, {"path": request.url.path, "fields": dict(fields)}, LASTS)
        response.set_cookie(
            COOKIE,
            value,
            max_age=int(LASTS.total_seconds()),
            path=request.url.path,
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )

    async def take(self, request: Request, visitor: Visitor) -> dict[str, str]:
        """What this person typed into this page before signing in again; empty when there is nothing."""
        value = request.cookies.get(COOKIE)
        kept = await self.store.read(COOKIE, value)
        if kept is None or not await self.store.drop(COOKIE, value):
            return {}
        fields: dict[str, str] = kept["fields"]
        is_theirs = kept["path"] == request.url.path and fields.get(WHOSE) == whose(visitor)
        return fields if is_theirs else {}


def whose(visitor: Visitor) -> str:
    """Names the person to nobody else: for the hidden field :data:`WHOSE`."""
    return digest(f"draft\n{visitor.subject}")

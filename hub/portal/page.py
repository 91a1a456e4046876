"""Rendering: one environment, escaped by default, strict headers on every page, a token in every form.

Source: OWASP Secure Headers; docs/architecture.md, "Pages".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from auth.csrf import FIELD, CsrfGuard
from hub.portal.filters import FILTERS
from hub.portal.language import OWN_NAMES, Texts, language_of, remember_language
from hub.portal.visitors import TOUCH_AT_MOST_EVERY, VisitorLimits

ELDER_COOKIE = "jiyi_elder"
ELDER_SIZES = ("large", "largest")
"""Sizes of the version for elders (适老化): body text of at least 18 and of at least 30 pixels."""

IDLE_SECONDS = int((VisitorLimits().idle - TOUCH_AT_MOST_EVERY).total_seconds())
"""After how long without a request a page says that the session ends; earlier than it does, never later."""


def content_security_policy(form_targets: tuple[str, ...] = ()) -> str:
    """Nothing from elsewhere, nothing inline; forms go to us and to the payment provider alone."""
    targets = " ".join(("'self'", *form_targets))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"form-action {targets}; frame-ancestors 'none'; base-uri 'none'"
    )


@dataclass(frozen=True, slots=True)
class PageRenderer:
    """Makes responses of templates. ``payment_origins`` are where a payment may lead."""

    csrf: CsrfGuard
    payment_origins: tuple[str, ...] = ()

    def render(
        self,
        request: Request,
        template: str,
        values: Mapping[str, Any] | None = None,
        status: int = 200,
        form_targets: tuple[str, ...] = (),
    ) -> Response:
        """The page in the reader's language. Values are escaped by the template.

        ``form_targets`` are where the answer to its form may lead, besides the payment provider.
        """
        language = language_of(request)
        secret = self.csrf.secret(request)
        content = _ENVIRONMENT.get_template(template).render(
            t=Texts(language),
            language=language,
            languages=OWN_NAMES,
            path=request.url.path,
            elder=elder_size(request),
            acting=getattr(request.state, "acting", None),
            idle_seconds=IDLE_SECONDS,
            csrf_field=FIELD,
            csrf_token=self.csrf.token(request, secret),
            query={name: value for name, value in request.query_params.items() if name != "lang"},
            **(values or {}),
        )
        response = HTMLResponse(content, status)
        self.csrf.remember(response, secret)
        remember_language(request, response)
        self.protect(response, form_targets)
        return response

    def protect(self, response: Response, form_targets: tuple[str, ...] = ()) -> None:
        """The headers of every page: no frame, no sniffing, no referrer, nothing cached."""
        response.headers["Content-Security-Policy"] = content_security_policy(
            (*self.payment_origins, *form_targets)
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cache-Control"] = "no-store"

    async def form(self, request: Request) -> dict[str, str] | None:
        """The fields of a posted form of ours; ``None`` when it did not come from one."""
        form = await self.guarded_form(request)
        if form is None:
            return None
        return {name: value for name, value in form.items() if isinstance(value, str)}

    async def guarded_form(self, request: Request) -> FormData | None:
        """The same with every value of a name that is there more than once."""
        form = await request.form(max_files=0, max_fields=200, max_part_size=64 * 1024)
        token = form.get(FIELD)
        return form if self.csrf.accepts(request, token if isinstance(token, str) else None) else None


def see_other(target: str) -> Response:
    """After a post: look there, and reload without posting again."""
    return RedirectResponse(target, 303, {"Cache-Control": "no-store"})


def elder_size(request: Request) -> str:
    """Which of :data:`ELDER_SIZES` this browser asked for, or none: ``""``."""
    size = request.cookies.get(ELDER_COOKIE, "")
    return size if size in ELDER_SIZES else ""


def network_address(request: Request) -> str:
    """Where the request came from, for limits alone."""
    return request.client.host if request.client else "unknown"


_ENVIRONMENT = Environment(
    loader=PackageLoader("hub.portal", "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters.update(FILTERS)

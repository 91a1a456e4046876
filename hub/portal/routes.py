"""All pages and their static files, put together from what the hub has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from auth.csrf import CsrfGuard
from auth.device_grant import DeviceGrant
from auth.session import Sessions
from auth.sign_in import SignIn, safe_next
from connectors.clock import Clock
from hub.portal.accounts_pages import AccountsPages
from hub.portal.appointment_pages import AppointmentPages
from hub.portal.archive_pages import ArchivePages
from hub.portal.catalogue_pages import CataloguePages
from hub.portal.connector_actions import ConnectorActions
from hub.portal.connector_pages import ConnectorPages
from hub.portal.contact_pages import ContactPages
from hub.portal.desk import Desk
from hub.portal.drafts import Drafts
from hub.portal.enquiry_pages import EnquiryPages
from hub.portal.fee_pages import FeePages
from hub.portal.figure_pages import FigurePages
from hub.portal.filing_pages import FilingPages
from hub.portal.follow_up_pages import FollowUpPages
from hub.portal.graph import Graph
from hub.portal.hub_client import HubClient
from hub.portal.inspection_pages import InspectionPages
from hub.portal.licence_pages import LicencePages
from hub.portal.live import LivePages
from hub.portal.mandate_pages import MandatePages
from hub.portal.material_pages import MaterialPages
from hub.portal.my_pages import MyPages
from hub.portal.notice_gateway_pages import NoticeGatewayPages
from hub.portal.notice_pages import NoticePages
from hub.portal.oauth_client import OAuthClient
from hub.portal.officer_enquiry_pages import OfficerEnquiryPages
from hub.portal.officer_pages import OfficerPages
from hub.portal.operator_pages import OperatorPages
from hub.portal.page import ELDER_COOKIE, ELDER_SIZES, PageRenderer, see_other
from hub.portal.portal_sign_in import CALLBACK, PortalSignIn
from hub.portal.queue_pages import QueuePages
from hub.portal.registration_pages import RegistrationPages
from hub.portal.request_pages import RequestPages
from hub.portal.sealed import SealedStore
from hub.portal.sign_in_pages import SignInPages
from hub.portal.supergraph_pages import SupergraphPages
from hub.portal.supervision_pages import SupervisionPages
from hub.portal.supplement_pages import SupplementPages
from hub.portal.survey_pages import SurveyPages
from hub.portal.tv_fee_pages import TelevisionFeePages
from hub.portal.tv_notice_pages import TelevisionNoticePages
from hub.portal.tv_pages import TelevisionPages
from hub.portal.visitors import Visitors
from hub.storage.database import Database

PORTAL_COOKIE = "jiyi_portal"
TELEVISION_COOKIE = "jiyi_tv"
_ONE_YEAR_SECONDS = 31_536_000


@dataclass(frozen=True, slots=True)
class PortalParts:
    """What the pages are given. ``hub`` is the way to the hub's public address."""

    hub: HubClient
    portal_secret: str
    sign_in: SignIn
    sessions: Sessions
    devices: DeviceGrant
    database: Database
    clock: Clock
    payment_origins: tuple[str, ...] = ()

    @property
    def issuer(self) -> str:
        return self.hub.base_url

    @property
    def is_secure(self) -> bool:
        return self.issuer.startswith("https:")


def page_renderer(parts: PortalParts) -> PageRenderer:
    return PageRenderer(CsrfGuard(parts.issuer), parts.payment_origins)


def portal_routes(parts: PortalParts, pages: PageRenderer) -> list[BaseRoute]:
    """Sign-in pages, portal, TV page, the pages of operators and departments, and their static files."""
    store, graph, secure = SealedStore(parts.database, parts.clock), Graph(parts.hub), parts.is_secure
    callback = f"{parts.issuer}{CALLBACK}"
    portal_client = OAuthClient(parts.hub, parts.clock, "portal", parts.portal_secret, callback)
    television_client = OAuthClient(parts.hub, parts.clock, "tv")

    async def sign_out_everywhere(request: Request, response: Response) -> None:
        await parts.sessions.end(request)
        parts.sessions.clear_cookie(response)

    def desk(cookie: str, client: OAuthClient, sign_in_path: str) -> Desk:
        visitors = Visitors(cookie, client, store, parts.clock, is_secure=secure)
        return Desk(pages, graph, visitors, Drafts(store, secure), sign_out_everywhere, sign_in_path)

    portal = desk(PORTAL_COOKIE, portal_client, "/portal/sign-in")
    television = desk(TELEVISION_COOKIE, television_client, "/tv")
    sign_in_pages = SignInPages(pages, parts.sign_in, parts.sessions, parts.devices, store, is_secure=secure)
    return [
        Mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static"),
        Route("/portal/elder", _elder(pages), methods=["POST"]),
        *sign_in_pages.routes(),
        *PortalSignIn(portal, portal_client, store, is_secure=secure).routes(),
        *CataloguePages(portal).routes(),
        *FigurePages(portal, parts.clock).routes(),
        *FilingPages(portal).routes(),
        *LicencePages(portal, parts.clock).routes(),
        *LivePages(portal).routes(),
        *MyPages(portal).routes(),
        *FeePages(portal).routes(),
        *AccountsPages(portal, parts.clock).routes(),
        *RequestPages(portal).routes(),
        *SupplementPages(portal).routes(),
        *NoticePages(portal).routes(),
        *MandatePages(portal).routes(),
        *EnquiryPages(portal).routes(),
        *MaterialPages(portal, parts.hub).routes(),
        *AppointmentPages(portal, parts.clock).routes(),
        *InspectionPages(portal).routes(),
        *FollowUpPages(portal).routes(),
        *ArchivePages(portal).routes(),
        *SurveyPages(portal).routes(),
        *OfficerPages(portal).routes(),
        *OfficerEnquiryPages(portal).routes(),
        *OperatorPages(portal, parts.clock).routes(),
        *SupergraphPages(portal).routes(),
        *QueuePages(portal).routes(),
        *NoticeGatewayPages(portal).routes(),
        *SupervisionPages(portal, parts.clock).routes(),
        *ConnectorPages(portal).routes(),
        *ContactPages(portal).routes(),
        *ConnectorActions(portal).routes(),
        *RegistrationPages(portal).routes(),
        *TelevisionFeePages(television, parts.issuer).routes(),
        *TelevisionNoticePages(television, parts.issuer).routes(),
        *TelevisionPages(television, television_client, store, parts.clock, is_secure=secure).routes(),
    ]


def _elder(pages: PageRenderer) -> Callable[[Request], Awaitable[Response]]:
    async def choose(request: Request) -> Response:
        """Large or largest text and targets for this browser, or the standard ones again."""
        fields = await pages.form(request)
        response = see_other(safe_next((fields or {}).get("next")))
        size = (fields or {}).get("size", "")
        if size in ELDER_SIZES:
            response.set_cookie(ELDER_COOKIE, size, max_age=_ONE_YEAR_SECONDS, httponly=True, samesite="lax")
        elif fields is not None:
            response.delete_cookie(ELDER_COOKIE)
        return response

    return choose

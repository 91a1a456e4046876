"""openid-client, unmodified, walks every grant over a real port."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

import hub.tables  # noqa: F401  fills the metadata
from auth.session import COOKIE
from hub.storage.database import Database
from tests import node_packages
from tests.auth.world import LI_MING, SECRET, build_world
from tests.hub.serving import served

pytestmark = pytest.mark.node


class Later:
    """An application that is made once its address is known: the issuer is part of it."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


async def test_openid_client_signs_people_devices_and_services_in(sqlite_url: str, openid_client: Path) -> None:
    """It checks state, issuer, media types, cache headers and error forms by itself."""
    database, later = Database(sqlite_url), Later()
    await database.create_tables_for_tests()
    async with served(later) as url:
        world = await build_world(database, url)
        person = await world.persons.remember(LI_MING.citizen_id, LI_MING.id_number, LI_MING.name)
        cookie = f"{COOKIE}={await world.sessions.begin(person)}"

        async def approve(request: Request) -> JSONResponse:
            code = request.query_params["user_code"]
            return JSONResponse(await world.devices.approve(code, person, "phone"))

        later.app = Starlette(routes=[*world.app.routes, Route("/test/approve", approve)])
        async with world.browser:
            output = await node_packages.run(
                openid_client,
                "openid_client.mjs",
                *(url, SECRET, f"{url}/test/approve"),
                environment={"COOKIE": cookie},
            )
    await database.close()

    citizen = {"sub": LI_MING.citizen_id, "roles": ["citizen"]}
    service = {"sub": "department-civil-affairs", "client_id": "department-civil-affairs", "roles": ["department"]}
    assert output == {
        "code": citizen | {"client_id": "mobile"},
        "refresh": citizen | {"client_id": "mobile"},
        "revoked": "invalid_grant",
        "basic": service,
        "post": service,
        "device": citizen | {"client_id": "tv"},
    }

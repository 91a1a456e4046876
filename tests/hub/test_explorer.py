"""The explorer works in a browser that reaches nothing but the hub."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette

from connectors.clock import SystemClock
from hub.doors.routes import graphql_routes
from hub.doors.websocket import websocket_routes
from hub.explorer import explorer_routes
from tests.clients.department import Register
from tests.hub.graph_for_tests import gateway_for, verify_token
from tests.hub.serving import served


@pytest.fixture
async def hub() -> AsyncIterator[str]:
    gateway, clock = gateway_for(Register()), SystemClock()
    routes = [
        *graphql_routes(gateway, verify_token, clock),
        *websocket_routes(gateway, verify_token, clock),
        *explorer_routes(),
    ]
    async with served(Starlette(routes=routes)) as url:
        yield url


async def test_the_page_names_no_other_host_and_its_policy_allows_none(hub: str) -> None:
    """Blank behind a firewall is what a page from a content network is."""
    async with aiohttp.ClientSession(hub) as client:
        async with client.get("/explorer") as response:
            page, policy = await response.text(), response.headers["Content-Security-Policy"]
        addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert all(address.startswith(("/explorer/", "data:")) for address in addresses)
        assert "script-src 'self';" in policy
        assert "https:" not in policy
        for address in addresses[1:]:
            async with client.get(address) as response:
                assert response.status == 200
                assert "immutable" in response.headers["Cache-Control"]
        async with client.get("/explorer/assets/../__init__.py") as response:
            assert response.status == 404


async def test_a_forged_host_header_does_not_widen_the_policy(hub: str) -> None:
    """The header is the client's own; what it may not be is a directive."""
    async with aiohttp.ClientSession() as client:
        headers = {"Host": "x; script-src *"}
        async with client.get(f"{hub}/explorer", headers=headers) as response:
            assert response.headers["Content-Security-Policy"].count("script-src") == 1


@pytest.mark.browser
async def test_a_person_can_query_and_subscribe_in_the_browser(hub: str) -> None:
    """Chromium without any host but this one: no violation, no error, an answer."""
    playwright = pytest.importorskip("playwright.async_api")
    trouble: list[str] = []
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        page: Any = await browser.new_page()
        page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        await page.goto(f"{hub}/explorer")
        await page.get_by_label("Access token").fill("citizen")
        await _run(page, "{ me { id name } }")
        await page.get_by_text("王小明").first.wait_for(timeout=10_000)
        await _run(page, "subscription { ticks(to: 2) }")
        await page.locator(".result-window").get_by_text("ticks").first.wait_for(timeout=10_000)
        await browser.close()
    assert trouble == []


async def _run(page: Any, query: str) -> None:
    editor = page.locator(".graphiql-query-editor .CodeMirror").first
    await editor.wait_for(timeout=20_000)
    await editor.evaluate("(element, text) => element.CodeMirror.setValue(text)", query)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Execute query").click()

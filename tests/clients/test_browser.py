"""A page of another origin in a real browser: what its rules for such requests let through."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.clients.conftest import Door
from tests.hub.serving import served
from tests.portal.people import chromium

pytestmark = [pytest.mark.browser, pytest.mark.node, pytest.mark.timeout(600)]

ASK = """async ({ url, token, query, accept }) => {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      accept,
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "apollographql-client-name": "page",
      "apollographql-client-version": "1.0",
      "x-apollo-operation-name": "Page",
    },
    body: JSON.stringify({ query }),
  });
  return response.text();
}"""
LISTEN = """({ url }) => new Promise((resolve, reject) => {
  const events = new EventSource(`${url}?query=${encodeURIComponent("subscription { ticks }")}`);
  const heard = [];
  events.addEventListener("next", ({ data }) => heard.push(data));
  events.addEventListener("complete", () => { events.close(); resolve(heard.join("")); });
  events.onerror = () => reject(new Error("the event source failed"));
})"""


async def test_a_page_of_another_origin_asks_and_listens(door: Door) -> None:
    """With the headers of stock clients, which the browser asks leave for; and by an event source."""
    elsewhere = Starlette(routes=[Route("/", lambda _request: HTMLResponse("<!doctype html>"))])
    async with served(elsewhere) as url, chromium() as browser:
        page = await browser.new_page()
        await page.goto(url)
        asked = {"url": door.url, "token": door.token, "accept": "application/json"}
        answer = await page.evaluate(ASK, {**asked, "query": "query Page { me { id } }"})
        events = await page.evaluate(LISTEN, {"url": door.url})
    assert answer == '{"data":{"me":{"id":"c-1"}}}'
    assert events == '{"data":{"ticks":1}}{"data":{"ticks":2}}{"data":{"ticks":3}}'

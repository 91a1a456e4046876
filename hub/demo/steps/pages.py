"""The pages are clients of the graph: what they show is what the graph answers; in both languages, with a CSP."""

from __future__ import annotations

from hub.demo.browser import Browser
from hub.demo.residents import operator
from hub.demo.road import Road, expect, expect_equal
from hub.demo.sign_in import prove_identity
from hub.demo.waiting import wait_for

PUBLIC_PAGES = ("/", "/tv", "/explorer")
PORTAL_PAGES = {"/licences": "licence", "/cases": "case"}


async def walk(road: Road) -> None:
    async with road.stack.client() as person, road.stack.client() as officer:
        browser = Browser(person)
        for path in PUBLIC_PAGES:
            page = await browser.open(path)
            expect_equal(page.status, 200, path)
            policy = page.headers.get("Content-Security-Policy", "")
            expect("default-src 'none'" in policy or "default-src 'self'" in policy, f"{path} has CSP {policy!r}")
            expect("unsafe-inline" not in policy.split("script-src")[-1].split(";")[0], f"{path} lets scripts in")
        await _portal(road, browser, person)
        await _operator(road, Browser(officer), officer)


async def _portal(road: Road, browser: Browser, client: object) -> None:
    page = await browser.open("/portal/sign-in")
    page = await prove_identity(browser, road.client, page, road.person, road.door("public-security"), "never:")
    licences = await browser.open("/portal/licences")
    expect('lang="zh' in licences.text, "the portal does not begin in Chinese")
    expect(road.found["licence"]["number"] in licences.text, "the new licence is not on the portal's page")
    cases = await browser.open("/portal/cases")
    expect(road.found["case"]["receiptNumber"] in cases.text, "the case is not on the portal's page")
    english = await browser.open("/portal/licences?lang=en")
    expect('lang="en"' in english.text, "the portal does not switch to English")
    expect(road.person.id_number not in licences.text + english.text, "an identity number is shown in full")


async def _operator(road: Road, browser: Browser, client: object) -> None:
    page = await browser.open("/operator")
    page = await prove_identity(browser, road.client, page, operator(), road.door("public-security"), "never:")
    page = await browser.open("/operator")
    expect_equal(page.status, 200, "the operator page")

    async def shown() -> bool | None:
        text = (await browser.open("/operator")).text
        return True if all(name in text for name in (*road.stack.enrolments,)) else None

    await wait_for("every connector on the operator page", shown, 5)

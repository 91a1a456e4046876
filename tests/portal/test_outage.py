"""A department that is silent takes only its own part off a page. Real processes, one of them stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.demo.browser import Browser
from hub.demo.residents import citizen
from hub.demo.sign_in import prove_identity
from hub.demo.waiting import wait_for
from tests.acceptance.stacks import embedded_demo

IDENTITY = "public-security"


@pytest.mark.timeout(180)
async def test_a_silent_identity_department_takes_only_the_name_away(tmp_path: Path) -> None:
    """Licences, fees and cases come from others; they must not vanish with the person's name."""
    async with embedded_demo(tmp_path) as demo, demo.stack.client() as client:
        stack, browser, person = demo.stack, Browser(client), citizen()
        page = await browser.open("/portal/sign-in")
        page = await prove_identity(browser, client, page, person, stack.places.url(IDENTITY), "never:")
        assert person.name in page.text

        await stack.processes[IDENTITY].stop()

        page = await browser.open("/portal")
        assert page.status == 200
        assert person.name not in page.text
        assert "公安分局暂时没有回应" in page.text
        assert "机动车驾驶证" in page.text

        await stack.start_department(IDENTITY)

        async def greeted() -> bool | None:
            return True if person.name in (await browser.open("/portal")).text else None

        await wait_for("the person's name on the overview", greeted, 10)

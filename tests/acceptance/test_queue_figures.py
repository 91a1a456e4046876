"""The operator page's figures are RabbitMQ's own, once traffic rests."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from hub.demo.browser import Browser
from hub.demo.residents import operator
from hub.demo.road import Road, open_road
from hub.demo.sign_in import prove_identity, sign_in_app
from hub.demo.stack import AGENT
from tests.acceptance.stacks import served_demo
from tests.faults.journey import Journey, persist

Figures = Mapping[str, tuple[int, int, int]]
"""By queue: ready, unacknowledged, consumers."""

_NUMBER = r'<td class="number"[^>]*>(\d+)</td>'
_ROW = re.compile(rf'<tr><th scope="row"><a [^>]*>([\w.-]+)</a></th>{_NUMBER}{_NUMBER}{_NUMBER}</tr>')


@pytest.mark.rabbitmq
@pytest.mark.postgresql
@pytest.mark.timeout(600)
async def test_operator_page_shows_what_rabbitmqctl_lists(tmp_path: Path) -> None:
    """With a message that waits for its department, so that not all figures are zero."""
    _require_rabbitmqctl()
    async with served_demo(tmp_path) as demo, open_road(demo.stack) as road:
        phone = road.door("public-security")
        road.tokens["citizen"] = await sign_in_app(road.client, road.person, phone)
        await demo.stack.processes[AGENT].stop()
        await Journey(road).submit()
        browser = Browser(road.stranger_client)
        page = await browser.open("/operator")
        await prove_identity(browser, road.client, page, operator(), phone, "never:")

        async def agree() -> Figures | None:
            shown = await _on_the_page(browser)
            return shown if shown == await _listed(road) and any(ready for ready, _, _ in shown.values()) else None

        shown = await persist("page and rabbitmqctl agree", agree)
    waiting = {name: figures for name, figures in shown.items() if figures[0]}
    assert [(name.rpartition(".")[0], figures) for name, figures in waiting.items()] == [
        ("civil-affairs.commands", (1, 0, 0))
    ]


def _require_rabbitmqctl() -> None:
    if shutil.which("rabbitmqctl") is not None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail("rabbitmqctl is not on PATH; CI requires it")
    pytest.skip("rabbitmqctl is not on PATH; the page's figures are not compared")


async def _on_the_page(browser: Browser) -> Figures:
    page = await browser.open("/operator/queues")
    return {name: (int(ready), int(held), int(here)) for name, ready, held, here in _ROW.findall(page.text)}


async def _listed(road: Road) -> Figures:
    namespace = road.stack.broker_namespace
    columns = ("name", "messages_ready", "messages_unacknowledged", "consumers")
    process = await asyncio.create_subprocess_exec(
        "rabbitmqctl", "-q", "--formatter", "json", "list_queues", *columns, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return {
        each["name"].removeprefix(namespace): (each[columns[1]], each[columns[2]], each[columns[3]])
        for each in json.loads(output)
        if each["name"].startswith(namespace) and ".agents." not in each["name"]
    }

"""Five departments are live: what the hub says of them equals what they say of themselves."""

from __future__ import annotations

from hub.demo.connectors import KIND, connector_sdl
from hub.demo.road import Road, expect, expect_equal
from hub.demo.stack import FIVE, QUEUE_DEPARTMENT
from hub.demo.waiting import wait_for

CONNECTORS = "{ connectors { name kind state version sdl agentOnline } queues { name consumers } }"


async def walk(road: Road) -> None:
    token = await road.client.operator_token(road.stack.places.operator_secret)
    data = await road.client.data(CONNECTORS, token=token)
    road.answers["departments"] = [
        {key: connector[key] for key in ("name", "kind", "state", "version")} for connector in data["connectors"]
    ]
    live = {each["name"]: each["kind"] for each in data["connectors"] if each["state"] == "live"}
    expect_equal({name: live.get(name) for name in FIVE}, {name: KIND[name] for name in FIVE}, "live connectors")
    for connector in data["connectors"]:
        if connector["name"] in FIVE:
            stated = await _stated_sdl(road, connector["name"])
            expect_equal(connector["sdl"].strip(), stated.strip(), f"SDL of {connector['name']}")
    await wait_for("the agent of civil-affairs comes online", lambda: _consumers(road, token))


async def _stated_sdl(road: Road, name: str) -> str:
    if KIND[name] != "graphql":
        return connector_sdl(name)
    answer = await road.client.json(f"{road.door(name)}/graphql", "POST", {"query": "{ _service { sdl } }"})
    return str(answer["data"]["_service"]["sdl"])


async def _consumers(road: Road, token: str) -> int | None:
    data = await road.client.data(CONNECTORS, token=token)
    queue = f"{QUEUE_DEPARTMENT}.requests"
    found = [each["consumers"] for each in data["queues"] if each["name"].endswith(queue)]
    expect(found, f"there is no queue {queue}")
    return found[0] or None

"""Departments join for a joint item: REST, GraphQL and a queue, each telling events in its own way."""

from __future__ import annotations

import asyncio
from typing import Any

from hub.demo.connectors import enrol, publish_connector
from hub.demo.places import HUB, JOINT_AGENT_EVENTS, JOINT_OFFICES
from hub.demo.road import Road, expect_equal
from hub.demo.sign_in import sign_in_app
from hub.demo.waiting import wait_for

LEAD = "market-regulation"
FIRE = "fire-rescue"
POLICE = "public-security"
JOINING = (FIRE, "taxation", "health", "natural-resources")
"""With those of a restaurant, who holds the register of titles."""
OWN_PROCESS = frozenset({LEAD, POLICE})
"""Departments of the first road; they have a process each and are there already, the others share one."""
FIRE_AGENT = "fire-agent"
WITHIN_SECONDS = 20.0
REGISTERS = frozenset({"health", "natural-resources"})
"""Departments whose licences are part of a citizen's list."""
LICENCES = "{ me { licences { number } } }"
OFFERED = "query Offered($code: ID!) { serviceItem(code: $code) { code name } }"


async def walk(road: Road) -> None:
    """Those of a restaurant."""
    await join(road, "JT-RESTAURANT", LEAD, *JOINING)


async def join(road: Road, item: str, *names: str) -> None:
    """These departments are in the graph and tell their events, and the item is offered to a citizen."""
    joining = [name for name in names if name not in OWN_PROCESS]
    async with asyncio.TaskGroup() as group:
        # What one does not need of the other is done while its process starts.
        started = group.create_task(road.stack.start_department(JOINT_OFFICES))
        group.create_task(_enrol_and_publish(road, joining, started))
        group.create_task(_sign_in(road))
    for name in names:
        await road.client.json(f"{office(road, name)}/__events", "POST", _door(road, name))
    await wait_for("the hub asks those who joined", lambda: _are_asked(road, set(joining)), patient(road))
    offered = (await road.client.data(OFFERED, {"code": item}))["serviceItem"]
    expect_equal(offered["code"], item, "the item that is offered")


def office(road: Road, name: str) -> str:
    """A department's own address."""
    return road.door(name) if name in OWN_PROCESS else f"{road.door(JOINT_OFFICES)}/{name}"


async def instruct(road: Road, name: str, decision: str, **more: str) -> None:
    """Say at a department's own door how its sub-cases will end."""
    await road.client.json(f"{office(road, name)}/__sub-case-decisions", "POST", {"decision": decision, **more})


async def records(road: Road, name: str, receipt_number: str) -> dict[str, dict[str, Any]]:
    """What a department itself believes of its sub-cases of one case, by their codes."""
    found = await road.client.json(f"{office(road, name)}/__records")
    mine = [each for each in found["subCases"] if each["receiptNumber"] == receipt_number]
    return {each["subCase"]: each for each in mine}


def patient(road: Road) -> float:
    """How long something may take that departments do, in seconds."""
    return WITHIN_SECONDS * road.stack.patience


async def _enrol_and_publish(road: Road, names: list[str], started: asyncio.Task[None]) -> None:
    """Credentials first, which the department of the queue needs for its agent; the agent starts meanwhile."""
    stack = road.stack
    operator = await road.client.operator_token(stack.places.operator_secret)
    for name in names:
        stack.enrolments[name] = await enrol(road.client, operator, name)
    async with asyncio.TaskGroup() as group:
        if FIRE in names:
            agent = stack.agent_of(FIRE_AGENT, FIRE, office(road, FIRE), JOINT_AGENT_EVENTS)
            group.create_task(agent.start())
        await started
        for name in names:
            await publish_connector(road.client, stack.enrolments[name], office(road, name))


async def _are_asked(road: Road, names: set[str]) -> bool | None:
    """Whether the graph in force has them: a hub swaps its graph a moment after what was published."""
    answer = await road.client.graphql(LICENCES, token=road.token)
    parts = (part for source in answer["extensions"]["sources"] for part in source["parts"])
    return True if names & REGISTERS <= {part["service"] for part in parts} else None


async def _sign_in(road: Road) -> None:
    road.tokens["citizen"] = await sign_in_app(road.client, road.person, road.door(POLICE))


def _door(road: Road, name: str) -> dict[str, str]:
    """Where a department tells its events: at its agent, or at the hub with a token of its own."""
    places = road.stack.places
    if name == FIRE:
        return {"url": f"{places.url(JOINT_AGENT_EVENTS)}/events"}
    enrolment = road.stack.enrolments[name]
    return {
        "url": f"{places.url(HUB)}/events",
        "tokenUrl": f"{places.url(HUB)}/oauth/token",
        "clientId": enrolment.client_id,
        "clientSecret": enrolment.client_secret,
    }

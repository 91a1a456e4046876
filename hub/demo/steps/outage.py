"""A department dies, then an agent: the rest of the list is given, the loss is named, and it comes back."""

from __future__ import annotations

from typing import Any

from hub.demo.processes import Stopwatch
from hub.demo.road import Road, expect, expect_equal
from hub.demo.stack import AGENT, QUEUE_DEPARTMENT
from hub.demo.steps.query import GATHERED, held_by_departments, sources
from hub.demo.waiting import wait_for

LICENCES = "query Licences { me { licences { number } } }"
VICTIM = "transport"
DEADLINE_MS = 3000
GRACE_MS = 500
BACK_WITHIN_SECONDS = 5.0
UNREACHABLE = ("DEPARTMENT_UNREACHABLE", "CIRCUIT_OPEN")


async def walk(road: Road) -> None:
    process = road.stack.processes[VICTIM]
    await process.kill()
    try:
        answer = await _within_deadline(road)
        _check_loss(answer, VICTIM, UNREACHABLE)
        road.answers["outage"] = answer
    finally:
        await process.start()
    rest = [name for name in GATHERED if name != VICTIM]
    expect_equal(_numbers(answer), await held_by_departments(road, tuple(rest)), "the rest of the list")
    await _back(road, f"{VICTIM} back in the list")
    await _agent(road)


async def _agent(road: Road) -> None:
    agent = road.stack.processes[AGENT]
    await agent.kill()
    try:
        answer = await wait_for("the agent is missed", lambda: _lost(road))
        _check_loss(answer, QUEUE_DEPARTMENT, ("AGENT_OFFLINE",))
    finally:
        await agent.start()
    rest = tuple(name for name in GATHERED if name != QUEUE_DEPARTMENT)
    expect_equal(_numbers(answer), await held_by_departments(road, rest), "the list without the agent")
    await _back(road, "the agent's department back in the list")


async def _within_deadline(road: Road) -> dict[str, Any]:
    watch = Stopwatch()
    answer = await road.client.graphql(LICENCES, token=road.token)
    took = watch.milliseconds
    expect(took <= DEADLINE_MS + GRACE_MS * road.stack.patience, f"the answer took {took} ms")
    return answer


async def _lost(road: Road) -> dict[str, Any] | None:
    """An answer that lacks the agent's part for the agent's absence, not for a deadline; each comes in time."""
    answer = await _within_deadline(road)
    codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
    return answer if "AGENT_OFFLINE" in codes else None


def _check_loss(answer: dict[str, Any], department: str, codes: tuple[str, ...]) -> None:
    errors = answer.get("errors", [])
    expect_equal(len(errors), 1, f"number of errors {errors}")
    extensions = errors[0]["extensions"]
    expect_equal(errors[0]["path"], ["me", "licences"], "the error's path")
    expect_equal(extensions["department"], department, "the error's department")
    expect(extensions["code"] in codes, f"the error's code {extensions['code']} is none of {codes}")
    failed = [part["service"] for part in sources(answer) if part["state"] == "failed"]
    expect_equal(failed, [department], "failed parts in extensions.sources")


async def _back(road: Road, what: str) -> None:
    async def look() -> bool | None:
        answer = await road.client.graphql(LICENCES, token=road.token)
        return True if not answer.get("errors") else None

    await wait_for(what, look, BACK_WITHIN_SECONDS * road.stack.patience)
    answer = await road.client.graphql(LICENCES, token=road.token)
    expect_equal(_numbers(answer), await held_by_departments(road, GATHERED), "the whole list again")


def _numbers(answer: dict[str, Any]) -> list[str]:
    return [licence["number"] for licence in answer["data"]["me"]["licences"]]

"""A fault for every step of the road, planted through public doors or the departments' control doors.

Each is a context: the fault is there inside, and gone outside. ``told`` is what the step must say of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from hub.cli.ports import free_port
from hub.demo.connectors import enrol, publish_connector
from hub.demo.places import CASHIER
from hub.demo.processes import ManagedProcess
from hub.demo.road import Road
from hub.demo.stack import QUEUE_DEPARTMENT, SIXTH
from hub.demo.steps.case import FORM, ITEM, SUBMIT, read_case
from hub.demo.steps.outage import LICENCES, VICTIM
from hub.demo.waiting import wait_for
from tests.acceptance.command import ROOT

ACT = "mutation Act($name: String!) {{ {verb}Connector(name: $name) {{ state }} }}"
ANOTHER_SEED = 4711


@dataclass(frozen=True, slots=True)
class Plant:
    """One fault and a piece of the error by which its step must fail."""

    context: Callable[[Road], AbstractAsyncContextManager[None]]
    told: str


@asynccontextmanager
async def suspended_department(road: Road) -> AsyncIterator[None]:
    """A department is registered but does not serve."""
    await _act(road, "suspend", VICTIM)
    yield
    await _act(road, "resume", VICTIM)


@asynccontextmanager
async def dumb_identity_department(road: Road) -> AsyncIterator[None]:
    """Nobody can be asked who a person is."""
    async with _faulty(road, "public-security"):
        yield


@asynccontextmanager
async def department_with_other_dates(road: Road) -> AsyncIterator[None]:
    """The hub is led to a system that answers well, with other dates."""
    async with _impostor(road, ANOTHER_SEED):
        yield


@asynccontextmanager
async def department_that_does_not_die(road: Road) -> AsyncIterator[None]:
    """The hub asks a second copy, so that the death of the first is not noticed."""
    async with _impostor(road, None):
        yield


@asynccontextmanager
async def refusing_officer(road: Road) -> AsyncIterator[None]:
    """The department denies what the road expects to be approved."""
    await _decide(road, "denied")
    yield
    await _decide(road, "approved")
    road.run = uuid4().hex


@asynccontextmanager
async def closed_cashier(road: Road) -> AsyncIterator[None]:
    """The payment provider takes no payments."""
    async with _faulty(road, CASHIER):
        yield


@asynccontextmanager
async def case_that_is_finished_already(road: Road) -> AsyncIterator[None]:
    """The case by which the road tries to rate too early is closed."""
    await _decide(road, "denied")
    given = {"itemCode": ITEM, "form": FORM, "idempotencyKey": f"road-unfinished-{road.run}"}
    case = (await road.client.data(SUBMIT, {"input": given}, road.token))["submitCase"]

    async def denied() -> bool | None:
        return True if (await read_case(road, case["id"]))["state"] == "DENIED" else None

    await wait_for("the denial", denied, 30)
    yield
    await _decide(road, "approved")
    road.run = uuid4().hex


@asynccontextmanager
async def sixth_department_that_was_there(road: Road) -> AsyncIterator[None]:
    """What joins is in the graph already."""
    await road.stack.start_department(SIXTH)
    operator = await road.client.operator_token(road.stack.places.operator_secret)
    await publish_connector(road.client, await enrol(road.client, operator, SIXTH), road.door(SIXTH))
    await road.stack.processes[SIXTH].stop()
    yield
    await road.stack.processes[SIXTH].stop()
    await _act(road, "retire", SIXTH)


@asynccontextmanager
async def dead_issuer(road: Road) -> AsyncIterator[None]:
    """The department that issued the new licence is away."""
    process = road.stack.processes[QUEUE_DEPARTMENT]
    await process.kill()
    yield
    await process.start()


PLANTS: Mapping[str, Plant] = {
    "departments": Plant(suspended_department, "live connectors"),
    "sign-in": Plant(dumb_identity_department, "no one-time code arrived"),
    "query": Plant(department_with_other_dates, "validity of the licences"),
    "outage": Plant(department_that_does_not_die, "number of errors []"),
    "case": Plant(refusing_officer, "the department's record is"),
    "fee": Plant(closed_cashier, "The cashier cannot take payments now"),
    "rating": Plant(case_that_is_finished_already, "expected ['CASE_NOT_FINISHED']"),
    "sixth": Plant(sixth_department_that_was_there, "tells nothing that the department adds"),
    "pages": Plant(dead_issuer, "the new licence is not on the portal's page"),
}
"""By the step's name."""


async def _act(road: Road, verb: str, name: str) -> None:
    token = await road.client.operator_token(road.stack.places.operator_secret)
    await road.client.data(ACT.format(verb=verb), {"name": name}, token)


async def _decide(road: Road, decision: str) -> None:
    await road.client.json(f"{road.door(QUEUE_DEPARTMENT)}/__decisions", "POST", {"decision": decision})


@asynccontextmanager
async def _faulty(road: Road, name: str) -> AsyncIterator[None]:
    door = f"{road.door(name)}/__faults"
    await road.client.json(door, "POST", {"status": 503})
    yield
    await road.client.json(door, "DELETE")


@asynccontextmanager
async def _impostor(road: Road, seed: int | None) -> AsyncIterator[None]:
    """Another process of the same department; the hub asks it instead of the one whose door the road reads."""
    port, enrolment = free_port(), road.stack.enrolments[VICTIM]
    arguments = ["-m", f"mocks.{VICTIM}", "--port", str(port), "--fault", '{"status": 503}']
    arguments += ["--seed", str(seed)] if seed is not None else []
    log = road.stack.places.directory / "logs" / "impostor.log"
    process = ManagedProcess("impostor", arguments, log, {"PYTHONPATH": str(ROOT)})
    url = f"http://127.0.0.1:{port}"
    await process.start()
    await publish_connector(road.client, enrolment, url)
    await wait_for("the impostor is asked", lambda: _answers(road, with_errors=True), 30)
    await road.client.json(f"{url}/__faults", "DELETE")
    await wait_for("the impostor answers", lambda: _answers(road, with_errors=False), 30)
    yield
    await process.stop()
    await publish_connector(road.client, enrolment, road.door(VICTIM))
    await wait_for("the department itself answers", lambda: _answers(road, with_errors=False), 30)


async def _answers(road: Road, *, with_errors: bool) -> bool | None:
    answer = await road.client.graphql(LICENCES, token=road.token)
    at_fault = {error["extensions"]["department"] for error in answer.get("errors", [])}
    return True if (VICTIM in at_fault) is with_errors else None

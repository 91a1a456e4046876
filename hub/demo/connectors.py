"""Bringing a department into the graph through the public doors: enrol it, then publish its connector."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hub.demo.client import Answered, HubClient

KIND = {
    "public-security": "graphql",
    "market-regulation": "rest",
    "transport": "rest",
    "civil-affairs": "queue",
    "finance": "rest",
    "human-resources": "graphql",
    "fire-rescue": "queue",
    "taxation": "graphql",
    "health": "rest",
    "medical-insurance": "rest",
    "natural-resources": "rest",
}
_INPUT = "$input: ConnectorInput!"
_CHECK = "ok errors { code message subgraphs } hints { code message } changes { kind criticality path }"
CHECK = f"mutation Check({_INPUT}) {{ checkConnector(input: $input) {{ {_CHECK} }} }}"
PUBLISH = (
    f"mutation Publish({_INPUT}) {{ publishConnector(input: $input) "
    f"{{ {_CHECK} supergraphVersion connector {{ name state version }} }} }}"
)
ENROL = (
    "mutation Enrol($department: String!) "
    "{ enrolDepartment(department: $department) { department clientId clientSecret } }"
)
EMPLOY = (
    "mutation Employ($department: String!, $citizen: ID!) "
    "{ employInDepartment(department: $department, citizen: $citizen) }"
)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A department's own credentials, shown once at enrolment."""

    department: str
    client_id: str
    client_secret: str


def connector_sdl(name: str) -> str:
    """The SDL that the mock department ships. Raises :class:`Answered` where the mocks are not installed."""
    spec = find_spec("mocks")
    if spec is None or not spec.submodule_search_locations:
        raise Answered("The mock departments are not installed; install the package with its mocks.")
    file = Path(next(iter(spec.submodule_search_locations))) / "connectors" / f"{name}.graphql"
    return file.read_text(encoding="utf-8")


def registration(name: str, url: str, sdl: str | None = None) -> dict[str, Any]:
    """The ``ConnectorInput`` of one of the demo's departments."""
    kind = KIND[name]
    return {
        "name": name,
        "department": name,
        "kind": kind,
        "url": None if kind == "queue" else f"{url}/graphql" if kind == "graphql" else url,
        "sdl": sdl if sdl is not None or kind == "graphql" else connector_sdl(name),
    }


async def enrol(client: HubClient, operator_token: str, department: str) -> Enrolment:
    """Credentials for a department, new at each call; the earlier ones end."""
    data = await client.data(ENROL, {"department": department}, operator_token)
    made = data["enrolDepartment"]
    return Enrolment(made["department"], made["clientId"], made["clientSecret"])


async def employ(client: HubClient, operator_token: str, department: str, citizen: str) -> None:
    """Let a person look after the department's connectors."""
    await client.data(EMPLOY, {"department": department, "citizen": citizen}, operator_token)


async def publish_connector(
    client: HubClient, enrolment: Enrolment, url: str, sdl: str | None = None
) -> dict[str, Any]:
    """Publish with the department's own token. Raises :class:`Answered` when it is refused."""
    token = await client.client_token(enrolment.client_id, enrolment.client_secret)
    variables = {"input": registration(enrolment.department, url, sdl)}
    answer = await client.data(PUBLISH, variables, token)
    publication: dict[str, Any] = answer["publishConnector"]
    if not publication["ok"]:
        raise Answered(f"{enrolment.department} was refused: {publication['errors']}")
    return publication

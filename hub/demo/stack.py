"""Which processes the demo has, with which arguments; started in the order in which they need each other."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from hub.demo.places import AGENT_EVENTS, CASHIER, HUB, MESSENGERS, Places
from hub.demo.processes import ManagedProcess

if TYPE_CHECKING:
    from hub.demo.client import HubClient
    from hub.demo.connectors import Enrolment

EMBEDDED = "embedded"
FIVE = ("public-security", "market-regulation", "transport", "civil-affairs", "finance")
SIXTH = "human-resources"
AGENT = "agent"
QUEUE_DEPARTMENT = "civil-affairs"
STAFFED = "transport"
"""The department that a demo resident works for."""


@dataclass
class Stack:
    """The running demo. ``say`` tells progress."""

    places: Places
    broker_url: str = EMBEDDED
    database_url: str | None = None
    broker_namespace: str = ""
    agent_hub_url: str | None = None
    """How the agent reaches the hub's broker door, where something stands between."""
    connector_approval: str = "automatic"
    decision_delay_seconds: float = 1.0
    patience: float = 1.0
    """By how much the road's time limits are longer, on a machine that is busy with other things."""
    certificate: Path | None = None
    key: Path | None = None
    clock_file: Path | None = None
    """The seconds by which hub and agents are told another time, where a scenario moves it."""
    say: Callable[[str], None] = lambda _text: None
    processes: dict[str, ManagedProcess] = field(default_factory=dict)
    enrolments: dict[str, Enrolment] = field(default_factory=dict)

    async def start(self) -> None:
        """Hub and departments side by side, then the connectors, and the agent while they are registered."""
        self.say("starting the hub and the departments")
        async with asyncio.TaskGroup() as group:
            group.create_task(self.hub().start())
            group.create_task(self._start_departments())
            # What this process needs itself is loaded while it waits for the others.
            group.create_task(asyncio.to_thread(import_module, "hub.demo.connectors"))
        async with self.client() as client:
            await self._register(client)
            await client.wait_until_ready()

    async def _start_departments(self) -> None:
        """Not all at once: the hub takes longest, and has a core for itself meanwhile."""
        others = asyncio.Semaphore(max(1, (os.cpu_count() or 1) - 1))

        async def start(name: str) -> None:
            async with others:
                await self._department(name).start()

        async with asyncio.TaskGroup() as group:
            for name in (*FIVE, CASHIER, MESSENGERS):
                group.create_task(start(name))

    async def start_department(self, name: str) -> None:
        await self._department(name).start()

    async def stop(self) -> None:
        """Stop everything within five seconds; the agent first, which has things to say to the hub."""
        if AGENT in self.processes:
            await self.processes[AGENT].stop(1.5)
        await asyncio.gather(*(process.stop(3.5) for process in self.processes.values()))

    def client(self) -> HubClient:
        from hub.demo.client import HubClient

        return HubClient(self.places.url(HUB), self.certificate)

    def hub(self, *, worker: bool = True) -> ManagedProcess:
        """The hub's process; with ``worker=False`` what is accepted stays in the outbox."""
        places = self.places
        environment = {
            "JIYI_DATABASE_URL": self.database_url or f"sqlite:///{(places.directory / 'hub.db').resolve()}",
            "JIYI_STATE_DIRECTORY": str(places.directory),
            "JIYI_BROKER_URL": self.broker_url,
            "JIYI_BROKER_NAMESPACE": self.broker_namespace,
            "JIYI_OPERATOR_CLIENT_SECRET": places.operator_secret,
            "JIYI_PAYMENT_SECRET": places.payment_secret,
            "JIYI_SECRET_KEY_FILE": str(places.secret_key_file.resolve()),
            "JIYI_PAYMENT_PROVIDER_URL": places.url(CASHIER),
            "JIYI_PAYMENT_PROVIDER_HOLDS": "true",
            "JIYI_SMS_GATEWAY_URL": f"{places.url(MESSENGERS)}/sms-1",
            "JIYI_SMS_SECOND_GATEWAY_URL": f"{places.url(MESSENGERS)}/sms-2",
            "JIYI_MAIL_GATEWAY_URL": f"{places.url(MESSENGERS)}/email-1",
            "JIYI_MAIL_SECOND_GATEWAY_URL": f"{places.url(MESSENGERS)}/email-2",
            "JIYI_WEB_PUSH_CONTACT": "mailto:demo@example.com",
            "JIYI_NOTICE_RECEIPT_SECRET": places.payment_secret,
            "JIYI_ALLOW_PRIVATE_ADDRESSES": "true",
            "JIYI_PUBLIC_URL": places.hub_url,
            "JIYI_OPERATORS": self.operator_id,
            "JIYI_CONNECTOR_APPROVAL": self.connector_approval,
            "JIYI_WORKER": str(worker).lower(),
            "JIYI_LOG_REQUESTS": "true",
            "JIYI_SUGGESTIONS": "true",
        }
        environment |= self._moved_clock()
        if self.certificate and self.key:
            environment |= {"JIYI_TLS_CERTIFICATE": str(self.certificate), "JIYI_TLS_KEY": str(self.key)}
        settings = places.directory / "hub.toml"
        settings.write_text("# Of the demo alone; a jiyi.toml beside it is another hub's.\n", encoding="utf-8")
        where = ("--host", places.host, "--port", str(places.ports[HUB]))
        arguments = ("-m", "hub.cli", "run", "--settings", str(settings), *where)
        return self._keep(HUB, arguments, environment)

    def agent(self) -> ManagedProcess:
        """The agent in front of the department that can only reach out."""
        return self.agent_of(AGENT, QUEUE_DEPARTMENT, self.places.url(QUEUE_DEPARTMENT), AGENT_EVENTS)

    def agent_of(self, name: str, department: str, url: str, events: str) -> ManagedProcess:
        """An agent as process ``name``; ``url`` is the department's own address, ``events`` its port's place."""
        from hub.demo.connectors import connector_sdl

        directory = self.places.directory / name
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "connector.graphql").write_text(connector_sdl(department), encoding="utf-8")
        config = directory / "agent.toml"
        config.write_text(self._agent_toml(directory, department, url, events), encoding="utf-8")
        secret = self.enrolments[department].client_secret
        arguments = ("-m", "hub.cli", "agent", "--config", str(config))
        return self._keep(name, arguments, {"JIYI_AGENT_CLIENT_SECRET": secret, **self._moved_clock()})

    def _moved_clock(self) -> dict[str, str]:
        return {"JIYI_TEST_CLOCK_FILE": str(self.clock_file)} if self.clock_file else {}

    @property
    def operator_id(self) -> str:
        """The demo resident who may open the operator page."""
        from hub.demo.residents import operator

        return operator().id

    def _agent_toml(self, directory: Path, department: str, url: str, events: str) -> str:
        places = self.places
        is_embedded = self.broker_url == EMBEDDED
        lines = [
            f'department = "{department}"',
            f'state_directory = "{directory}"',
            "",
            "[broker]",
            f'url = "{(self.agent_hub_url or places.url(HUB)) if is_embedded else self.broker_url}"',
        ]
        if self.broker_namespace:
            lines.append(f'namespace = "{self.broker_namespace}"')
        if is_embedded:
            lines += [
                f'client_id = "{self.enrolments[department].client_id}"',
                'client_secret_env = "JIYI_AGENT_CLIENT_SECRET"',
            ]
        if self.certificate and is_embedded:
            lines.append(f'ca_file = "{self.certificate.resolve()}"')
        lines += [
            "",
            "[connector]",
            'kind = "rest"',
            f'url = "{url}"',
            'sdl = "connector.graphql"',
            'idempotency = "header"',
            "",
            "[events]",
            'host = "127.0.0.1"',
            f"port = {places.ports[events]}",
        ]
        return "\n".join(lines) + "\n"

    async def _register(self, client: HubClient) -> None:
        """The queue department comes first: its agent waits for its queues."""
        from hub.demo.connectors import employ, enrol, publish_connector
        from hub.demo.residents import staff

        self.say("registering the departments' connectors")
        await client.wait_until_alive()
        operator = await client.operator_token(self.places.operator_secret)
        async with asyncio.TaskGroup() as group:
            group.create_task(employ(client, operator, STAFFED, staff().id))
            for name in sorted(FIVE, key=lambda each: each != QUEUE_DEPARTMENT):
                self.enrolments[name] = await enrol(client, operator, name)
                if name == QUEUE_DEPARTMENT:
                    group.create_task(self.agent().start())
                await publish_connector(client, self.enrolments[name], self.places.url(name))

    def _department(self, name: str) -> ManagedProcess:
        state = self.places.directory / name
        module = f"mocks.{name.replace('-', '_')}"
        arguments = ["-m", module, "--host", self.places.listens_on(name), "--port", str(self.places.ports[name])]
        arguments += ["--state", str(state)]
        environment: dict[str, str] = {}
        if name == QUEUE_DEPARTMENT:
            arguments += ["--decision-delay", str(self.decision_delay_seconds)]
            arguments += ["--events-url", f"{self.places.url(AGENT_EVENTS)}/events"]
        if name == MESSENGERS:
            environment["MESSENGER_SECRET"] = self.places.payment_secret
            if self.certificate:
                environment["SSL_CERT_FILE"] = str(self.certificate.resolve())
        if name == CASHIER:
            environment["CASHIER_SECRET"] = self.places.payment_secret
            if self.certificate:
                # It calls back over the demo's own TLS, and phones on the network open its page.
                environment["SSL_CERT_FILE"] = str(self.certificate.resolve())
                arguments += ["--public-url", self.places.people_url(name)]
        return self._keep(name, tuple(arguments), environment)

    def _keep(self, name: str, arguments: tuple[str, ...], environment: dict[str, str]) -> ManagedProcess:
        log = self.places.directory / "logs" / f"{name}.log"
        self.processes[name] = ManagedProcess(name, arguments, log, environment)
        return self.processes[name]

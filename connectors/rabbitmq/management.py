"""Look at a RabbitMQ and mend it over its management API. Source: RabbitMQ, "Management HTTP API"."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import aiohttp
from yarl import URL

from connectors.rabbitmq.access import NOTHING, DepartmentAccess
from connectors.rabbitmq.drift import Difference, Removal, Standing, StandingQueue, StandingUser, is_ours
from connectors.rabbitmq.topology import Binding, Exchange, Queue

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_GONE = frozenset({404})
_SCALARS = (str, int, bool)


class ManagementUnavailable(Exception):
    """RabbitMQ's management API cannot be reached or refuses the hub; the text holds no password."""


class Management:
    """``url`` is the management API's, with an administrator's name and password in it. Use it in ``async with
    management.open()``."""

    def __init__(self, url: str, virtual_host: str) -> None:
        parts = urlsplit(url)
        login, password = unquote(parts.username or ""), unquote(parts.password or "")
        self._headers = {"Authorization": aiohttp.encode_basic_auth(login, password)}
        self._base = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
        self._virtual_host = virtual_host

    @asynccontextmanager
    async def open(self) -> AsyncIterator[ManagementSession]:
        async with aiohttp.ClientSession(headers=self._headers, timeout=_TIMEOUT) as session:
            yield ManagementSession(session, self._base, self._virtual_host)


class ManagementSession:
    """Every method raises :class:`ManagementUnavailable`; changes may be repeated."""

    def __init__(self, session: aiohttp.ClientSession, base: str, virtual_host: str) -> None:
        self._session = session
        self._base = base
        self._virtual_host = virtual_host
        self._host = quote(virtual_host, safe="")

    async def standing(self, namespace: str) -> Standing:
        """What is there under our names."""
        host = self._host
        exchanges = await self._read(f"exchanges/{host}")
        queues = await self._read(f"queues/{host}")
        bindings = [_binding(each) for each in await self._read(f"bindings/{host}") if each["source"]]
        return Standing(
            tuple(_exchange(each) for each in exchanges if is_ours(each["name"], namespace)),
            tuple(_queue(each) for each in queues if is_ours(each["name"], namespace)),
            tuple(each for each in bindings if _touches(each, namespace)),
            await self._users(namespace),
        )

    async def mend(self, difference: Difference) -> None:
        """Do what the difference says. One that destroys messages was allowed by whoever calls."""
        mend = difference.mend
        if isinstance(mend, Removal):
            await self._remove(mend.thing)
            for each in mend.then:
                await self._make(each)
        elif isinstance(mend, DepartmentAccess):
            await self.permit(mend)
        elif mend is not None:
            await self._make(mend)

    async def permit(self, access: DepartmentAccess, password: str | None = None) -> None:
        """Give the user these rights and no others; with a password, make it or change its password."""
        user, host = quote(access.user, safe=""), quote(access.virtual_host, safe="")
        if password is not None:
            await self.change("PUT", f"users/{user}", {"password": password, "tags": ""})
        else:
            await self._take_more_than(access, user)
        permissions = {"configure": access.configure, "write": access.write, "read": access.read}
        topics = {"exchange": access.exchange, "write": access.routing_keys, "read": NOTHING}
        await self.change("PUT", f"permissions/{host}/{user}", permissions)
        await self.change("PUT", f"topic-permissions/{host}/{user}", topics)

    async def _take_more_than(self, access: DepartmentAccess, user: str) -> None:
        """Whatever a user has beside what it needs; its password stays."""
        known = await self._read(f"users/{user}")
        if known["tags"]:
            keeps = {"password_hash": known["password_hash"], "hashing_algorithm": known["hashing_algorithm"]}
            await self.change("PUT", f"users/{user}", {**keeps, "tags": ""})
        for each in await self._read(f"users/{user}/permissions"):
            if each["vhost"] != access.virtual_host:
                path = f"permissions/{quote(each['vhost'], safe='')}/{user}"
                await self.change("DELETE", path, None, fine=_GONE)
        for host in {each["vhost"] for each in await self._read(f"users/{user}/topic-permissions")}:
            await self.change("DELETE", f"topic-permissions/{quote(host, safe='')}/{user}", None, fine=_GONE)

    async def dismiss(self, user: str) -> None:
        """The user's connections end with it."""
        await self.change("DELETE", f"users/{quote(user, safe='')}", None, fine=_GONE)

    async def _make(self, thing: Exchange | Queue | Binding) -> None:
        if isinstance(thing, Exchange):
            body: dict[str, Any] = {"type": thing.kind, "durable": True, "internal": thing.is_internal}
            await self.change("PUT", self._path("exchanges", thing.name), body)
        elif isinstance(thing, Queue):
            body = {"durable": True, "arguments": dict(thing.arguments)}
            await self.change("PUT", self._path("queues", thing.name), body)
        else:
            await self.change("POST", self._leading(thing), {"routing_key": thing.key, "arguments": {}})

    async def _remove(self, thing: Exchange | Queue | Binding | StandingUser) -> None:
        if isinstance(thing, StandingUser):
            await self.dismiss(thing.name)
        elif isinstance(thing, Binding):
            # Under which name RabbitMQ keeps it depends on its arguments, so it is asked for.
            for each in await self._read(self._leading(thing)):
                if each["routing_key"] == thing.key:
                    path = f"{self._leading(thing)}/{quote(each['properties_key'], safe='')}"
                    await self.change("DELETE", path, None, fine=_GONE)
        else:
            kind = "exchanges" if isinstance(thing, Exchange) else "queues"
            await self.change("DELETE", self._path(kind, thing.name), None, fine=_GONE)

    async def _users(self, namespace: str) -> tuple[StandingUser, ...]:
        prefix = f"{namespace}department-"
        permissions = await self._read("permissions")
        topics = await self._read("topic-permissions")
        return tuple(
            StandingUser(
                each["name"],
                _tags(each["tags"]),
                {p["vhost"]: (p["configure"], p["write"], p["read"]) for p in _of(each["name"], permissions)},
                {(p["vhost"], p["exchange"]): (p["write"], p["read"]) for p in _of(each["name"], topics)},
            )
            for each in await self._read("users")
            if each["name"].startswith(prefix)
        )

    def _path(self, kind: str, name: str) -> str:
        return f"{kind}/{self._host}/{quote(name, safe='')}"

    def _leading(self, binding: Binding) -> str:
        source, destination = quote(binding.source, safe=""), quote(binding.destination, safe="")
        return f"bindings/{self._host}/e/{source}/{binding.to[0]}/{destination}"

    async def _read(self, path: str) -> Any:
        return await self._ask("GET", path, None, frozenset())

    async def change(
        self, method: str, path: str, body: Mapping[str, Any] | None, *, fine: frozenset[int] = frozenset()
    ) -> None:
        await self._ask(method, path, body, fine)

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None, fine: frozenset[int]) -> Any:
        # The path is quoted already, and "/" in a name has to stay so.
        try:
            url = URL(f"{self._base}/api/{path}", encoded=True)
            async with self._session.request(method, url, json=body, allow_redirects=False) as answer:
                status = answer.status
                content = await answer.json() if method == "GET" and status == 200 else None
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            reason = type(error).__name__
            raise ManagementUnavailable(f"RabbitMQ's management API cannot be reached: {reason}.") from error
        if status >= 300 and status not in fine:
            raise ManagementUnavailable(
                f"RabbitMQ's management API refuses {method} {path}: HTTP {status}. Check broker_management_url."
            )
        return content


def _exchange(told: Mapping[str, Any]) -> Exchange:
    return Exchange(told["name"], told["type"], told["internal"])


def _queue(told: Mapping[str, Any]) -> StandingQueue:
    arguments = {name: value for name, value in told["arguments"].items() if isinstance(value, _SCALARS)}
    policy = told.get("effective_policy_definition") or {}
    return StandingQueue(Queue(told["name"], arguments), told["durable"], told.get("messages", 0), dict(policy))


def _binding(told: Mapping[str, Any]) -> Binding:
    to = "queue" if told["destination_type"] == "queue" else "exchange"
    return Binding(told["source"], told["destination"], told["routing_key"], to)  # type: ignore[arg-type]  # checked


def _touches(binding: Binding, namespace: str) -> bool:
    return is_ours(binding.source, namespace) or is_ours(binding.destination, namespace)


def _tags(told: str | list[str]) -> tuple[str, ...]:
    """A list from RabbitMQ 3.9 on, words behind commas before."""
    return tuple(each for each in (told.split(",") if isinstance(told, str) else told) if each)


def _of(user: str, told: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [each for each in told if each["user"] == user]

"""With whose authority the command line talks to which hub.

In this order: ``JIYI_TOKEN``, client credentials from ``JIYI_CLIENT_ID`` and ``JIYI_CLIENT_SECRET``, and the
session that ``jiyi auth login`` kept. Secrets never come as arguments.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hub.cli.output import fail

DEFAULT_HUB = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in that was kept."""

    hub: str
    access_token: str
    refresh_token: str | None = None


def session_file() -> Path:
    base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "jiyi" / "session.json"


def kept_session() -> Session | None:
    file = session_file()
    return Session(**json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None


def keep_session(session: Session) -> None:
    """Readable by this user alone."""
    file = session_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600, exist_ok=True)
    file.write_text(json.dumps(asdict(session)), encoding="utf-8")


def forget_session() -> bool:
    """True when there was one."""
    file = session_file()
    existed = file.is_file()
    file.unlink(missing_ok=True)
    return existed


def hub_address(given: str | None) -> str:
    kept = kept_session()
    return (given or os.environ.get("JIYI_HUB") or (kept.hub if kept else None) or DEFAULT_HUB).rstrip("/")


async def ask(
    hub: str, query: str, variables: dict[str, Any], *, as_json: bool, certificate: Path | None = None
) -> dict[str, Any]:
    """Data of a GraphQL request with the caller's authority; exits 1 with what the hub said otherwise."""
    import aiohttp

    from hub.demo.client import Answered, HubClient

    try:
        async with HubClient(hub, certificate) as client:
            token = await _token(client)
            answer = await client.graphql(query, variables, token)
    except (aiohttp.ClientError, TimeoutError) as error:
        fail("HUB_UNREACHABLE", f"{hub} does not answer ({type(error).__name__}).", as_json=as_json)
    except Answered as error:
        fail("UNAUTHENTICATED", str(error), as_json=as_json)
    if answer.get("errors"):
        first = answer["errors"][0]
        code = first.get("extensions", {}).get("code", "ERROR")
        fail(code, first["message"], as_json=as_json, details={"errors": answer["errors"]})
    data: dict[str, Any] = answer["data"]
    return data


async def _token(client: Any) -> str | None:
    if token := os.environ.get("JIYI_TOKEN"):
        return token
    client_id, secret = os.environ.get("JIYI_CLIENT_ID"), os.environ.get("JIYI_CLIENT_SECRET")
    if client_id and secret:
        return str(await client.client_token(client_id, secret))
    kept = kept_session()
    return kept.access_token if kept else None

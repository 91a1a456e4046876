"""With whose authority the command line talks to which hub.

In this order: ``JIYI_TOKEN``, client credentials from ``JIYI_CLIENT_ID`` and ``JIYI_CLIENT_SECRET``, and the
session that ``jiyi auth login`` kept, which goes to the hub that it is of and to no other. Secrets never come
as arguments.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hub.cli.output import fail

DEFAULT_HUB = "http://127.0.0.1:8000"
CLIENT_ID = "cli"
_MARGIN_SECONDS = 30
_HOW_TO_SIGN_IN = (
    "On the command line: set JIYI_CLIENT_ID and JIYI_CLIENT_SECRET, which an operator gives a department "
    "(`jiyi department enrol NAME`), or run `jiyi auth login`."
)


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in that was kept."""

    hub: str
    access_token: str
    refresh_token: str | None = None
    expires_at: float | None = None
    """Seconds since 1970."""

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and time.time() > self.expires_at - _MARGIN_SECONDS

    @classmethod
    def of(cls, hub: str, answer: Mapping[str, Any]) -> Session:
        """What the token endpoint answered."""
        expires_at = time.time() + float(answer["expires_in"]) if "expires_in" in answer else None
        return cls(hub, answer["access_token"], answer.get("refresh_token"), expires_at)


def session_file() -> Path:
    base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "jiyi" / "session.json"


def kept_session() -> Session | None:
    """The session that was kept, if any; exits 1 when its file is none."""
    session = readable_session()
    if session is None and session_file().is_file():
        fail(
            "SESSION_UNREADABLE",
            f"{session_file()} is no session. Run `jiyi auth logout`, then `jiyi auth login`.",
        )
    return session


def readable_session() -> Session | None:
    """The session that was kept; ``None`` too where its file cannot be read."""
    try:
        return Session(**json.loads(session_file().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


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
            token = await _token(client, as_json)
            answer = await client.graphql(query, variables, token)
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
        fail("HUB_UNREACHABLE", f'"{hub}" is no address; --hub wants http://… or https://….', as_json=as_json)
    except (aiohttp.ClientError, TimeoutError) as error:
        fail("HUB_UNREACHABLE", f"{hub} does not answer ({type(error).__name__}).", as_json=as_json)
    except OSError as error:
        fail("CERTIFICATE_UNREADABLE", f"{certificate}: {error.strerror or error}", as_json=as_json, exit_code=2)
    except ValueError:
        fail("HUB_UNREACHABLE", f"{hub} answers, but not as a hub does.", as_json=as_json)
    except Answered as error:
        fail("UNAUTHENTICATED", str(error), as_json=as_json)
    if answer.get("errors"):
        first = answer["errors"][0]
        code = first.get("extensions", {}).get("code", "ERROR")
        mend = f" {_HOW_TO_SIGN_IN}" if code == "UNAUTHENTICATED" and token is None else ""
        fail(code, first["message"] + mend, as_json=as_json, details={"errors": answer["errors"]})
    data: dict[str, Any] = answer["data"]
    return data


async def _token(client: Any, as_json: bool) -> str | None:
    from hub.demo.client import Answered

    if token := os.environ.get("JIYI_TOKEN"):
        return token
    client_id, secret = os.environ.get("JIYI_CLIENT_ID"), os.environ.get("JIYI_CLIENT_SECRET")
    if bool(client_id) != bool(secret):
        lacking = "JIYI_CLIENT_SECRET" if client_id else "JIYI_CLIENT_ID"
        message = f"JIYI_CLIENT_ID and JIYI_CLIENT_SECRET go together, and {lacking} is not set."
        fail("WRONG_USAGE", message, as_json=as_json, exit_code=2)
    if client_id and secret:
        try:
            return str(await client.client_token(client_id, secret))
        except Answered:
            message = (
                f'{client.base_url} does not take JIYI_CLIENT_SECRET for "{client_id}". Is it of this hub, and '
                "the newest? `jiyi department enrol` makes a new one."
            )
            fail("UNAUTHENTICATED", message, as_json=as_json)
    kept = kept_session()
    if kept is None or kept.hub != client.base_url:
        return None
    if kept.is_expired and kept.refresh_token:
        kept = await _renewed(client, kept, kept.refresh_token)
    return kept.access_token


async def _renewed(client: Any, kept: Session, refresh_token: str) -> Session:
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": CLIENT_ID}
    status, body = await client.form("/oauth/token", fields)
    if status != 200:
        forget_session()
        fail("UNAUTHENTICATED", "The session has ended. Run `jiyi auth login`.")
    renewed = Session.of(kept.hub, {"refresh_token": refresh_token, **body})
    keep_session(renewed)
    return renewed

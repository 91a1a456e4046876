"""``jiyi auth``: sign in on this terminal with a phone or browser beside it (device grant, RFC 8628)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.output import JsonFlag, envelope, fail, note, write

auth_app = typer.Typer(help="Sign in, sign out, and see who you are.", no_args_is_help=True)
HubOption = Annotated[str | None, typer.Option("--hub", help="The hub's address; JIYI_HUB.")]
Certificate = Annotated[Path | None, typer.Option("--ca-file", help="Certificate to trust in addition.")]
_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@auth_app.command()
def login(hub: HubOption = None, ca_file: Certificate = None, as_json: JsonFlag = False) -> None:
    """Show a code to confirm on a phone or in a browser, and keep the session."""
    from hub.cli.session import Session, hub_address, keep_session

    address = hub_address(hub)
    body = asyncio.run(_login(address, ca_file, as_json))
    keep_session(Session.of(address, body))
    write(envelope({"hub": address}) if as_json else f"signed in at {address}")


@auth_app.command()
def logout(as_json: JsonFlag = False) -> None:
    """Forget the kept session, here and at the hub."""
    from hub.cli.session import forget_session, readable_session

    kept = readable_session()
    existed = forget_session()
    if kept is not None and kept.refresh_token is not None:
        asyncio.run(_revoke(kept.hub, kept.refresh_token))
    write(envelope({"wasSignedIn": existed}) if as_json else "signed out" if existed else "nobody was signed in")


@auth_app.command()
def whoami(hub: HubOption = None, ca_file: Certificate = None, as_json: JsonFlag = False) -> None:
    """Print whom the hub takes you for."""
    from hub.cli.session import ask, hub_address

    address = hub_address(hub)
    data = asyncio.run(ask(address, "{ me { id } }", {}, as_json=as_json, certificate=ca_file))
    if data["me"] is None:
        fail("NOT_FOUND", f"{address} knows nobody by this session.", as_json=as_json)
    write(envelope({"me": data["me"]}) if as_json else str(data["me"]["id"]))


async def _revoke(hub: str, refresh_token: str) -> None:
    """A hub that is away ends the session by itself when its time is over."""
    import aiohttp

    from hub.cli.session import CLIENT_ID
    from hub.demo.client import HubClient

    try:
        async with HubClient(hub) as client:
            await client.form("/oauth/revoke", {"token": refresh_token, "client_id": CLIENT_ID})
    except (aiohttp.ClientError, TimeoutError, ValueError):
        note(f"{hub} does not answer; the session there ends by itself.")


async def _login(address: str, certificate: Path | None, as_json: bool) -> dict[str, Any]:
    import aiohttp

    from hub.cli.session import CLIENT_ID
    from hub.demo.client import HubClient

    try:
        async with HubClient(address, certificate) as client:
            fields = {"client_id": CLIENT_ID, "scope": "citizen"}
            status, device = await client.form("/oauth/device_authorization", fields)
            if status != 200:
                fail("LOGIN_REFUSED", str(device.get("error_description") or device), as_json=as_json)
            note(f"Open {device['verification_uri']} and enter {device['user_code']}")
            note(f"or open {device['verification_uri_complete']}")
            return await _poll(client, device, as_json)
    except aiohttp.ClientError as error:
        fail("HUB_UNREACHABLE", f"{address} does not answer ({type(error).__name__}).", as_json=as_json)


async def _poll(client: Any, device: dict[str, Any], as_json: bool) -> dict[str, Any]:
    from hub.cli.session import CLIENT_ID

    pause = int(device.get("interval", 5))
    fields = {"grant_type": _GRANT, "device_code": device["device_code"], "client_id": CLIENT_ID}
    while True:
        await asyncio.sleep(pause)
        status, body = await client.form("/oauth/token", fields)
        if status == 200:
            found: dict[str, Any] = body
            return found
        if body.get("error") == "slow_down":
            pause += 5
        elif body.get("error") != "authorization_pending":
            fail("LOGIN_REFUSED", str(body.get("error")), as_json=as_json)

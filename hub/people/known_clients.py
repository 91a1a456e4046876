"""The OAuth clients that come with the hub: its own pages, the television, the explorer, and the command line."""

from __future__ import annotations

from auth.authorization_server import AuthorizationServer
from auth.clients import (
    command_line,
    explorer,
    hash_made_secret,
    hash_secret,
    mobile,
    new_secret,
    operator_tool,
    portal,
    television,
)
from hub.settings import Settings


async def portal_secret(server: AuthorizationServer, settings: Settings, issuer: str) -> str:
    """The portal's client secret: set, or made once and kept in a file that only this user reads."""
    secret, hashed = settings.portal_client_secret.get_secret_value(), hash_secret
    if not secret:
        hashed = hash_made_secret
        file = settings.state_directory / "portal-client-secret"
        if not file.is_file():
            file.touch(mode=0o600)
            file.write_text(new_secret(), encoding="ascii")
        secret = file.read_text(encoding="ascii")
    await server.ensure_client(portal(issuer, hashed(secret)))
    return secret


async def ensure_clients(server: AuthorizationServer, settings: Settings, issuer: str) -> None:
    """All but the portal's, as the settings have them."""
    for client in (television(), explorer(issuer), mobile(), command_line()):
        await server.ensure_client(client)
    if secret := settings.operator_client_secret.get_secret_value():
        await server.ensure_client(operator_tool(hash_secret(secret)))

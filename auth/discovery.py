"""What the authorization server says of itself. Sources: RFC 8414, RFC 8628, RFC 9207."""

from __future__ import annotations

from typing import Any

from auth.clients import GRANTS, SCOPES

AUTHENTICATION_METHODS = ("client_secret_basic", "client_secret_post", "none")


def discovery_document(issuer: str) -> dict[str, Any]:
    """The metadata, the same at both well-known addresses. There are no ID tokens: this is OAuth 2.0."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "device_authorization_endpoint": f"{issuer}/oauth/device_authorization",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "jwks_uri": f"{issuer}/oauth/jwks",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANTS),
        "scopes_supported": list(SCOPES),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": list(AUTHENTICATION_METHODS),
        "revocation_endpoint_auth_methods_supported": list(AUTHENTICATION_METHODS),
        "authorization_response_iss_parameter_supported": True,
        "subject_types_supported": ["public"],
    }

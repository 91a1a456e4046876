"""How uvicorn serves an application of ours, the hub and the engine alone alike."""

from __future__ import annotations

from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from hub.doors.direct_protocol import DirectProtocol

GRACE_SECONDS = 3
"""How long requests under way may take to end once the server is told to stop."""


def server_config(
    app: ASGIApp,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls_certificate: Path | None = None,
    tls_key: Path | None = None,
) -> uvicorn.Config:
    """``host`` and ``port`` do not matter to a server that is given its socket."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="none",
        http=DirectProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=tls_certificate,
        ssl_keyfile=tls_key,
    )

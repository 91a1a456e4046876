"""``jiyi run`` and ``jiyi worker``: settings, a free port, then the server."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp

from connectors.garbage import look_seldom
from hub.cli.output import fail
from hub.cli.ports import describe_busy_port, is_busy
from hub.doors.server_config import server_config
from hub.settings import BadSettings, Settings, load_settings

OpenHub = Callable[[Settings], AbstractAsyncContextManager[ASGIApp]]


def serve_hub(flags: Mapping[str, Any], file: Path | None) -> None:
    """Serve until told to stop. Exits 1 when a service it needs is missing, 2 on bad settings."""
    gc.disable()
    settings = _settings(flags, file)
    if is_busy(settings.host, settings.port):
        what, mend = describe_busy_port(settings.host, settings.port)
        fail("PORT_IN_USE", f"{what}. {mend}")
    from hub.app import open_hub
    from hub.logs import configure_logs
    from hub.start import CannotStart, prepare

    configure_logs(settings.log_level)
    try:
        prepare(settings)
    except CannotStart as error:
        fail(error.code, error.message)
    look_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        has_served = runner.run(_serve(settings, open_hub))
    if not has_served:
        sys.exit(1)


async def _serve(settings: Settings, open_hub: OpenHub) -> bool:
    """Whether it came to serve at all."""
    async with open_hub(settings) as app:
        config = server_config(
            app,
            host=settings.host,
            port=settings.port,
            tls_certificate=settings.tls_certificate,
            tls_key=settings.tls_key,
        )
        server = _AnnouncingServer(config, settings.effective_public_url)
        await server.serve()
        return bool(server.started)


def serve_worker(flags: Mapping[str, Any], file: Path | None) -> None:
    """Work until told to stop."""
    gc.disable()
    settings = _settings(flags, file)
    from hub.app import run_worker
    from hub.logs import configure_logs
    from hub.start import CannotStart, prepare

    configure_logs(settings.log_level)
    try:
        prepare(settings)
    except CannotStart as error:
        fail(error.code, error.message)
    look_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run_worker(settings, _say_that_it_works))


def _say_that_it_works(instance: str) -> None:
    """On stdout, as one JSON line, as the hub does."""
    sys.stdout.write(json.dumps({"ready": True, "worker": instance}) + "\n")
    sys.stdout.flush()


class _AnnouncingServer(uvicorn.Server):
    """Says on stdout, as one JSON line, when and where it serves."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(json.dumps({"ready": True, "url": self._url}) + "\n")
            sys.stdout.flush()


def _settings(flags: Mapping[str, Any], file: Path | None) -> Settings:
    try:
        return load_settings(flags, file).settings
    except BadSettings as error:
        fail("BAD_SETTINGS", str(error), exit_code=2)

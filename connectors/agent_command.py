"""``jiyi agent``: read the file, run until told to stop; what is wrong with the file is told all at once."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from pathlib import Path

from connectors.agent_settings import AgentSettingsError, PortTaken, UnusableConnector, read_agent_settings
from connectors.garbage import look_seldom


def main(config: Path) -> int:
    """0 when it was told to stop, 1 when its port is another's, 2 when the file cannot be used."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        settings = read_agent_settings(config, os.environ)
    except AgentSettingsError as error:
        sys.stderr.write(f"BAD_SETTINGS: {error}\n")
        return 2
    gc.disable()
    from connectors.agent import run_agent
    from connectors.clock import ClockRefused, open_clock

    look_seldom()
    with asyncio.Runner(loop_factory=_new_event_loop) as runner:
        try:
            runner.run(run_agent(settings, open_clock(_clock_file(), (settings.broker.url,))))
        except (UnusableConnector, ClockRefused) as error:
            sys.stderr.write(f"BAD_SETTINGS: {error}\n")
            return 2
        except PortTaken as error:
            sys.stderr.write(f"PORT_IN_USE: {error}\n")
            return 1
    return 0


def _clock_file() -> Path | None:
    """For demos alone, as the hub's setting of this name."""
    name = os.environ.get("JIYI_TEST_CLOCK_FILE")
    return Path(name) if name else None


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where it is installed: 1.3 to 2.4 times as many requests a second."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()

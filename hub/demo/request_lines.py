"""What ``jiyi demo`` tells while it runs: a line for each request that the hub answered, read from its log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

LOOKS_EVERY_SECONDS = 0.2
ANSWERED = "answered"


async def request_lines(log: Path) -> AsyncIterator[str]:
    """A line for each request logged from now on; never ends."""
    with log.open("rb") as file:
        file.seek(0, 2)
        kept = b""
        while True:
            kept += file.read()
            *whole, kept = kept.split(b"\n")
            for line in whole:
                if told := request_line(line):
                    yield told
            await asyncio.sleep(LOOKS_EVERY_SECONDS)


def request_line(logged: bytes) -> str | None:
    """The line for people; ``None`` where the log tells something else."""
    try:
        entry = json.loads(logged)
    except ValueError:
        return None
    if not isinstance(entry, dict) or entry.get("event") != ANSWERED:
        return None
    took = entry["milliseconds"]
    asked = ", ".join(entry["subgraphs"]) or "no subgraph"
    errors = f"{entry['errors']} {'error' if entry['errors'] == 1 else 'errors'}"
    codes = f" ({', '.join(entry['codes'])})" if entry["codes"] else ""
    name = f"  {entry['operation']}" if entry["operation"] else ""
    return f"{'event' if took is None else f'{took:.1f} ms':>10}  {asked}  {errors}{codes}{name}"

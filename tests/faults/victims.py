"""What is killed: any process by SIGKILL, or the connection to the broker by a cut on the wire."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random

from hub.demo.places import CASHIER, HUB
from hub.demo.stack import AGENT, FIVE
from tests.acceptance.stacks import RunningDemo

BROKER_CONNECTION = "broker connection"
VICTIMS = (*FIVE, AGENT, HUB, CASHIER, BROKER_CONNECTION)
LONGEST_DELAY_SECONDS = 0.3
AWAY_SECONDS = 0.4


@dataclass(frozen=True, slots=True)
class Kill:
    """Who dies, and how long after the moment began; ``str`` says both, to be tried again by hand."""

    victim: str
    delay_seconds: float

    def __str__(self) -> str:
        return f"{self.victim} after {self.delay_seconds * 1000:.0f} ms"

    async def strike(self, demo: RunningDemo) -> None:
        """Kill it and bring it back."""
        await asyncio.sleep(self.delay_seconds)
        if self.victim == BROKER_CONNECTION:
            await demo.wire.cut()
            await asyncio.sleep(AWAY_SECONDS)
            await demo.wire.mend()
            return
        process = demo.stack.processes[self.victim]
        await process.kill()
        await asyncio.sleep(AWAY_SECONDS)
        await process.start()


def random_kill(random: Random, victim: str | None = None) -> Kill:
    """A kill at a random time, of a random victim unless one is named."""
    return Kill(victim or random.choice(VICTIMS), random.uniform(0, LONGEST_DELAY_SECONDS))

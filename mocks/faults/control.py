"""Which fault hits a request: that of its header, else that of the door, else that of the scenario."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mocks.faults.fault import NOTHING, Fault, read_fault, read_short_fault
from mocks.faults.scenario import Scenario
from mocks.refusal import read_object

HEADER = b"jiyi-fault"


class Faults:
    """The faults that are on now, and the door that sets one. ``go_offline`` is the server's."""

    def __init__(self, fault: Fault | None = None, scenario: Scenario | None = None, seed: int = 0) -> None:
        self.fault = fault or NOTHING
        self.of_scenario = NOTHING
        self.scenario = scenario
        self.random = Random(f"faults {seed}")
        self.go_offline: Callable[[float], None] = lambda _seconds: None
        self._since = time.monotonic()
        self._requests = 0
        self._came = asyncio.Event()

    async def door(self, request: Request) -> Response:
        """``GET`` shows, ``POST`` replaces, ``DELETE`` ends the fault."""
        if request.method == "POST":
            self.set(read_fault(await read_object(request)))
        elif request.method == "DELETE":
            self.set(NOTHING)
        return JSONResponse(self.fault.told())

    def set(self, fault: Fault) -> None:
        """From now on this one."""
        self.fault = fault
        self._since = time.monotonic()
        if fault.offlineSeconds:
            self.fault = replace(fault, offlineSeconds=0)
            self.go_offline(fault.offlineSeconds)

    def take(self, path: str, header: bytes | None = None) -> Fault:
        """The fault that hits this request, counting it. Raises ``Refused`` for a wrong header."""
        self._requests += 1
        self._came.set()
        if header is not None:
            return self._if_hit(read_short_fault(header.decode("latin-1")))
        if self.fault == NOTHING:
            return self._if_hit(self.of_scenario) if self.of_scenario.hits_path(path) else NOTHING
        if not self.fault.hits_path(path):
            return NOTHING
        hit = self._if_hit(self.fault)
        if hit.times is not None:
            left = hit.times - 1
            after = Fault(duplicateEvents=hit.duplicateEvents)
            self.fault = replace(self.fault, times=left) if left > 0 else after
        return hit

    def _if_hit(self, fault: Fault) -> Fault:
        """The fault, if chance and the time of flapping have it hit."""
        if fault.downSeconds:
            into = (time.monotonic() - self._since) % (fault.upSeconds + fault.downSeconds)
            if into < fault.upSeconds:
                return Fault(duplicateEvents=fault.duplicateEvents)
        return fault if fault.rate >= 1 or self.random.random() < fault.rate else NOTHING

    async def play(self) -> None:
        """Walk through the scenario, for as long as the mock serves."""
        while self.scenario is not None:
            for step in self.scenario.steps:
                self._since = time.monotonic()
                self.of_scenario = replace(step.fault, offlineSeconds=0)
                if step.fault.offlineSeconds:
                    self.go_offline(step.fault.offlineSeconds)
                if step.seconds is not None:
                    await asyncio.sleep(step.seconds)
                elif step.requests is not None:
                    await self._wait_for(step.requests)
                else:
                    return
            if not self.scenario.repeat:
                self.of_scenario = NOTHING
                return

    async def _wait_for(self, requests: int) -> None:
        until = self._requests + requests
        while self._requests < until:
            self._came.clear()
            await self._came.wait()

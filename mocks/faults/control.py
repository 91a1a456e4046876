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
            return self._of_header(read_short_fault(header.decode("latin-1")), path)
        if self.fault == NOTHING:
            hit, self.of_scenario = self._hit(self.of_scenario, path)
        else:
            hit, self.fault = self._hit(self.fault, path)
        return hit

    def _of_header(self, fault: Fault, path: str) -> Fault:
        """For this request alone; being offline is for everybody."""
        if fault.offlineSeconds and fault.hits_path(path):
            self.go_offline(fault.offlineSeconds)
        return self._hit(fault, path)[0]

    def _hit(self, fault: Fault, path: str) -> tuple[Fault, Fault]:
        """What hits a request to this path, and what is on after it."""
        hit = self._if_hit(fault) if fault.hits_path(path) else NOTHING
        if hit.times is None:
            return hit, fault
        left = hit.times - 1
        return hit, replace(fault, times=left) if left > 0 else Fault(duplicateEvents=hit.duplicateEvents)

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

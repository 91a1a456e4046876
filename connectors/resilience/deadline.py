"""An end by the loop's clock that everything done for one request shares."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from connectors.http_message import failure
from schema.errors import RuntimeCode

_Result = TypeVar("_Result")


async def until(ends: float, work: Awaitable[_Result]) -> _Result:
    """What ``work`` gives. Raises DEPARTMENT_TIMEOUT at ``ends``."""
    try:
        async with asyncio.timeout_at(ends):
            return await work
    except TimeoutError as error:
        raise failure(RuntimeCode.DEPARTMENT_TIMEOUT, "deadline of the connector") from error

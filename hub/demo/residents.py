"""Whom one can sign in as: asked from the mock departments' own programme, never imported."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Resident:
    """``id`` is the opaque id that tokens carry, ``id_number`` what a person types to sign in."""

    id: str
    id_number: str
    name: str


@lru_cache(maxsize=1)
def residents() -> tuple[Resident, ...]:
    """The demo residents, always in the same order."""
    root = Path(__file__).resolve().parents[2]
    answer = subprocess.run(
        [sys.executable, "-m", "mocks.people"], cwd=root, capture_output=True, check=True, timeout=30
    )
    return tuple(Resident(each["id"], each["id_number"], each["name"]) for each in json.loads(answer.stdout))


def citizen() -> Resident:
    """The one who walks the road."""
    return residents()[0]


def stranger() -> Resident:
    """Another citizen, who must see nothing of the first."""
    return residents()[1]


def staff() -> Resident:
    """The one who looks after the connectors of :data:`hub.demo.stack.STAFFED`."""
    return residents()[-2]


def operator() -> Resident:
    """The one who also holds the operator role."""
    return residents()[-1]

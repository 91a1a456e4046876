"""Whom one can sign in as: asked from the mock departments' own programme, never imported."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Resident:
    """``id`` is the opaque id that tokens carry, ``id_number`` what a person types to sign in; ``typed`` is what
    else stands in the form, of whoever has no resident card."""

    id: str
    id_number: str
    name: str
    typed: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=1)
def residents() -> tuple[Resident, ...]:
    """The demo residents, always in the same order."""
    return tuple(Resident(each["id"], each["id_number"], each["name"]) for each in _people())


@lru_cache(maxsize=1)
def residents_from_elsewhere() -> tuple[Resident, ...]:
    """One with a residence permit, one with a passport; neither is one of the demo residents."""
    by_permit, by_passport = _people("--elsewhere")
    issuer, _, number = by_passport["documents"][-1].partition("-")
    return (
        Resident(
            by_permit["id"],
            by_permit["id_number"],
            by_permit["name"],
            (("document_type", "HONG_KONG_MACAO_PERMIT"),),
        ),
        Resident(
            by_passport["id"],
            number,
            by_passport["name"],
            (("document_type", "PASSPORT"), ("issuing_country", issuer)),
        ),
    )


def _people(*options: str) -> list[dict[str, Any]]:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "mocks.people", *options]
    answer = subprocess.run(command, cwd=root, capture_output=True, check=True, timeout=30)  # noqa: S603  our own words
    found: list[dict[str, Any]] = json.loads(answer.stdout)
    return found


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

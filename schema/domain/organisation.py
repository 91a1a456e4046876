"""Organisations: who owns an item, issues a licence, is paid a fee."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Organisation:
    """``code`` is region and local part; ``department`` names the connector side, if it has one."""

    code: str
    name: str
    name_en: str
    department: str | None = None

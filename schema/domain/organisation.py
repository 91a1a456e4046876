"""Organisations: who owns an item, issues a licence, is paid a fee; and the places where they are met.

Source: domain.md, "People, organisations, roles"; art. 10, 11, 13.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
EARTH_METRES = 6_371_000


class Level(StrEnum):
    """The three linked levels (区、街道、社区三级联动)."""

    DISTRICT = "DISTRICT"
    SUBDISTRICT = "SUBDISTRICT"
    COMMUNITY = "COMMUNITY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """``code`` is region and local part; ``department`` names the connector side, if it has one.

    ``parent`` is the code of the organisation above; the tree's roots have none.
    """

    code: str
    name: str
    name_en: str
    department: str | None = None
    level: Level = Level.DISTRICT
    parent: str | None = None


class PlaceKind(StrEnum):
    HALL = "HALL"
    SPECIALISED_HALL = "SPECIALISED_HALL"
    STATION = "STATION"
    KIOSK = "KIOSK"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """One stretch of a week, in local time. ``days``: 1 is Monday. Extended hours (延时) are marked."""

    days: tuple[int, ...]
    opens: time
    closes: time
    is_extended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A window of a place. A comprehensive one (综合窗口) takes every item."""

    number: str
    name: str
    name_en: str
    is_comprehensive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one can go. Coordinates are degrees (WGS 84)."""

    code: str
    name: str
    name_en: str
    organisation: str
    kind: PlaceKind = PlaceKind.HALL
    address: str = ""
    address_en: str = ""
    latitude: float | None = None
    longitude: float | None = None
    telephone: str = ""
    hours: tuple[OpeningHours, ...] = ()
    windows: tuple[Window, ...] = ()

    def is_open(self, at: datetime) -> bool:
        """By its ordinary week; holidays are the calendar's matter."""
        local = at.astimezone(BEIJING)
        return any(
            local.isoweekday() in hours.days and hours.opens <= local.time() < hours.closes for hours in self.hours
        )

    def distance_metres(self, latitude: float, longitude: float) -> int | None:
        """Along the earth's surface; ``None`` where the place has no coordinates."""
        if self.latitude is None or self.longitude is None:
            return None
        north, east = radians(self.latitude - latitude), radians(self.longitude - longitude)
        across = cos(radians(latitude)) * cos(radians(self.latitude)) * sin(east / 2) ** 2
        return round(2 * EARTH_METRES * asin(sqrt(sin(north / 2) ** 2 + across)))


def nearest(places: Iterable[Place], latitude: float, longitude: float) -> tuple[tuple[Place, int], ...]:
    """Places with coordinates, the nearest first, with the metres between."""
    measured = ((place, place.distance_metres(latitude, longitude)) for place in places)
    known = [(place, metres) for place, metres in measured if metres is not None]
    return tuple(sorted(known, key=lambda found: (found[1], found[0].code)))

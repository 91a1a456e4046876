"""Find service items: by word, synonym, pinyin and its initials, and by what they are.

Source: domain.md, "Service item and case"; art. 8, 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schema.domain.case import Channel
from schema.domain.catalogue import Catalogue
from schema.domain.organisation import Level
from schema.domain.party import ApplicantKind
from schema.domain.service_item import ServiceItem
from schema.domain.word_search import Syllables, is_found


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """What is looked for; what is not set does not matter. Codes of catalogue entries throughout."""

    words: str | None = None
    life_event: str | None = None
    place: str | None = None
    level: Level | None = None
    category: str | None = None
    channel: Channel | None = None
    organisation: str | None = None
    applicant: ApplicantKind | None = None


def find_items(
    catalogue: Catalogue, wanted: ItemFilter, now: datetime, syllables: Syllables
) -> tuple[ServiceItem, ...]:
    """Items in force that are all of what is wanted, in order of code."""
    words = (wanted.words or "").casefold().split()
    return tuple(
        item
        for item in catalogue.in_force(now)
        if _fits(catalogue, item, wanted)
        and all(is_found(word, catalogue.text_of(item), (item.name, *item.synonyms), syllables) for word in words)
    )


def _fits(catalogue: Catalogue, item: ServiceItem, wanted: ItemFilter) -> bool:
    return (
        (wanted.life_event is None or wanted.life_event in item.life_events)
        and (wanted.level is None or wanted.level in item.levels)
        and (wanted.category is None or wanted.category == item.category)
        and (wanted.channel is None or wanted.channel in item.channels)
        and (wanted.organisation is None or wanted.organisation == item.organisation)
        and (wanted.applicant is None or wanted.applicant in item.who_may_apply)
        and (wanted.place is None or any(each.code == wanted.place for each in catalogue.places_of(item)))
    )

"""The knowledge base: published answers, found by word, synonym and sound, or by likeness to a question.

What is published names nobody: numbers that could are refused before. Source: docs/enquiries.md (art. 14).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schema.domain.word_search import Syllables, is_found

LIKE_ENOUGH = 0.2
"""Of the pairs of characters that a question and an entry have, how many they share (Dice) to be shown."""
_NOT_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class KnowledgeEntry:
    """One published question with its answer. ``names`` are its item's name and synonyms, ``keywords`` its own."""

    id: str
    question: str
    answer: str
    published_at: datetime
    item_code: str | None = None
    department: str | None = None
    keywords: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def find_entries(
    entries: Iterable[KnowledgeEntry], words: str, item_code: str | None, syllables: Syllables
) -> tuple[KnowledgeEntry, ...]:
    """Entries in which every word is found, the newest first; all of them for no words."""
    wanted = words.casefold().split()
    found = [
        each
        for each in entries
        if item_code in (None, each.item_code)
        and all(is_found(word, _text_of(each), _spoken(each), syllables) for word in wanted)
    ]
    return tuple(sorted(found, key=lambda each: (each.published_at, each.id), reverse=True))


def similar_entries(entries: Iterable[KnowledgeEntry], question: str, most: int) -> tuple[KnowledgeEntry, ...]:
    """Entries like a question that somebody is about to ask, the likest first."""
    asked = _pairs(question)
    ranked = [(_likeness(asked, _pairs(" ".join((each.question, *each.keywords)))), each) for each in entries]
    alike = [(likeness, each) for likeness, each in ranked if likeness >= LIKE_ENOUGH]
    ordered = sorted(alike, key=lambda pair: (-pair[0], pair[1].id))
    return tuple(each for _, each in ordered[:most])


def _text_of(entry: KnowledgeEntry) -> str:
    return " ".join((entry.question, entry.answer, *entry.keywords, *entry.names)).casefold()


def _spoken(entry: KnowledgeEntry) -> tuple[str, ...]:
    return (entry.question, *entry.keywords, *entry.names)


def _pairs(text: str) -> Counter[str]:
    plain = _NOT_WORDS.sub("", text.casefold())
    return Counter(plain[at : at + 2] for at in range(len(plain) - 1))


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0

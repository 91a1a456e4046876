"""How Chinese names sound, in letters; the one door to the library that knows."""

from __future__ import annotations

from functools import lru_cache

KEPT_NAMES = 20_000


@lru_cache(maxsize=KEPT_NAMES)
def syllables(text: str) -> tuple[str, ...]:
    """The syllables without tones; a stretch that is not Chinese is one syllable as it stands."""
    from pypinyin import lazy_pinyin  # its dictionary is large: only whoever searches by sound loads it

    return tuple(sound.casefold() for sound in lazy_pinyin(text) if sound)

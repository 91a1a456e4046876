"""Whether a word is found in what something says or is called: as written, as it sounds, or by its initials.

Chinese is typed in letters on a television or by those who do not know the character, so letters also match
what a name sounds like. Source: domain.md, "Service item and case"; art. 8, 10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

Syllables = Callable[[str], tuple[str, ...]]
"""The syllables of a Chinese text in lower-case letters without tones."""
SHORTEST_SOUND = 2
"""One letter sounds like too much."""


def is_found(word: str, text: str, names: Iterable[str], syllables: Syllables) -> bool:
    """``word`` and ``text`` are case-folded; ``names`` are what may be spelt by its sound."""
    if word in text:
        return True
    if not (word.isascii() and word.isalpha() and len(word) >= SHORTEST_SOUND):
        return False
    return any(_sounds_like(word, syllables(name)) for name in names)


def _sounds_like(word: str, sounds: tuple[str, ...]) -> bool:
    """Whether the word begins at a syllable and goes on as they do, or is a run of their first letters."""
    if word in "".join(sound[0] for sound in sounds):
        return True
    return any("".join(sounds[begin:]).startswith(word) for begin in range(len(sounds)))

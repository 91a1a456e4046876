"""Names in Latin letters: Chinese by its sound, ``编号`` is ``bian hao``; other letters without their accents."""

from __future__ import annotations

import unicodedata


def in_latin_letters(text: str) -> str:
    if text.isascii():
        return text
    from pypinyin import lazy_pinyin  # its dictionary is large: only whoever has such names loads it

    plain = "".join(
        each for each in unicodedata.normalize("NFKD", text.replace("ß", "ss")) if not unicodedata.combining(each)
    )
    return " ".join(lazy_pinyin(plain))

"""Which language a page speaks: Simplified Chinese first, English by a switch that is remembered."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Literal, cast

from starlette.requests import Request
from starlette.responses import Response

Language = Literal["zh-CN", "en"]

COOKIE = "jiyi_language"
LANGUAGES: Mapping[str, Language] = {"zh-CN": "zh-CN", "zh": "zh-CN", "en": "en"}
OWN_NAMES: Mapping[Language, str] = {"zh-CN": "简体中文", "en": "English"}
_ONE_YEAR_SECONDS = 31_536_000


def language_of(request: Request) -> Language:
    """What the address asks for, else what this browser chose before, else Chinese."""
    asked = LANGUAGES.get(request.query_params.get("lang", ""))
    return asked or LANGUAGES.get(request.cookies.get(COOKIE, ""), "zh-CN")


def remember_language(request: Request, response: Response) -> None:
    """Keep a choice that the address made, where a person went to it.

    A page that fetches itself again in the background (Fetch Metadata, ``Sec-Fetch-Mode``) chooses nothing: its
    answer may arrive after the person has switched the language elsewhere.
    """
    if request.headers.get("sec-fetch-mode", "navigate") != "navigate":
        return
    if chosen := LANGUAGES.get(request.query_params.get("lang", "")):
        response.set_cookie(COOKIE, chosen, max_age=_ONE_YEAR_SECONDS, httponly=True, samesite="lax")


@lru_cache(maxsize=1)
def all_texts() -> Mapping[str, Mapping[Language, str]]:
    """Every text by its key, in both languages."""
    found: dict[str, Mapping[Language, str]] = {}
    for file in sorted(resources.files("hub.portal.texts").iterdir(), key=lambda each: each.name):
        if not file.name.endswith(".toml"):
            continue
        for section, entries in tomllib.loads(file.read_text(encoding="utf-8")).items():
            for name, pair in entries.items():
                found[f"{section}.{name}"] = {"zh-CN": pair[0], "en": pair[1]}
    return found


class Texts:
    """``texts("cases.title", count=3)``: a text of one language, with values put in."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        text = all_texts()[key][self.language]
        return text.format(**values) if values else text

    def or_none(self, key: str) -> str | None:
        """For keys made from codes that may be new to us."""
        pair = all_texts().get(key)
        return pair[self.language] if pair else None

    def pick(self, chinese: object, english: object) -> str:
        """Of two names of one thing the one in this language; the other where it is missing."""
        first, second = (chinese, english) if self.language == "zh-CN" else (english, chinese)
        return cast("str", first or second or "")

"""What leaves the hub says nothing of a person. Source: domain.md, 9.10, "never personal data in an SMS"."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.notice import NoticeKind
from schema.domain.notice_preference import GROUPS, NoticeGroup, NoticeLanguage
from schema.domain.notice_words import LONGEST_SMS, TAIL, code_text, outside_text
from schema.domain.receipt_number import receipt_number

OUTSIDE_KINDS = sorted(kind for kind, group in GROUPS.items() if group is not NoticeGroup.OFFICE)
CARD_ZH = "【一网通办】您的办件（尾号6789-4）有新通知，请登录一网通办查看。"
NUMBER = receipt_number(datetime(2026, 11, 23, tzinfo=UTC), 123456789)


@pytest.mark.parametrize(
    ("kind", "number", "language", "text"),
    [
        (
            NoticeKind.CARD,
            NUMBER,
            NoticeLanguage.ZH,
            CARD_ZH,
        ),
        (
            NoticeKind.SUPPLEMENT_REQUESTED,
            NUMBER,
            NoticeLanguage.ZH,
            "【一网通办】您的办件（尾号6789-4）有限期办理的通知，请尽快登录一网通办查看。",
        ),
        (NoticeKind.LICENCE, None, NoticeLanguage.EN, "[Jiyi] A licence of yours has news. Sign in to read."),
        (
            NoticeKind.DECIDED,
            NUMBER,
            NoticeLanguage.EN,
            "[Jiyi] Your case (…6789-4) has news with a time limit. Sign in soon.",
        ),
    ],
)
def test_texts(kind: NoticeKind, number: str | None, language: NoticeLanguage, text: str) -> None:
    assert outside_text(kind, number, language).text == text


@given(st.sampled_from(OUTSIDE_KINDS), st.integers(0, 10**10 - 1), st.sampled_from(NoticeLanguage))
def test_a_message_is_the_template_and_the_end_of_the_number(
    kind: NoticeKind, serial: int, language: NoticeLanguage
) -> None:
    """Whatever the case, nothing varies but six characters: no room for a name, a number, an amount, a reason."""
    number = receipt_number(datetime(2026, 11, 23, tzinfo=UTC), serial)
    said = outside_text(kind, number, language)
    silent = outside_text(kind, None, language)
    rest = re.sub(r"（尾号.{6}）| \(….{6}\)", "", said.text)
    assert rest == silent.text
    assert said.subject == silent.subject
    assert number not in said.text
    assert len(re.findall(r"\d", silent.text)) == 0
    assert said.text.count(number[-TAIL:]) == (1 if GROUPS[kind] is NoticeGroup.CASES else 0)


@pytest.mark.parametrize("language", NoticeLanguage)
@pytest.mark.parametrize("kind", OUTSIDE_KINDS)
def test_a_message_is_one_sms(kind: NoticeKind, language: NoticeLanguage) -> None:
    """Seventy characters of UCS-2: a second part costs again, and arrives apart."""
    assert len(outside_text(kind, NUMBER, language).text) <= LONGEST_SMS


@pytest.mark.parametrize("language", NoticeLanguage)
def test_a_code_is_said_once(language: NoticeLanguage) -> None:
    said = code_text("123456", language)
    assert said.text.count("123456") == 1
    assert "123456" not in said.subject

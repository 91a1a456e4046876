"""Large answers wait on the wire: how many are read at once, and how fast."""

from __future__ import annotations

from connectors.http_large_answers import AT_ONCE, BREATH_SECONDS, LONG_BREATH_SECONDS, LargeAnswers


class Answer:
    """Notes whether it may be read."""

    is_paused = False

    def pause(self) -> None:
        self.is_paused = True

    def go_on(self) -> None:
        self.is_paused = False


async def test_a_few_are_read_and_the_next_one_follows_who_has_ended() -> None:
    """In the order in which they came."""
    large, answers = LargeAnswers(), [Answer() for _ in range(AT_ONCE + 2)]
    for each in answers:
        large.enter(each)
    assert [each.is_paused for each in answers] == [False] * AT_ONCE + [True, True]
    large.leave(answers[0])
    assert [each.is_paused for each in answers[AT_ONCE:]] == [False, True]


def test_an_origin_that_sent_too_much_is_read_slowly_for_a_minute() -> None:
    """What it sends next will be thrown away too, and nobody else should wait for that."""
    large = LargeAnswers()
    assert large.breath_seconds(100.0) == BREATH_SECONDS
    large.note_too_large(100.0)
    assert [large.breath_seconds(now) for now in (100.0, 159.9, 160.0)] == [
        LONG_BREATH_SECONDS,
        LONG_BREATH_SECONDS,
        BREATH_SECONDS,
    ]

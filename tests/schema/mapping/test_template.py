"""Templates: expressions in braces, and the host that stays fixed."""

from __future__ import annotations

import pytest

from schema.mapping import MappingSyntaxError, parse_template, parse_url


@pytest.mark.parametrize(
    "text",
    [
        "/licences/{$args.number}?holder={$this.idNumber}",
        '/by-ids?ids={$batch.id->joinNotNull(",")}',
        "https://example.org/{$config.tenant}/x",
        "https://example.org?x={$args.x}",
        "?page={$args.page}",
        "/plain",
    ],
)
def test_a_url_template_prints_as_it_was_written(text: str) -> None:
    """Texts and expressions in turn, nothing lost."""
    assert str(parse_url(text)) == text


def test_what_may_not_stand_in_a_url_is_encoded() -> None:
    """Fixed parts are whoever wrote them's own business, but for what no server could read."""
    assert str(parse_url("/a b/集?c=%20&d=(1),[2]|3}")) == "/a%20b/%E9%9B%86?c=%20&d=(1),[2]%7C3%7D"


def test_lines_of_a_url_are_for_the_reader() -> None:
    """Long URLs are written over several lines in block strings."""
    assert str(parse_url("/a\n  ?b={$args.b}\n  &c=1")) == "/a?b={$args.b}&c=1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("https://{$args.host}/x", "host must be written out"),
        ("https://example.org{$args.suffix}/x", "host must be written out"),
        ("{$args.path}", "host must be written out"),
        ("https://example.org:{$args.port}/", "host must be written out"),
        ("/x/{$args.a", 'Expected "}"'),
        ("/x/{id}", "needs a variable in front"),
        ("/x/{$args.a b}", 'Expected "}"'),
    ],
)
def test_a_url_that_cannot_be_is_refused(text: str, message: str) -> None:
    """Whom the hub calls is decided at registration, never by a value."""
    with pytest.raises(MappingSyntaxError, match=message):
        parse_url(text)


def test_a_header_may_begin_with_an_expression() -> None:
    """Only URLs have a host to protect."""
    assert str(parse_template("{$config.token}")) == "{$config.token}"

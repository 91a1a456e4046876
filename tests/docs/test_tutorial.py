"""The tutorial is short, and what it says to write is right; that it leads there is typed in tests/acceptance."""

from __future__ import annotations

import tomllib

import pytest

from hub.cli.lint import lint_connector
from hub.workbench.specification import kind_of
from tests.docs.tutorial import KINDS, Written, read_page

MOST_COMMANDS = 12
MOST_LINES = 40


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_at_most_twelve_commands_and_forty_lines(kind: str) -> None:
    """Ten minutes, with time to read."""
    page = read_page(kind)
    assert 0 < len(page.commands) <= MOST_COMMANDS
    assert 0 < sum(file.lines for file in page.files) <= MOST_LINES
    assert page.answer["data"]["me"]["parkingPermits"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_of_a_page_is_right(kind: str) -> None:
    """Each is read by what it is for."""
    for file in read_page(kind).files:
        check(file)


def check(file: Written) -> None:
    if file.name.endswith(".graphql"):
        rest_or_queue = "queue" if kind_of(file.text) == "sql" else kind_of(file.text)
        assert lint_connector("parking", file.text, rest_or_queue)["errors"] == []
    elif file.name.endswith(".toml"):
        assert tomllib.loads(file.text)["department"] == "parking"
    elif file.name.endswith(".py"):
        compile(file.text, file.name, "exec")

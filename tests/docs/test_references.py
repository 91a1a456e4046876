"""What the sources say of the documents, and the documents of the sources, is there."""

from __future__ import annotations

import re
import shlex

import typer.main
from typer.core import TyperGroup

from connectors.agent_settings import _KEYS
from hub.cli.commands import app
from tests.docs.links import ROOT

_REFERENCE = re.compile(r'(docs/[\w/-]+\.md), "([^"]+)"')
_OWN_FLAGS = {"--help", "-h"}


def references() -> set[tuple[str, str]]:
    """Every document and heading in it that a source names; line breaks in docstrings do not count."""
    folders = ("hub", "schema", "connectors", "auth", "tests")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    texts = (re.sub(r"\s+", " ", file.read_text(encoding="utf-8")) for file in files)
    return {found for text in texts for found in _REFERENCE.findall(text)}


def verbs() -> dict[str, set[str]]:
    """``jiyi connector check`` -> its flags, for every verb."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    found: dict[str, set[str]] = {}
    waiting = [("jiyi", root)]
    while waiting:
        path, group = waiting.pop()
        for name, command in group.commands.items():
            if isinstance(command, TyperGroup):
                waiting.append((f"{path} {name}", command))
            if not isinstance(command, TyperGroup) or command.invoke_without_command:
                flags = {flag for each in command.params for flag in (*each.opts, *each.secondary_opts)}
                found[f"{path} {name}"] = {flag for flag in flags if flag.startswith("-")} - _OWN_FLAGS
    return found


def test_every_heading_that_a_source_refers_to_exists() -> None:
    """A reader who follows a docstring arrives."""
    missing = []
    for file, heading in sorted(references()):
        document = ROOT / file
        text = document.read_text(encoding="utf-8") if document.is_file() else ""
        if not re.search(rf"^#+ {re.escape(heading)}$", text, re.MULTILINE) and f"**{heading}**" not in text:
            missing.append(f"{file}, {heading}")
    assert missing == []


def test_every_verb_and_flag_of_the_command_line_has_its_line() -> None:
    """docs/command-line.md is complete."""
    document = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    known = verbs()
    assert len(known) > 15
    assert sorted(verb for verb in known if f"`{verb}" not in document) == []
    flags = {flag for each in known.values() for flag in each}
    assert sorted(flag for flag in flags if flag not in document) == []


def test_the_command_line_document_names_no_flag_that_does_not_exist() -> None:
    """What it says can be typed."""
    document = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    flags = {flag for each in verbs().values() for flag in each}
    general = {"--version", "--install-completion", "--show-completion", "--format"}
    assert set(re.findall(r"--[a-z][a-z-]+", document)) - flags - general == set()


def commands_in(text: str) -> list[list[str]]:
    """Every `jiyi …` line of a document's code blocks, in words."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = (line for block in blocks for line in block.replace("\\\n", " ").splitlines())
    return [shlex.split(line, comments=True) for line in lines if re.match(r"(\S*/)?jiyi ", line)]


def test_every_command_in_quickstarts_and_tutorial_can_be_typed() -> None:
    """The verb exists, and so does each of its flags."""
    known, wrong = verbs(), []
    for file in sorted((ROOT / "docs").glob("[qt]u*/*.md")):
        for words in commands_in(file.read_text(encoding="utf-8")):
            verb = next((v for n in (3, 2) if (v := " ".join(["jiyi", *words[1:n]])) in known), None)
            flags = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)} - {"--help", "-h"}
            if verb is None or flags - known[verb]:
                wrong.append((file.name, " ".join(words)))
    assert wrong == []


def test_every_key_of_the_agents_file_has_its_line() -> None:
    """docs/departments.md is the complete reference of agent.toml, and invents nothing."""
    document = (ROOT / "docs" / "departments.md").read_text(encoding="utf-8")
    tables = {section for section in _KEYS if section}
    keys = {f"{section}.{key}" if section else key for section, known in _KEYS.items() for key in known} - tables
    table = document[document.index("## `agent.toml`") :]
    assert set(re.findall(r"^\| `([\w.]+)` \|", table, re.MULTILINE)) == keys

"""README's commands are known, its query is valid over the demo's graph, and its answer has the query's shape."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode, parse, validate

from hub.own_subgraph import own_sdl
from mocks import human_resources, public_security
from schema.composition import compose
from schema.subgraph import Subgraph
from schema.supergraph import Supergraph
from tests.docs.links import ROOT
from tests.docs.test_references import verbs

READMES = ("README.md", "docs/README.zh-CN.md")
GUIDES = (*READMES, *sorted(str(file.relative_to(ROOT)) for file in (ROOT / "docs").rglob("*.md")))
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
_ELSEWHERE = {"curl", "export", "|", "-d", "python", "."}


def blocks(file: str, language: str) -> list[str]:
    text = (ROOT / file).read_text(encoding="utf-8")
    return [body for found, body in _BLOCK.findall(text) if found == language]


def commands(file: str) -> list[list[str]]:
    """The command lines in a document's shell blocks, as words; continued lines are one."""
    lines = (line for block in blocks(file, "sh") for line in block.replace("\\\n", " ").splitlines())
    return [line.split("#")[0].split() for line in lines if line.split("#")[0].strip()]


@pytest.fixture(scope="module")
def road() -> Supergraph:
    """The graph of the demo with all six departments."""
    files = sorted(Path(ROOT, "mocks", "connectors").glob("*.graphql"))
    composition = compose(
        (
            Subgraph("hub", own_sdl()),
            *(Subgraph(file.stem, file.read_text(encoding="utf-8")) for file in files),
            Subgraph("public-security", public_security.SCHEMA.as_str()),
            Subgraph("human-resources", human_resources.SCHEMA.as_str()),
        )
    )
    assert composition.supergraph is not None, composition.errors
    return composition.supergraph


@pytest.mark.parametrize("file", GUIDES)
def test_every_command_is_one_that_we_have(file: str) -> None:
    """Who types what a document says is not told that there is no such thing."""
    assert [words for words in commands(file) if not is_known(words)] == []


def is_known(words: list[str]) -> bool:
    program = words[0]
    if program == "make":
        targets = set(_TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
        return all(word in targets or "=" in word for word in words[1:])
    if program == ".venv/bin/python":
        module = words[words.index("-m") + 1].replace(".", "/")
        return (ROOT / f"{module}.py").is_file() or (ROOT / module / "__main__.py").is_file()
    if program in (".venv/bin/jiyi", "jiyi"):
        return is_known_verb(words[1:])
    return program in _ELSEWHERE or program.startswith(("TOKEN=", '"'))


def is_known_verb(words: list[str]) -> bool:
    known = verbs()
    if words[0] in {"--help", "--version"}:
        return True
    verb = next((f"jiyi {' '.join(words[:n])}" for n in (2, 1) if f"jiyi {' '.join(words[:n])}" in known), None)
    flags = {word for word in words if word.startswith("-")}
    return verb is not None and flags <= known[verb]


@pytest.mark.parametrize("file", READMES)
def test_the_query_and_its_answer_stand_on_the_first_screen(file: str) -> None:
    """Whoever opens the page sees what it is by line 20."""
    first = "\n".join((ROOT / file).read_text(encoding="utf-8").splitlines()[:20])
    assert [language for language, _ in _BLOCK.findall(first)] == ["graphql", "json"]


@pytest.mark.parametrize("file", READMES)
def test_the_query_is_valid_over_the_graph_of_the_demo(file: str, road: Supergraph) -> None:
    """It can be pasted."""
    for query in blocks(file, "graphql"):
        assert validate(road.api_schema, parse(query)) == []


@pytest.mark.parametrize("file", READMES)
def test_the_answer_has_the_shape_of_the_query(file: str) -> None:
    """The answer is one to this query."""
    (query,), (answer,) = blocks(file, "graphql"), blocks(file, "json")
    operation = parse(query).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    assert_shape(operation.selection_set, json.loads(answer)["data"])


def assert_shape(selection: SelectionSetNode, value: Any) -> None:
    for each in value if isinstance(value, list) else [value]:
        assert isinstance(each, Mapping)
        fields = [node for node in selection.selections if isinstance(node, FieldNode)]
        assert [node.name.value for node in fields] == list(each)
        for node in fields:
            if node.selection_set is not None:
                assert_shape(node.selection_set, each[node.name.value])


@pytest.mark.parametrize("file", ["docs/quickstart/app-developers.md"])
def test_the_operations_of_the_quickstart_are_valid(file: str, road: Supergraph) -> None:
    """What an app developer pastes works."""
    found = blocks(file, "graphql")
    assert len(found) >= 3
    assert [problem.message for text in found for problem in validate(road.api_schema, parse(text))] == []


@pytest.mark.parametrize("file", GUIDES)
def test_every_json_example_is_json(file: str) -> None:
    """It can be copied."""
    for text in blocks(file, "json"):
        json.loads(text)


def test_the_two_readmes_have_the_same_examples() -> None:
    """They are one text in two languages."""
    english, chinese = READMES
    for language in ("graphql", "json"):
        assert blocks(english, language) == blocks(chinese, language)
    assert [shlex.join(words) for words in commands(english)] == [shlex.join(words) for words in commands(chinese)]

"""The lists of subgraphs that users have: our JSON, rover's YAML (supergraph config), wgc's YAML.

``[{"name", "url", "sdl"?}]``; ``subgraphs: {name: {routing_url, schema: {file | subgraph_url | sdl}}}``;
``subgraphs: [{name, routing_url, schema: {file}}]``. What has no SDL is read from its address.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from hub.cli.input import Unreadable, read_text
from hub.standalone.subgraph_list import EXPECTED, ListedSubgraph


def read_list(file: Path, *, may_be_empty: bool = False) -> tuple[ListedSubgraph, ...]:
    """Every entry, with the SDL that stands in it or in the file it names. Raises :class:`Unreadable`."""
    entries = _entries(_parse(file))
    if entries is None:
        raise Unreadable(f"{file}: {EXPECTED}.")
    if not (entries or may_be_empty):
        raise Unreadable(f"{file}: the list is empty. Add a subgraph.")
    return tuple(_listed(entry, file) for entry in entries)


def _parse(file: Path) -> Any:
    text = read_text(file)
    try:
        return json.loads(text)  # a megabyte of it takes YAML's parser ten seconds
    except (json.JSONDecodeError, RecursionError):
        return _parse_yaml(text, file)


class _Loader(yaml.SafeLoader):
    """Refuses a key that is written twice, as YAML demands: the last would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    problem = f'key "{key.value}" is written twice'
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _parse_yaml(text: str, file: Path) -> Any:
    try:
        return yaml.load(text, _Loader)  # noqa: S506  # a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise Unreadable(f"{file}{place}: is neither JSON nor YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise Unreadable(f"{file}: is neither JSON nor YAML: {error}") from None


def _entries(content: Any) -> list[dict[str, Any]] | None:
    listed = content.get("subgraphs") if isinstance(content, Mapping) else content
    if isinstance(listed, Mapping) and all(isinstance(entry, Mapping) for entry in listed.values()):
        return [{"name": name, **entry} for name, entry in listed.items()]
    if isinstance(listed, list) and all(isinstance(entry, Mapping) and "name" in entry for entry in listed):
        return [dict(entry) for entry in listed]
    return None


def _listed(entry: dict[str, Any], file: Path) -> ListedSubgraph:
    name = str(entry["name"])
    url = str(entry.get("url") or entry.get("routing_url") or "")
    schema = entry.get("schema") or {}
    if not isinstance(schema, Mapping):
        raise Unreadable(f'{file}: subgraph "{name}": "schema" must have file, subgraph_url or sdl in it.')
    sdl = entry.get("sdl", schema.get("sdl"))
    if not (sdl is None or isinstance(sdl, str)):
        raise Unreadable(f'{file}: subgraph "{name}": "sdl" must be text.')
    if sdl is not None:
        return ListedSubgraph(name, url, sdl)
    if path := schema.get("file"):
        try:
            return ListedSubgraph(name, url, read_text(file.parent / str(path)))
        except Unreadable as error:
            raise Unreadable(f'{file}: subgraph "{name}": {error}') from None
    address = str(schema.get("subgraph_url") or url)
    if not address:
        raise Unreadable(f'{file}: subgraph "{name}" has neither sdl, file nor url.')
    return ListedSubgraph(name, url or address, described_at=address)

"""The text of an API description as JSON values: JSON, or YAML read as YAML 1.2's core schema has it.

YAML 1.1 makes dates of text and truth of "no"; neither is meant here. What a few lines of aliases would grow to is
bounded. Source: YAML 1.2.2, section 10.3 "Core Schema".
"""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

MOST_VALUES = 5_000_000
DEEPEST = 200
_MOST_MERGED = 100_000


class BadDocument(ValueError):
    """The text is neither JSON nor YAML, or would grow without bounds."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # libyaml is ten times as fast
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # as PyYAML declares it
    merged = 0

    def flatten_mapping(self, node: Any) -> None:
        super().flatten_mapping(node)
        self.merged += len(node.value)
        if self.merged > MOST_VALUES or len(node.value) > _MOST_MERGED:
            raise BadDocument("Its merge keys (<<) grow without bounds. Write the mappings out.")


for _tag, _pattern, _first in (
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,30})\Z", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?\Z", "-+0123456789."),
    ("null", r"(?:~|null|Null|NULL|)\Z", "~nN"),
    ("merge", r"<<\Z", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), [*_first])
_Loader.yaml_implicit_resolvers.setdefault("", []).append(("tag:yaml.org,2002:null", re.compile(r"\Z")))


def read_document(text: str) -> Any:
    """Raises :class:`BadDocument`."""
    text = text.removeprefix("\ufeff")
    if text.lstrip()[:1] in ("{", "["):
        try:
            return _Plain().of(json.loads(text), 0)
        except (ValueError, RecursionError) as error:
            if isinstance(error, BadDocument):
                raise
            broken = str(error)
    else:
        broken = ""
    try:
        _check_depth(text)
        loader = _Loader(text)
        try:
            document = loader.get_single_data()
        finally:
            loader.dispose()
    except BadDocument:
        raise
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadDocument(f"It is neither JSON nor YAML: {broken or ' '.join(str(error).split())}") from None
    return _Plain().of(document, 0)


def _check_depth(text: str) -> None:
    """Before libyaml composes it, which takes the process's own stack for every level."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise BadDocument(f"It is nested deeper than {DEEPEST} levels.")


class _Plain:
    """Values of JSON alone, with text for keys. What aliases share stays shared, and is counted each time."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Any, int]] = {}
        self._open: set[int] = set()

    def of(self, value: Any, depth: int) -> Any:
        return self._plain(value, depth)[0]

    def _plain(self, value: Any, depth: int) -> tuple[Any, int]:
        if not isinstance(value, dict | list):
            return (value if isinstance(value, str | int | float | bool | None) else str(value)), 1
        known = self._made.get(id(value))
        if known is not None:
            return known
        if id(value) in self._open or depth > DEEPEST:
            raise BadDocument(f"It is nested deeper than {DEEPEST} levels, or an alias contains itself.")
        self._open.add(id(value))
        made: Any
        if isinstance(value, dict):
            parts = {_key(key): self._plain(each, depth + 1) for key, each in value.items()}
            made, size = {key: each for key, (each, _) in parts.items()}, 1 + sum(n for _, n in parts.values())
        else:
            items = [self._plain(each, depth + 1) for each in value]
            made, size = [each for each, _ in items], 1 + sum(n for _, n in items)
        if size > MOST_VALUES:
            raise BadDocument(f"It has more than {MOST_VALUES} values once its aliases are followed.")
        self._open.discard(id(value))
        self._made[id(value)] = (made, size)
        return made, size


def _key(key: Any) -> str:
    if isinstance(key, bool) or key is None:
        return json.dumps(key)
    return key if isinstance(key, str) else str(key)

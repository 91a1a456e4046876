"""Files that people write for a mock: YAML, TOML or JSON."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import yaml


class UnreadableFile(Exception):
    """The file has not the form; the text names the place and the mend."""


def read_structured(path: Path) -> Any:
    """What stands in the file, by its suffix. Raises :class:`UnreadableFile`."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            return _plain(tomllib.loads(text))
        return json.loads(text) if path.suffix == ".json" else _plain(yaml.safe_load(text))
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from error
    except (ValueError, yaml.YAMLError) as error:
        raise UnreadableFile(f"{path}: {error}") from error


def _plain(value: Any) -> Any:
    """Dates as the text that they were."""
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value

"""``python -m tests.docs.settings``: write docs/settings.md from the code."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from hub.settings import DEFAULT_FILE, Settings

FILE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"

_INTRODUCTION = f"""# Settings

Every setting of the hub, generated from the code (`python -m tests.docs.settings`).

Weight grows from default to file to environment to flag. The file is TOML with the names below at its top level:
`{DEFAULT_FILE}` in the working directory, or the one that `--settings` names. Lists are separated by commas in the
environment. `PORT` is taken like `JIYI_PORT`, which weighs more. In the file an unknown name is an error.
`jiyi settings` prints what is in force and where each value came from, with secrets masked.

Secrets come by file or environment, never by a flag. The agent of a department has a file of its own:
[agent.toml](departments.md#agenttoml).
"""


def render() -> str:
    """The whole document."""
    lines = [_INTRODUCTION, "| name | environment | default | meaning |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        lines.append(f"| `{name}` | `JIYI_{name.upper()}` | {_default(field)} | {_meaning(field)} |")
    return "\n".join(lines) + "\n"


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    if value is None or value == () or isinstance(value, SecretStr) or value == "":
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{', '.join(value) if isinstance(value, tuple) else value}`"


def _meaning(field: FieldInfo) -> str:
    """The description, and the values that are allowed where they are few."""
    text = (field.description or "").replace("|", "\\|")
    if typing.get_origin(field.annotation) is typing.Literal:
        values = ", ".join(f"`{value}`" for value in typing.get_args(field.annotation))
        return f"{text} One of {values}."
    return text


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")

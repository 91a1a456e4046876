"""What every command prints: data on stdout, progress and hints on stderr, one JSON envelope.

Exit codes: 0 done, 1 a check failed or an error, 2 wrong usage, 130 interrupted.
Source: docs/command-line.md.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the JSON envelope; short for --format json.")]


def envelope(data: Mapping[str, Any], error: Mapping[str, Any] | None = None) -> str:
    """The one JSON form of all commands."""
    body = {
        "json_version": "1",
        "data": {"success": error is None, **data},
        "error": dict(error) if error is not None else None,
    }
    return json.dumps(body, ensure_ascii=False, indent=2, default=str)


def note(text: str) -> None:
    """Progress or a hint; never data."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def write(text: str, output: Path | None = None) -> None:
    """Data: to ``output`` or stdout."""
    if output is not None:
        try:
            output.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            fail("OUTPUT_UNWRITABLE", f"{output}: {error.strerror}", exit_code=2)
        return
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def fail(
    code: str,
    message: str,
    *,
    as_json: bool = False,
    details: Any = None,
    data: Mapping[str, Any] | None = None,
    exit_code: int = 1,
) -> NoReturn:
    """Say what is wrong and how to mend it, and leave."""
    if as_json:
        write(envelope(data or {}, {"code": code, "message": message, "details": details}))
    else:
        note(f"{code}: {message}")
    raise typer.Exit(exit_code)

"""Files that a command is given; ``-`` is stdin."""

from __future__ import annotations

import sys
from pathlib import Path

import typer


class Unreadable(Exception):
    """A file cannot be read or is not what it should be; the text names it and the reason."""


def read_text(file: Path) -> str:
    """The whole text. Raises :class:`Unreadable`."""
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except OSError as error:
        raise Unreadable(f"{file}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise Unreadable(f"{file}: is not UTF-8 text (byte {error.start})") from None


def read_bytes(file: Path) -> bytes:
    """The whole file as it is. Raises :class:`Unreadable`."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise Unreadable(f"{file}: {error.strerror or error}") from None


def read_header(text: str) -> tuple[str, str]:
    """``NAME:VALUE``. Raises ``typer.BadParameter``."""
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise typer.BadParameter(f'"{text}" is no header. Write NAME:VALUE.')
    return name.strip(), value.strip()

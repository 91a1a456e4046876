"""``python -m bench.cases.counted FILE ARGUMENTS…``: ``jiyi``, counting statements and transactions in a file."""

from __future__ import annotations

import mmap
import struct
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

_NUMBERS = struct.Struct("QQ")


def read(file: Path) -> tuple[int, int]:
    """Statements that the process has sent so far, and transactions that it has committed."""
    statements, transactions = _NUMBERS.unpack(file.read_bytes())
    return statements, transactions


def count_into(file: Path) -> None:
    """From now on, for all engines of this process."""
    file.write_bytes(_NUMBERS.pack(0, 0))
    with file.open("r+b") as opened:
        shared = mmap.mmap(opened.fileno(), _NUMBERS.size)
    numbers = [0, 0]

    def one_more(which: int) -> None:
        numbers[which] += 1
        shared[:] = _NUMBERS.pack(*numbers)

    def on_statement(*_: Any) -> None:
        one_more(0)

    def on_commit(_: Any) -> None:
        one_more(1)

    event.listen(Engine, "before_cursor_execute", on_statement)
    event.listen(Engine, "commit", on_commit)


def main() -> None:
    count_into(Path(sys.argv[1]))
    sys.argv = ["jiyi", *sys.argv[2:]]
    from hub.cli import main as jiyi

    jiyi()


if __name__ == "__main__":
    main()

"""``python -m mocks``: a mock of any SDL; ``jiyi mock`` runs it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from mocks.generated.command import add_sdl_flags, serve_sdl
from mocks.residents import DEFAULT_SEED
from mocks.structured import UnreadableFile

VERBS: dict[str, tuple[Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], None]]] = {
    "serve": (add_sdl_flags, serve_sdl),
}


def main() -> None:
    """Read the command line and serve until SIGTERM. Exits 2 for a file that cannot be used."""
    arguments = _read_command_line()
    try:
        VERBS[arguments.verb][1](arguments)
    except UnreadableFile as error:
        print(f"UNUSABLE_FILE: {error}", file=sys.stderr)
        sys.exit(2)


def _read_command_line() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m mocks")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, (add_flags, _) in VERBS.items():
        verb = verbs.add_parser(name)
        verb.add_argument("--host", default="127.0.0.1")
        verb.add_argument("--port", type=int, default=0, help="0 takes a free one")
        verb.add_argument("--seed", type=int, default=DEFAULT_SEED, help="the same in all mocks")
        verb.add_argument("--scenario", type=Path, help="faults that come and go: YAML, TOML or JSON")
        add_flags(verb)
    return parser.parse_args()


if __name__ == "__main__":
    main()

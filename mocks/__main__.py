"""``python -m mocks``: a mock of any SDL, a recorder, a replayer; ``jiyi mock`` runs it."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

from mocks.residents import DEFAULT_SEED
from mocks.structured import UnreadableFile

VERBS = {
    "serve": "mocks.generated.command",
    "record": "mocks.recording.recorder",
    "replay": "mocks.recording.replayer",
    "relay": "mocks.queue_relay",
}
"""Each with ``add_flags`` and ``serve``. Only the one that is run is loaded."""


def main() -> None:
    """Read the command line and serve until SIGTERM. Exits 2 for a file that cannot be used."""
    verb = sys.argv[1] if len(sys.argv) > 1 else ""
    if verb not in VERBS:
        sys.exit(f"python -m mocks {'|'.join(VERBS)} …")
    module = import_module(VERBS[verb])
    parser = argparse.ArgumentParser(prog=f"python -m mocks {verb}")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="the same in all mocks")
    parser.add_argument("--scenario", type=Path, help="faults that come and go: YAML, TOML or JSON")
    module.add_flags(parser)
    try:
        module.serve(parser.parse_args(sys.argv[2:]))
    except UnreadableFile as error:
        print(f"UNUSABLE_FILE: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()

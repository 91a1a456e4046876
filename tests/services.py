"""``python -m tests.services``: say before the tests which services are here and what is left out without them."""

from __future__ import annotations

import os
import shutil
import sys

from tests.conftest import OPTIONAL_SERVICES, SERVICES, _is_listening

_LEFT_OUT = {
    "postgresql": "everything on PostgreSQL",
    "rabbitmq": "everything on RabbitMQ",
    "chromium": "the browser tests",
    "node": "the stock clients from npm",
}


def main() -> int:
    """0, or 1 in CI when a service is missing."""
    present = {name: _is_listening(host, port) for name, (host, port) in SERVICES.items()}
    present |= {name: shutil.which(name) is not None for name in ("chromium", "node")}
    for name, (host, port) in OPTIONAL_SERVICES.items():
        if not _is_listening(host, port):
            sys.stdout.write(f"{name} is not here: connectors to it are left out\n")
    missing = sorted(name for name, is_there in present.items() if not is_there)
    for name in missing:
        sys.stdout.write(f"{name} is not here: {_LEFT_OUT[name]} is left out\n")
    if missing and os.environ.get("CI") == "true":
        sys.stdout.write("CI needs all of them\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

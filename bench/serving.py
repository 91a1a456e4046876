"""How a measured server is started: its flags, its core, and the line that says that it serves."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass

from bench.cores import pin


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """``id_number`` is the person asked for; the addresses are the departments' own."""

    port: int
    human_resources: str
    transport: str
    id_number: str

    @classmethod
    def read(cls) -> ServerOptions:
        """Read the command line and take the core that it names."""
        parser = argparse.ArgumentParser()
        parser.add_argument("--port", type=int, required=True)
        parser.add_argument("--human-resources", required=True)
        parser.add_argument("--transport", required=True)
        parser.add_argument("--id-number", required=True)
        parser.add_argument("--core", type=int, default=None)
        given = parser.parse_args()
        pin(frozenset() if given.core is None else frozenset({given.core}))
        return cls(given.port, given.human_resources, given.transport, given.id_number)


def say_ready(port: int) -> None:
    sys.stdout.write(json.dumps({"ready": True, "url": f"http://127.0.0.1:{port}"}) + "\n")
    sys.stdout.flush()

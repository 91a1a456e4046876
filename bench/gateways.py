"""The gateways that are measured: ours, and those of others as npm has them, installed once per lock file."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

NPM = Path(__file__).parent / "npm"
CACHE = Path(__file__).parent / ".cache"


@dataclass(frozen=True, slots=True)
class Graph:
    """The same graph in the two forms in which gateways take it."""

    subgraphs: Path
    supergraph: Path


@dataclass(frozen=True, slots=True)
class GatewayProgram:
    """``command`` starts it on a port; ``from_npm`` needs :func:`install` first."""

    name: str
    title: str
    command: Callable[[Graph, int], tuple[str, ...]]
    from_npm: bool = True


def ours(graph: Graph, port: int, *more: str) -> tuple[str, ...]:
    arguments = ("--subgraphs", str(graph.subgraphs), "--port", str(port), *more)
    return (sys.executable, "-m", "hub.cli", "gateway", *arguments)


def _apollo(graph: Graph, port: int) -> tuple[str, ...]:
    return (node(), "apollo.mjs", str(graph.supergraph), str(port))


def _hive(configuration: str) -> Callable[[Graph, int], tuple[str, ...]]:
    def command(graph: Graph, port: int) -> tuple[str, ...]:
        program = "node_modules/@graphql-hive/gateway/dist/bin.js"
        options = ("--config-path", configuration, "--host", "127.0.0.1", "--port", str(port))
        return (node(), program, "supergraph", str(graph.supergraph), *options)

    return command


GATEWAYS: Mapping[str, GatewayProgram] = {
    program.name: program
    for program in (
        GatewayProgram("jiyi", "jiyi gateway", ours, from_npm=False),
        GatewayProgram("apollo", "@apollo/gateway", _apollo),
        GatewayProgram("hive", "Hive Gateway", _hive("hive.config.mjs")),
        GatewayProgram("hive-rust", "Hive Gateway, planner in Rust", _hive("hive_rust.config.mjs")),
    )
}


def folder() -> Path:
    """Where this lock file's packages are, or will be."""
    lock = (NPM / "package-lock.json").read_bytes()
    return CACHE / f"gateways-{sha256(lock).hexdigest()[:12]}"


def install(say: Callable[[str], None]) -> None:
    """Install the gateways of the lock file, unless they are there. Raises ``SystemExit`` without npm."""
    place = folder()
    if not (place / ".complete").exists():
        if shutil.which("npm") is None:
            raise SystemExit("bench: npm is missing. Install Node.js, or measure ours alone with --gateways jiyi")
        say("installing the other gateways from npm (once, some minutes, 800 MB)")
        place.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(NPM / name, place / name)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--loglevel=error"], cwd=place, check=True, timeout=1200)
        (place / ".complete").touch()
    for script in NPM.glob("*.mjs"):
        shutil.copy(script, place / script.name)


def node() -> str:
    """Node 22 or later: the one that came from npm, else the machine's own."""
    found = next(iter(sorted(folder().glob("node_modules/node-linux-*/bin/node"))), None)
    return str(found) if found else "node"

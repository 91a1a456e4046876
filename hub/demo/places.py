"""Where everything of one demo lives: folder, ports, secrets. Kept, so that a second run finds the first."""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from hub.cli.ports import free_port, is_busy

DEPARTMENTS = ("public-security", "market-regulation", "transport", "civil-affairs", "finance", "human-resources")
CASHIER = "cashier"
MESSENGERS = "messengers"
"""The gateways that carry notices to phones and mailboxes."""
PHONES = "public-security"
"""The department whose pages stand in for people's phones."""
AGENT_EVENTS = "agent-events"
JOINT_OFFICES = "joint-offices"
"""The process of the departments that join for what several handle together."""
JOINT_AGENT_EVENTS = "joint-agent-events"
HUB = "hub"
OPEN_TO_THE_NETWORK = frozenset({HUB, CASHIER, PHONES})
"""What people open themselves listens where the demo was told to; everything else on this machine alone."""
_PREFERRED = {HUB: 8000}
_LOOK_AT = 100


@dataclass(frozen=True, slots=True)
class Places:
    """One demo's folder, the port of each process, and the secrets its processes share."""

    directory: Path
    host: str
    scheme: str
    ports: dict[str, int]
    operator_secret: str
    payment_secret: str

    def url(self, name: str) -> str:
        """Where a process is reached from this machine."""
        scheme = self.scheme if name == HUB else "http"
        own = self.host if name in OPEN_TO_THE_NETWORK and self.host not in _ALL else "127.0.0.1"
        return f"{scheme}://{_in_url(own)}:{self.ports[name]}"

    def listens_on(self, name: str) -> str:
        return self.host if name in OPEN_TO_THE_NETWORK else "127.0.0.1"

    @property
    def hub_url(self) -> str:
        """How people reach the hub: by the machine's own address when it listens on all."""
        return self.people_url(HUB)

    def people_url(self, name: str) -> str:
        """How people, on this machine or on the network, reach what is open to them; all but the hub plain."""
        scheme = self.scheme if name == HUB else "http"
        return f"{scheme}://{_in_url(lan_address() if self.host in _ALL else self.host)}:{self.ports[name]}"

    @property
    def secret_key_file(self) -> Path:
        """What encrypts the secrets in the demo's database."""
        return self.directory / "secret-key"


_ALL = ("0.0.0.0", "::")  # noqa: S104  compared with, not listened on


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def lan_address() -> str:
    """The address by which others on the network reach this machine; loopback when there is no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def find_places(
    directory: Path, host: str, scheme: str, port: int | None, say: Callable[[str], None] = lambda _text: None
) -> Places:
    """The places of an earlier run in this folder, with other ports where theirs are taken; else new ones."""
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "places.json"
    earlier = json.loads(file.read_text()) if file.is_file() else {}
    wanted = {**_PREFERRED, **earlier.get("ports", {})}
    if port is not None:
        wanted[HUB] = port
    taken: set[int] = set()
    ports = {}
    for name in (HUB, *DEPARTMENTS, CASHIER, MESSENGERS, AGENT_EVENTS, JOINT_OFFICES, JOINT_AGENT_EVENTS):
        ports[name] = _usable(wanted.get(name), taken, host if name in OPEN_TO_THE_NETWORK else "127.0.0.1")
        taken.add(ports[name])
    if ports[HUB] != wanted[HUB]:
        say(f"port {wanted[HUB]} is taken; the hub takes {ports[HUB]}")
    places = Places(
        directory,
        host,
        scheme,
        ports,
        earlier.get("operator_secret") or secrets.token_urlsafe(32),
        earlier.get("payment_secret") or secrets.token_urlsafe(32),
    )
    _keep_a_key(places.secret_key_file)
    kept = {key: value for key, value in asdict(places).items() if key not in {"directory", "host", "scheme"}}
    file.touch(mode=0o600, exist_ok=True)
    file.write_text(json.dumps(kept, indent=2))
    return places


def _keep_a_key(file: Path) -> None:
    """Made once, readable by this user alone."""
    if not file.is_file():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32) + "\n", encoding="ascii")


def _usable(wanted: int | None, taken: set[int], host: str) -> int:
    """The wanted port or the next free one above it; any free one where none is wanted."""
    if wanted is not None:
        candidates = range(wanted, min(wanted + _LOOK_AT, 65536))
        found = next((each for each in candidates if each not in taken and not is_busy(host, each)), None)
        if found is not None:
            return found
    while (port := free_port()) in taken:
        continue
    return port

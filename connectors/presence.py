"""What agents and hub processes say to each other beside requests: that they are there, and what to stop.

An agent says every few seconds who it is; each hub process answers with a welcome, which tells the agent how long
the way there and back takes, that this process lives, and whether it is too old or too new. Protocol 2 is the
first with these messages, with several events in one message, and with subscriptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from connectors.broker import Message

PROTOCOL = 2
BEAT = timedelta(seconds=3)
ALIVE_FOR = timedelta(seconds=10)
"""Who has not been heard of for so long counts as gone."""

PRESENCE = "jiyi.agent.presence"
WELCOME = "jiyi.agent.welcome"
CANCEL = "jiyi.agent.cancel"
CREDIT = "jiyi.agent.credit"

_LONGEST_TEXT = 100


@dataclass(frozen=True, slots=True)
class Presence:
    """One sign of life of an agent. ``hears``: it consumes its own queue, so that it can be told something.

    ``streams`` are the subscriptions it serves, and the number of the last event sent in each.
    """

    agent: str
    beat: int
    protocol: int
    version: str
    kind: str
    concurrency: int
    in_hand: int = 0
    latency_ms: float | None = None
    hears: bool = False
    is_leaving: bool = False
    streams: Mapping[str, int] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        return {
            "agent": self.agent,
            "beat": self.beat,
            "protocol": self.protocol,
            "version": self.version,
            "kind": self.kind,
            "concurrency": self.concurrency,
            "inHand": self.in_hand,
            "latencyMs": self.latency_ms,
            "hears": self.hears,
            "leaving": self.is_leaving,
            "streams": dict(self.streams),
        }


def read_presence(message: Message) -> Presence | None:
    """``None`` when it is none: whatever an agent says is data, and what cannot be read is let go."""
    data = message.data
    if message.type != PRESENCE or not isinstance(data, dict):
        return None
    agent, protocol = data.get("agent"), data.get("protocol")
    if not isinstance(agent, str) or not 0 < len(agent) <= 32 or set(agent) - set("0123456789abcdef"):
        return None
    streams = data.get("streams")
    return Presence(
        agent=agent,
        beat=_whole(data.get("beat")),
        protocol=_whole(protocol),
        version=_text(data.get("version")),
        kind=_text(data.get("kind")),
        concurrency=_whole(data.get("concurrency")),
        in_hand=_whole(data.get("inHand")),
        latency_ms=_number(data.get("latencyMs")),
        hears=data.get("hears") is True,
        is_leaving=data.get("leaving") is True,
        streams={name: _whole(last) for name, last in streams.items()} if isinstance(streams, dict) else {},
    )


def refusal_of(presence: Presence) -> str | None:
    """Why this hub does not work with the agent, for its log and for the operator; ``None`` when it does."""
    if presence.protocol == PROTOCOL:
        return None
    older = "agent" if presence.protocol < PROTOCOL else "hub"
    return f"The agent speaks protocol {presence.protocol}, the hub {PROTOCOL}. Update the {older}."


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else 0


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: Any) -> str:
    return "".join(each for each in value[:_LONGEST_TEXT] if each.isprintable()) if isinstance(value, str) else ""

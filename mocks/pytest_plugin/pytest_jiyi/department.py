"""A mock department and its faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pytest_jiyi.http import send
from pytest_jiyi.process import JiyiProcess


@dataclass(frozen=True)
class MockDepartment:
    """A running ``jiyi mock``. ``sdl`` is its text; ``is_rest``: it is the REST system behind ``@connect``."""

    name: str
    sdl: str
    process: JiyiProcess

    @property
    def url(self) -> str:
        return self.process.url

    @property
    def is_rest(self) -> bool:
        return "@connect" in self.sdl and "@sqlConnect" not in self.sdl

    @property
    def endpoint(self) -> str:
        """What a hub is told: the GraphQL address, or that of the REST system."""
        return self.url if self.is_rest else f"{self.url}/graphql"

    def fault(self, **fault: Any) -> None:
        """From now on this goes wrong, for example ``fault(status=503, rate=0.5)``. Raises ``ValueError`` for a
        fault that there is not."""
        status, answer = send(f"{self.url}/__faults", "POST", fault)
        if status != 200:
            raise ValueError(answer["error"]["message"] if isinstance(answer, dict) else answer)

    def recover(self) -> None:
        """Nothing goes wrong any more."""
        send(f"{self.url}/__faults", "DELETE")

    def offline(self, seconds: float) -> None:
        """Refuse connections for a time."""
        self.fault(offlineSeconds=seconds)

    def requests(self) -> list[dict[str, Any]]:
        """The last hundred that it was asked."""
        _, answer = send(f"{self.url}/__requests")
        return list(answer)

    def forget(self) -> None:
        """What mutations left behind, and what it was asked."""
        send(f"{self.url}/__state", "DELETE")

"""How long an answer is held back: one number, or drawn from a distribution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "fixed": ("ms",),
    "uniform": ("low", "high"),
    "normal": ("mean", "deviation"),
    "pareto": ("scale", "shape"),
}


class WrongDelay(ValueError):
    """No delay; the text says what one is."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Milliseconds. ``parameters`` are those of the distribution; ``longest`` cuts its tail."""

    distribution: str = "fixed"
    parameters: Mapping[str, float] = field(default_factory=lambda: {"ms": 0.0})
    longest: float = 60_000

    def seconds(self, random: Random) -> float:
        """One delay. Never negative."""
        of = self.parameters
        match self.distribution:
            case "uniform":
                drawn = random.uniform(of["low"], of["high"])
            case "normal":
                drawn = random.gauss(of["mean"], of["deviation"])
            case "pareto":
                drawn = of["scale"] * random.paretovariate(of["shape"])
            case _:
                drawn = of["ms"]
        return min(max(drawn, 0), self.longest) / 1000

    def told(self) -> Any:
        if self.distribution == "fixed":
            return self.parameters["ms"]
        return {"distribution": self.distribution, **self.parameters, "max": self.longest}


NO_DELAY = Delay()


def read_delay(value: Any) -> Delay:
    """From ``200`` or ``{"distribution": "pareto", "scale": 20, "shape": 1.5, "max": 5000}``.

    Raises :class:`WrongDelay`."""
    if _is_amount(value):
        return Delay("fixed", {"ms": value}, max(value, 60_000))
    kinds = "; ".join(f"{name} ({', '.join(of)})" for name, of in _PARAMETERS.items())
    named = value.get("distribution") if isinstance(value, dict) else None
    if not isinstance(named, str) or named not in _PARAMETERS:
        raise WrongDelay(f'"delayMs" is a number of milliseconds, or has a "distribution": {kinds}.')
    wanted = _PARAMETERS[named]
    given = {name: each for name, each in value.items() if name not in ("distribution", "max")}
    if set(given) != set(wanted) or not all(_is_amount(each) for each in given.values()):
        raise WrongDelay(
            f'"{value["distribution"]}" has exactly {", ".join(wanted)}, in milliseconds, not negative.'
        )
    if value["distribution"] == "pareto" and given["shape"] == 0:
        raise WrongDelay('"shape" is more than 0.')
    longest = value.get("max", 60_000)
    if not _is_amount(longest):
        raise WrongDelay('"max" is a number of milliseconds.')
    return Delay(value["distribution"], given, longest)


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0

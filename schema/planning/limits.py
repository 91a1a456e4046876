"""How much planning one operation may cost. A limit hit is an error told to the client, never a hang."""

from __future__ import annotations

from dataclasses import dataclass

from schema.errors import PlanningError, RuntimeCode

MAX_DEPTH = 50
"""Levels of selections below the root."""

MAX_SELECTIONS = 20_000
"""Fields of the operation with every fragment written out."""

THOROUGH_STEPS = 5_000
"""Fields that are placed while sets of subgraphs are compared; beyond, the first that answers a place is taken."""

MAX_STEPS = 12_000
"""Fields that are placed while paths are searched; less than a second of work."""

MAX_ALTERNATIVES = 64
"""Sets of subgraphs that are compared at one place of the answer."""

MAX_SETS = 4_096
"""Sets of subgraphs that are looked at, at one place, for being worth a comparison."""

MAX_TURN_TERMS = 32
"""Alternatives of conditions under which a mutation's root field is executed at one place."""

MAX_DOCUMENT = 1_000_000
"""Characters of one request's document."""

MAX_LOOKS = 400_000
"""Conditions of fields that are looked at while one document is written."""


@dataclass(slots=True)
class Budget:
    """Counts the work of one search."""

    steps: int = 0

    @property
    def is_scarce(self) -> bool:
        """Whether what is left is to be kept for finding some plan at all."""
        return self.steps > THOROUGH_STEPS

    def spend(self) -> None:
        """One more try. Raises :class:`PlanningError` beyond :data:`MAX_STEPS`."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise too_complex("it can be answered in too many ways")


def too_complex(reason: str) -> PlanningError:
    return PlanningError(
        RuntimeCode.OPERATION_TOO_COMPLEX, f"The operation is too complex: {reason}. Ask for less at once."
    )

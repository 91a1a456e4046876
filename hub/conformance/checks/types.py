"""Values are as the SDL declares them: no null where none may be, declared enum values, scalars in form."""

from __future__ import annotations

from hub.conformance.bench import Bench
from hub.conformance.result import CheckResult, failed, passed

_TOLD = 3
_MEND = "Declare what the system gives, or map it: a wrong value loses the whole object around it."


async def declared(bench: Bench) -> list[CheckResult]:
    """Over every answer so far."""
    wrong = list(dict.fromkeys(each for asked in bench.asked for each in asked.wrong))
    answered = sum(asked.data is not None for asked in bench.asked)
    if wrong:
        more = f" And {len(wrong) - _TOLD} more." if len(wrong) > _TOLD else ""
        return [failed("types-declared", " ".join(wrong[:_TOLD]) + more, _MEND)]
    return [passed("types-declared", f"all values of {answered} answers")]

"""Break the planner one line at a time: ``python -m tests.engine.mutants``. The planning tests must see each.

A mutant that survives is a rule without a test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PLANNING = Path("schema/planning")
MINUTES = 5


@dataclass(frozen=True)
class Mutant:
    """``line`` stands once in the file and becomes ``broken``; ``rule`` is what that breaks."""

    file: str
    line: str
    broken: str
    rule: str


MUTANTS = (
    Mutant(
        "arrangement.py",
        "if joined is not None and not self._would_wait_for_itself(number, after):",
        "if joined is not None:",
        "no visit waits for itself",
    ),
    Mutant(
        "arrangement.py",
        "return not self.is_apart or steps_of(self, number) == step",
        "return True",
        "what is ready sooner is asked apart where that saves a step",
    ),
    Mutant(
        "query_graph.py",
        "            if key.resolvable:",
        "            if True:",
        "a key that is not resolvable is no door",
    ),
    Mutant(
        "query_graph.py",
        "        if source is None or not source.external:",
        "        if True:",
        "an external field is not resolved",
    ),
    Mutant(
        "paths.py",
        "_leftover(site), site.cost.rank, used,",
        "_leftover(site), used,",
        "the cheapest set of subgraphs is taken",
    ),
    Mutant(
        "paths.py",
        "common = possible if common is None else common & possible",
        "common = possible if common is None else common | possible",
        "a shared field's types are those of all candidates",
    ),
    Mutant("paths.py", "        return not count, count", "        return True, 0", "homes are asked first"),
    Mutant(
        "paths.py",
        "        for allowed in islice(_sets(forced, pool, needed), MAX_ALTERNATIVES):",
        "        for allowed in islice(_sets(forced, pool, needed), 0):",
        "other sets of subgraphs are tried",
    ),
    Mutant(
        "paths.py",
        "        if below is None or not (arrangement.homes or self.may_split):",
        "        if below is None:",
        "a mutation runs in one subgraph",
    ),
    Mutant("root.py", "        if run and chosen != service:", "        if False:", "mutations keep their order"),
    Mutant(
        "normalize.py",
        "    return frozenset(literals - known)",
        "    return frozenset()",
        "conditions are kept",
    ),
    Mutant(
        "normalize.py",
        "            if argument.value.value is not wanted:",
        "            if argument.value.value is wanted:",
        "a literal condition counts",
    ),
    Mutant(
        "hidden.py",
        "        if not same and not arguments:",
        "        if not arguments:",
        "a hidden field does not take the client's name",
    ),
    Mutant(
        "document.py",
        "            internal = alias(response_name) if number else response_name",
        "            internal = response_name",
        "two shapes have two names",
    ),
    Mutant(
        "site.py",
        "        if part in joined:\n            continue",
        "        if True:\n            continue",
        "requirements join a representation",
    ),
    Mutant(
        "optimize.py",
        "    step.guards.extend(other.guards)\n    step.reveals",
        "    step.reveals",
        "a merged fetch keeps its guards",
    ),
    Mutant(
        "optimize.py",
        "    if max(depths(rest).values()) > steps:",
        "    if False:",
        "merging takes no more steps",
    ),
    Mutant(
        "fetch_graph.py",
        "                step.wanted = frozenset(one | literals for one in visit.conditions)",
        "                step.wanted = ALWAYS",
        "what is off is not asked for",
    ),
    Mutant(
        "optimize.py",
        "    if not _stand_for_the_same(step, other):",
        "    if False:",
        "names of an interface object's types stay apart",
    ),
    Mutant(
        "bundle.py",
        "                if depth[id(later)] > latest[id(node)]:",
        "                if False:",
        "sharing a request takes no more steps",
    ),
    Mutant(
        "bundle.py",
        "    while pair := _that_may_wait(nodes):",
        "    while pair := None:",
        "a request waits for another to its subgraph",
    ),
    Mutant(
        "arrangement.py",
        "            if is_own and entry.type_name != declared:",
        "            if False:",
        "requirements enter by the type's own key",
    ),
    Mutant(
        "optimize.py",
        "        node.after = tuple(one for one in node.after if id(one) not in dropped)",
        "        node.after = ()",
        "a fetch waits for what it needs",
    ),
    Mutant(
        "finish.py",
        "        fetches += own",
        "        fetches += 0",
        "a visit costs a fetch",
    ),
    Mutant(
        "fetch_graph.py",
        "            waits += [node for key in visit.needs for node in whole.get(key, ())]",
        "            waits += []",
        "a representation waits for what is below its fields",
    ),
    Mutant(
        "schedule.py",
        "        if count_steps(arranged) <= len(levels):",
        "        if True:",
        "branches that take more steps become levels",
    ),
    Mutant(
        "gathering.py",
        "        if service == inline:",
        "        if False:",
        "a part that is there is not fetched again",
    ),
    Mutant(
        "fetch_graph.py",
        "            elements = Each(services if len(sites) > 1 else ())",
        "            elements = Each()",
        "elements are followed by the keys of their own part",
    ),
)


def main() -> int:
    """The number of survivors."""
    survivors = [one for one in MUTANTS if _survives(one)]
    for one in survivors:
        sys.stdout.write(f"survived: {one.file}: {one.rule}\n")
    sys.stdout.write(f"mutants: {len(MUTANTS) - len(survivors)} of {len(MUTANTS)} seen\n")
    return len(survivors)


def _survives(mutant: Mutant) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("schema", "tests", "hub", "connectors", "auth", "mocks"):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        shutil.copy(ROOT / "pyproject.toml", copy / "pyproject.toml")
        _break(copy / PLANNING / mutant.file, mutant)
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests/schema/planning"]
        done = subprocess.run(
            command,
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            check=False,
            timeout=MINUTES * 60,
        )
    seen = done.returncode == 1
    sys.stdout.write(f"{'seen' if seen else 'SURVIVED'}: {mutant.rule}\n")
    sys.stdout.flush()
    return not seen


def _break(file: Path, mutant: Mutant) -> None:
    text = file.read_text(encoding="utf-8")
    if text.count(mutant.line) != 1:
        raise ValueError(f"{mutant.file} has {text.count(mutant.line)} times: {mutant.line}")
    file.write_text(text.replace(mutant.line, mutant.broken), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(bool(main()))

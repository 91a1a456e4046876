"""Break the planner one line at a time: ``python -m tests.engine.mutants``. The planning tests must see each.

A mutant that survives is a rule without a test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PLANNING = Path("schema/planning")
TESTS = "tests/schema/planning"
DRAWN = f"{TESTS}/test_plan_property.py"
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
    Mutant(
        "root.py",
        "        if run and (chosen != service or is_taken):",
        "        if False:",
        "mutations keep their order",
    ),
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
        "neighbours.py",
        "        step.guards.extend(other.guards)\n",
        "",
        "a merged fetch keeps its guards",
    ),
    Mutant(
        "neighbours.py",
        "        if steps > max(self.depth.values()) or self._wait_for_one_another(step, other):",
        "        if self._wait_for_one_another(step, other):",
        "merging takes no more steps",
    ),
    Mutant(
        "fetch_graph.py",
        "                step.wanted = frozenset(one | literals for one in visit.conditions)",
        "                step.wanted = ALWAYS",
        "what is off is not asked for",
    ),
    Mutant(
        "neighbours.py",
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
        "        if own and _steps_after(nodes, done, own) > _steps_after(nodes, done, {}):",
        "        if False:",
        "followers stay in a branch only where that costs no step",
    ),
    Mutant(
        "schedule.py",
        "        parts = _independent(nodes, done)",
        "        parts = [nodes]",
        "independent parts run side by side",
    ),
    Mutant(
        "journal.py",
        "        for mapping, key, before, _ in reversed(undone):",
        "        for mapping, key, before, _ in ():",
        "a failed attempt leaves nothing behind",
    ),
    Mutant(
        "lower_bound.py",
        "        if not one & seen:",
        "        if True:",
        "sets with a subgraph in common are one fetch at least",
    ),
    Mutant(
        "lower_bound.py",
        "if not services & asked]",
        "]",
        "what the homes answer costs nothing",
    ),
    Mutant(
        "blind.py",
        "        asked.setdefault(interface, set()).add(frozenset(id(one) for one in fields))",
        "        asked.setdefault(interface, set()).add(frozenset())",
        "types of an interface object that are asked differently are told apart",
    ),
    Mutant(
        "blind.py",
        "            if not all(may_share_name(one, other) for other in known.values()):",
        "            if False:",
        "one name for different fields is noticed behind an interface object",
    ),
    Mutant(
        "arrangement.py",
        "        if entry.type_name != self.blind.held_as.get(type_name, entry.type_name):",
        "        if False:",
        "an object is entered by its own type once that is told",
    ),
    Mutant(
        "arrangement.py",
        "        if declared != type_name and self.blind.is_conflicting(type_name, wanted.response_name):",
        "        if False:",
        "a name with two meanings waits for the type",
    ),
    Mutant(
        "fetch_graph.py",
        "step.reveals.update(site.blind.held_as[t] for t in types if t in site.blind.held_as)",
        "step.reveals.update(())",
        "a told type takes the place of the interface's name",
    ),
    Mutant(
        "contextualize.py",
        "        for up, frame in enumerate(reversed(above)):",
        "        for up, frame in enumerate(above):",
        "the nearest object above sets a context",
    ),
    Mutant(
        "contextualize.py",
        "            service=source.subgraph,",
        "            service=None,",
        "a field that reads a context is asked where its argument is",
    ),
    Mutant(
        "fetch_graph.py",
        "            step.read_from.extend(one.fields)",
        "            step.read_from.extend(())",
        "a fetch waits for what fills its context",
    ),
    Mutant(
        "query_graph.py",
        "        if found is None or found.switch is None or found.switch.holds(self.labels):",
        "        if True:",
        "labels decide who resolves a field that moves",
    ),
    Mutant(
        "paths.py",
        "            names = names or tuple(_dotted(hidden.fields))",
        "            names = ()",
        "equal elements of a merged list are joined by their key",
    ),
    Mutant(
        "gathering.py",
        "        after |= before\n",
        "        after |= frozenset()\n",
        "a part waits for its key",
    ),
    Mutant(
        "paths.py",
        "by_type[type_name] = below.fields(type_name) + hidden.fields",
        "by_type[type_name] = below.fields(type_name)",
        "the key that joins equal elements is asked of each part",
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
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        survived = list(pool.map(_survives, MUTANTS))
    survivors = [one for one, has_survived in zip(MUTANTS, survived, strict=True) if has_survived]
    for one in survivors:
        sys.stdout.write(f"survived: {one.file}: {one.rule}\n")
    sys.stdout.write(f"mutants: {len(MUTANTS) - len(survivors)} of {len(MUTANTS)} seen\n")
    return len(survivors)


def _survives(mutant: Mutant) -> bool:
    """Run the planning tests on a copy of what they import, until one fails. Drawn operations are left out: a
    rule has a test that states it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("schema", TESTS):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("tests/__init__.py", "tests/schema/__init__.py", "pyproject.toml"):
            shutil.copy(ROOT / name, copy / name)
        _break(copy / PLANNING / mutant.file, mutant)
        command = [sys.executable, "-m", "pytest", "-q", "-x", "--noconftest", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, f"--ignore={DRAWN}", TESTS],
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            check=False,
            timeout=MINUTES * 60,
        )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"The planning tests did not run: {done.stdout}{done.stderr}")
    sys.stdout.write(f"{'seen' if done.returncode else 'SURVIVED'}: {mutant.rule}\n")
    sys.stdout.flush()
    return done.returncode == 0


def _break(file: Path, mutant: Mutant) -> None:
    text = file.read_text(encoding="utf-8")
    if text.count(mutant.line) != 1:
        raise ValueError(f"{mutant.file} has {text.count(mutant.line)} times: {mutant.line}")
    file.write_text(text.replace(mutant.line, mutant.broken), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(bool(main()))

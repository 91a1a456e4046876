"""A check's report as people read it: one line for each thing, grouped, the gravest first, easy to search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Report = Mapping[str, Any]

PROBLEMS = "{ code message subgraphs locations { subgraph line column } }"
FIELDS = f"""ok needsApproval compared errors {PROBLEMS} hints {PROBLEMS}
  changes {{ kind criticality path description operations }}
  affected {{ id name kind document count lastSeen clients {{ name version count lastSeen }}
    because {{ path message }} }}
  lint {{ code severity path message location {{ subgraph line column }} }}
  probe {{ what outcome message milliseconds }} shadow {{ operation path message }}"""
"""What is asked of the hub for a report."""


DOUBTFUL = {
    "code": "CHECK_DOUBTFUL",
    "message": "Nothing refuses it, but something above speaks against it, and --strict was said.",
    "details": None,
}


def error_lines(report: Report) -> Iterator[str]:
    """Why it is refused, a line each."""
    for error in report["errors"]:
        places = ", ".join(_at(place) for place in error["locations"])
        yield f"{error['code']}: {error['message']}" + (f" ({places})" if places else "")


def report_lines(report: Report, *, whole_lint: bool = False) -> Iterator[str]:
    """Everything but the errors; an empty line between groups. Of lint only the warnings unless all is wanted."""
    groups = (_affected, _changes, _hints, _probe, _shadow, _whole_lint if whole_lint else _lint)
    filled = [lines for group in groups if (lines := list(group(report)))]
    for number, lines in enumerate(filled):
        if number:
            yield ""
        yield from lines


def verdict(name: str, report: Report) -> str:
    """What the check means, in a sentence."""
    if report["errors"]:
        return f"{name} cannot be published"
    if report["needsApproval"]:
        return f"{name} can be published once an operator agrees: it breaks the published API"
    seen = "" if report["changes"] else "; clients would see no change"
    return f"{name} can be published{seen}"


def has_doubts(report: Report) -> bool:
    """Whether anything but an error speaks against it: a pipeline that is strict stops here."""
    return bool(
        report["needsApproval"]
        or report["shadow"]
        or any(line["outcome"] == "fail" for line in report["probe"])
        or any(finding["severity"] == "WARNING" for finding in report["lint"])
    )


def _affected(report: Report) -> Iterator[str]:
    for each in report["affected"]:
        clients = ", ".join(f"{client['name']} {client['version']}".rstrip() for client in each["clients"])
        times = "once" if each["count"] == 1 else f"{each['count']} times"
        yield _line("affected", f"{each['kind']} {each['name']}: {clients}; {times}, last {each['lastSeen'][:10]}")
        for reason in each["because"]:
            yield _line("", reason["message"])


def _changes(report: Report) -> Iterator[str]:
    for change in report["changes"]:
        used = change.get("operations")
        by = f" (used by {used} recorded operation{'' if used == 1 else 's'})" if used else ""
        yield _line(change["criticality"].lower(), (change["description"] or change["path"]) + by)


def _hints(report: Report) -> Iterator[str]:
    for hint in report["hints"]:
        yield _line("hint", f"{hint['code']}: {hint['message']}")


def _probe(report: Report) -> Iterator[str]:
    for line in report["probe"]:
        time = "" if line["milliseconds"] is None else f" ({line['milliseconds']:g} ms)"
        yield _line("probe", f"{line['outcome']:4} {line['what']}: {line['message']}{time}")


def _shadow(report: Report) -> Iterator[str]:
    for found in report["shadow"]:
        at = f" at {found['path']}" if found["path"] else ""
        yield _line("shadow", f"{found['operation']}{at}: {found['message']}")
    if report["compared"] and not report["shadow"]:
        yield _line("shadow", f"{report['compared']} recorded operations are answered as by the live version")


def _lint(report: Report) -> Iterator[str]:
    warnings = [finding for finding in report["lint"] if finding["severity"] == "WARNING"]
    yield from _whole_lint({"lint": warnings})
    if others := len(report["lint"]) - len(warnings):
        yield _line("lint", f"{others} more for information: `jiyi connector lint` tells them")


def _whole_lint(report: Report) -> Iterator[str]:
    for finding in report["lint"]:
        at = f" ({_at(finding['location'])})" if finding["location"] else ""
        group = "lint" if finding["severity"] == "WARNING" else "lint info"
        yield _line(group, f"{finding['code']}: {finding['message']}{at}")


def _at(place: Mapping[str, Any]) -> str:
    return f"{place['subgraph']}:{place['line']}:{place['column']}"


def _line(group: str, text: str) -> str:
    return f"{group:10} {text}"

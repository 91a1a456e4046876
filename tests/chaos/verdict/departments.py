"""In the departments' own books: files, licences, commands, and their parts of joint cases."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from tests.chaos.verdict.findings import Verdict
from tests.chaos.verdict.reading import rows

ISSUERS = ("civil-affairs", "market-regulation", "natural-resources")
TAKERS = (*ISSUERS, "finance", "fire-rescue", "taxation", "health")
OFFICES = (*ISSUERS[1:], *TAKERS[4:])
"""Departments that issue licences of whole cases, that take commands, and that take sub-cases."""
SUB_CASE_FILES = "SELECT receipt_number, sub_case, begun, undone, state, licence_number FROM sub_case_file"
LEAD_FILES = "SELECT receipt_number, 'lead', asked, decided, 'LEAD', NULL FROM joint_case"
ISSUED = "SELECT receipt_number, number FROM licence WHERE receipt_number IS NOT NULL"
AT_THE_DEPARTMENT: dict[str, tuple[set[int], set[int], set[Any]]] = {
    "APPROVED": ({1}, {0}, {"APPROVED"}),
    "DENIED": ({1}, {0}, {"DENIED"}),
    "COMPENSATED": ({0, 1}, {1}, {"UNDONE"}),
    "STOPPED": ({0}, {0}, {None}),
    "DECIDED": ({1}, {1}, {"LEAD"}),
    "ENDED BEFORE": ({0, 1}, {0, 1}, {None, "LEAD"}),
}
"""What a department's file must be where the graph says this: how often begun, how often undone, its state."""


def department(facts: dict[str, Any], verdict: Verdict, cases: dict[str, dict[str, Any]]) -> None:
    """In the departments' own books: one file for each case, each command taken once, one licence each."""
    files, licences, commands = "files at civil affairs", "licences issued", "commands taken"
    stores = facts["stores"]
    filed = Counter(row[0] for row in rows(stores["civil-affairs"], "SELECT receipt_number FROM case_file"))
    issued: dict[str, list[str]] = defaultdict(list)
    for name in ISSUERS:
        for receipt, number in rows(stores[name], ISSUED):
            issued[receipt].append(number)
    verdict.looked_at(files, filed.total())
    verdict.looked_at(licences, sum(map(len, issued.values())))
    for number, case in cases.items():
        if case["state"] == "COMPLETED" and not case["subCases"] and filed[number] != 1:
            (verdict.doubled if filed[number] else verdict.lost)[files].append(f"{number} has {filed[number]}")
        wanted = [case["licenceNumber"]] if case["state"] == "COMPLETED" else []
        if issued[number] != wanted:
            kept = verdict.doubled if len(issued[number]) > len(wanted) else verdict.lost
            kept[licences].append(f"{number} has {issued[number]}, the graph says {wanted}")
    for number in set(filed) - set(cases):
        verdict.doubled[files].append(f"{number} was never accepted")
    taken = 0
    for name in TAKERS:
        for content, times in rows(stores[name], "SELECT answer, count(*) FROM idempotency GROUP BY fingerprint"):
            taken += times
            if times > 1:
                verdict.doubled[commands].append(f"{name} took one command under {times} keys: {content}")
    verdict.looked_at(commands, taken)


def sub_cases(facts: dict[str, Any], verdict: Verdict, cases: dict[str, dict[str, Any]]) -> None:
    """Each step of a joint case is begun once, and undone once where it must be; the lead is asked once."""
    what = "sub-cases at their departments"
    files: dict[tuple[str, str], list[tuple[Any, ...]]] = defaultdict(list)
    licences: dict[str, str] = {}
    for name in OFFICES:
        for statement in (SUB_CASE_FILES, LEAD_FILES):
            for receipt, code, *file in rows(facts["stores"][name], statement):
                files[receipt, code].append(tuple(file))
        licences |= dict(rows(facts["stores"][name], "SELECT number, state FROM licence"))
    verdict.looked_at(what, sum(map(len, files.values())))
    for number, case in cases.items():
        decided = "DECIDED" if case["state"] == "COMPLETED" else "ENDED BEFORE"
        lead = {"code": "lead", "state": decided, "licence": None}
        for told in (*case["subCases"], lead) if case["subCases"] else ():
            check_sub_case(verdict, what, number, told, files.pop((number, told["code"]), []), licences)
    for number, code in files:
        verdict.doubled[what].append(f"{number}/{code} is not there")


def check_sub_case(
    verdict: Verdict, what: str, number: str, told: dict[str, Any], files: list[Any], licences: dict[str, str]
) -> None:
    """``told`` is what the graph says, ``files`` what the department has: begun, undone, state, licence."""
    begun, undone, state, licence = files[0] if files else (0, 0, None, None)
    says = f"{number}/{told['code']} is {told['state']}, its department has {files}"
    starts, ends, states = AT_THE_DEPARTMENT.get(told["state"], ({1}, {1}, set()))
    if len(files) > 1 or begun > max(starts) or undone > max(ends):
        verdict.doubled[what].append(says)
    elif begun not in starts or undone not in ends or state not in states:
        verdict.lost[what].append(says)
    named, kept = told["licence"] and told["licence"]["number"], licence and licences.get(licence)
    is_valid = told["state"] == "APPROVED"
    if (licence and kept != ("VALID" if is_valid else "REVOKED")) or (is_valid and named != licence):
        verdict.wrong[what].append(f"{says}, the licence is {kept}, the graph names {named}")

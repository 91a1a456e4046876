"""The verdict of chaos shares nothing with what it judges, and finds what is lost or doubled in each book."""

from __future__ import annotations

import ast
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.chaos import verdict
from tests.chaos.verdict.cases import check_case, receipts
from tests.chaos.verdict.departments import OFFICES, department, sub_cases
from tests.chaos.verdict.findings import Verdict
from tests.chaos.verdict.streams import check_stream

CASE: dict[str, Any] = {
    "receiptNumber": "JY1",
    "state": "COMPLETED",
    "version": 3,
    "licenceNumber": "MZ1",
    "events": [
        {"version": 1, "type": "submitted", "state": "SUBMITTED", "at": "08:00"},
        {"version": 2, "type": "approved", "state": "APPROVED", "at": "09:00"},
        {"version": 3, "type": "fee-ordered", "state": "APPROVED", "at": "09:00"},
    ],
    "fees": [{"number": "F1", "state": "PAID", "amountFen": 900, "settlement": {"receiptNumber": "CZ1"}}],
    "subCases": [],
}
JOINT: dict[str, Any] = {
    **CASE,
    "receiptNumber": "JY2",
    "licenceNumber": "GT9",
    "fees": [],
    "subCases": [
        {"code": "a", "state": "APPROVED", "licence": {"number": "WJ1"}},
        {"code": "b", "state": "APPROVED", "licence": None},
    ],
}
"""One step at the office of health with a licence of its own, one at taxation; natural resources leads."""
REFUSED = {
    **JOINT,
    "state": "DENIED",
    "licenceNumber": None,
    "subCases": [
        {"code": "a", "state": "COMPENSATED", "licence": {"number": "WJ1"}},
        {"code": "b", "state": "DENIED", "licence": None},
    ],
}
RECEIPT = {"key": "k", "kind": "with fee", "receiptNumber": "JY1"}


def test_verdict_imports_nothing_of_ours() -> None:
    """The standard library and a PostgreSQL driver: a mistake of ours is not shared by its judge."""
    imported: set[str] = set()
    for file in Path(verdict.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                imported.add(node.module or "")
    others = {name for name in imported if not name.startswith("tests.chaos.verdict.")}
    assert {name.partition(".")[0] for name in others} - sys.stdlib_module_names == {"psycopg"}


def test_a_key_with_two_receipts_is_a_doubled_case(tmp_path: Path) -> None:
    """The same submission sent twice is one case."""
    file = tmp_path / "receipts.jsonl"
    file.write_text("".join(json.dumps({**RECEIPT, "receiptNumber": number}) + "\n" for number in ("JY1", "JY2")))
    found = Verdict()
    accepted = receipts({"receipts": str(file), "cases": 1}, found)
    assert sorted(accepted) == ["JY1", "JY2"]
    assert _told(found.doubled) == ["k has ['JY1', 'JY2']"]


@pytest.mark.parametrize(
    ("change", "lost", "doubled", "wrong"),
    [
        ({}, 0, 0, 0),
        ({"state": "IN_REVIEW"}, 1, 0, 0),
        ({"version": 4}, 0, 0, 1),
        ({"events": [{**event, "type": "approved"} for event in CASE["events"]]}, 0, 1, 0),
        ({"events": [{**event, "type": "command-failed"} for event in CASE["events"]]}, 0, 0, 1),
    ],
)
def test_case_has_one_outcome_and_each_event_once(
    change: dict[str, Any], lost: int, doubled: int, wrong: int
) -> None:
    """An accepted case without an outcome is lost, one that was decided twice is doubled."""
    found = Verdict()
    check_case(found, "cases", {**CASE, **change}, RECEIPT)
    assert _numbers(found) == (lost, doubled, wrong)


def test_promised_withdrawal_that_is_gone_is_lost() -> None:
    """What a client was told stands."""
    found = Verdict()
    check_case(found, "cases", CASE, {**RECEIPT, "kind": "withdrawn", "told": "WITHDRAWN"})
    assert _numbers(found) == (1, 0, 0)


@pytest.mark.parametrize(
    ("statements", "lost", "doubled"),
    [
        ((), 0, 0),
        (("DELETE FROM case_file",), 1, 0),
        (("DELETE FROM licence",), 1, 0),
        (("INSERT INTO licence VALUES ('MZ2', 'JY1')",), 0, 1),
        (("INSERT INTO idempotency VALUES ('other', 'same', 'MZ1')",), 0, 1),
        (("INSERT INTO case_file VALUES ('JY9')",), 0, 1),
    ],
)
def test_department_has_each_file_licence_and_command_once(
    tmp_path: Path, statements: tuple[str, ...], lost: int, doubled: int
) -> None:
    """Read in the department's own store; a file that nobody was given a receipt for is one too many."""
    stores = _offices(tmp_path) | {
        "civil-affairs": _department(tmp_path, *statements),
        "finance": _finance(tmp_path),
    }
    facts, found = {"stores": stores}, Verdict()
    department(facts, found, {"JY1": CASE})
    assert _numbers(found) == (lost, doubled, 0)


@pytest.mark.parametrize(
    ("case", "office", "statement", "lost", "doubled", "wrong"),
    [
        (JOINT, "health", "", 0, 0, 0),
        (JOINT, "health", "DELETE FROM sub_case_file", 1, 0, 1),
        (JOINT, "health", "UPDATE sub_case_file SET begun = 2", 0, 1, 0),
        (JOINT, "health", "UPDATE sub_case_file SET state = 'ACCEPTED'", 1, 0, 0),
        (JOINT, "health", "UPDATE licence SET state = 'REVOKED'", 0, 0, 1),
        (JOINT, "health", "INSERT INTO sub_case_file VALUES ('JY9', 'a', 1, 0, 'APPROVED', NULL)", 0, 1, 0),
        (JOINT, "natural-resources", "DELETE FROM joint_case", 1, 0, 0),
        (JOINT, "natural-resources", "UPDATE joint_case SET asked = 2", 0, 1, 0),
        (REFUSED, "natural-resources", "", 2, 0, 1),
        (REFUSED, "taxation", "UPDATE sub_case_file SET state = 'DENIED'", 1, 0, 1),
        ({**JOINT, "subCases": [{**JOINT["subCases"][0], "state": "STARTED"}]}, "health", "", 1, 1, 1),
    ],
)
def test_sub_case_is_begun_once_and_undone_where_it_must_be(
    tmp_path: Path, case: dict[str, Any], office: str, statement: str, lost: int, doubled: int, wrong: int
) -> None:
    """In each department's own store, the licence of its step included; the lead is asked and decides once."""
    found = Verdict()
    sub_cases({"stores": _offices(tmp_path, **{office: statement})}, found, {"JY2": case})
    assert _numbers(found) == (lost, doubled, wrong)


@pytest.mark.parametrize(
    ("heard", "lost", "doubled", "wrong"),
    [
        ([(1, 1), (1, 2), (1, 3)], 0, 0, 0),
        ([(1, 1), (1, 2), (2, 2), (2, 3)], 0, 0, 0),
        ([(1, 1), (1, 2), (1, 2), (1, 3)], 0, 1, 0),
        ([(1, 1), (2, 3)], 1, 0, 0),
        ([(1, 2), (1, 1), (1, 3)], 0, 0, 1),
    ],
)
def test_subscriber_hears_each_version_in_order(
    heard: list[tuple[int, int]], lost: int, doubled: int, wrong: int
) -> None:
    """Each with the connection that told it: who resumes may hear the last once more, and misses nothing."""
    found = Verdict()
    check_stream(found, "events", "someone", CASE, heard)
    assert _numbers(found) == (lost, doubled, wrong)


def _numbers(found: Verdict) -> tuple[int, int, int]:
    return Verdict.number(found.lost), Verdict.number(found.doubled), Verdict.number(found.wrong)


def _told(kept: dict[str, list[str]]) -> list[str]:
    return [each for found in kept.values() for each in found]


def _department(folder: Path, *statements: str) -> str:
    return _store(
        folder / "civil-affairs.sqlite3",
        "CREATE TABLE case_file (receipt_number TEXT)",
        "CREATE TABLE licence (number TEXT, receipt_number TEXT)",
        "CREATE TABLE idempotency (key TEXT, fingerprint TEXT, answer TEXT)",
        "INSERT INTO case_file VALUES ('JY1')",
        "INSERT INTO licence VALUES ('MZ1', 'JY1')",
        "INSERT INTO idempotency VALUES ('one', 'same', 'MZ1')",
        *statements,
    )


def _offices(folder: Path, **changes: str) -> dict[str, str]:
    """The stores of departments with sub-cases, as they are after ``JOINT``; and one change in one of them."""
    begun = {
        "health": (
            "INSERT INTO sub_case_file VALUES ('JY2', 'a', 1, 0, 'APPROVED', 'WJ1')",
            "INSERT INTO licence VALUES ('WJ1', 'JY2/a', 'VALID')",
        ),
        "taxation": ("INSERT INTO sub_case_file VALUES ('JY2', 'b', 1, 0, 'APPROVED', NULL)",),
        "natural-resources": ("INSERT INTO joint_case VALUES ('JY2', 1, 1)",),
    }
    return {
        name: _store(
            folder / f"{name}.sqlite3",
            "CREATE TABLE sub_case_file"
            " (receipt_number TEXT, sub_case TEXT, begun INT, undone INT, state TEXT, licence_number TEXT)",
            "CREATE TABLE joint_case (receipt_number TEXT, asked INT, decided INT)",
            "CREATE TABLE licence (number TEXT, receipt_number TEXT, state TEXT)",
            "CREATE TABLE idempotency (key TEXT, fingerprint TEXT, answer TEXT)",
            *begun.get(name, ()),
            *filter(None, [changes.get(name)]),
        )
        for name in OFFICES
    }


def _finance(folder: Path, *statements: str) -> str:
    return _store(
        folder / "finance.sqlite3",
        "CREATE TABLE settlement (number TEXT)",
        "CREATE TABLE idempotency (key TEXT, fingerprint TEXT, answer TEXT)",
        "INSERT INTO settlement VALUES ('F1')",
        *statements,
    )


def _store(file: Path, *statements: str) -> str:
    connection = sqlite3.connect(file)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return str(file)

"""The list of whom one can sign in as."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


def listed(*arguments: str) -> Any:
    command = [sys.executable, "-m", "mocks.people", *arguments]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=20).stdout)


def test_the_demo_residents_are_listed_in_order() -> None:
    """A starter of the demo reads it, importing nothing of the mocks."""
    people = listed()
    assert [(person["id_number"], person["name"]) for person in people] == [
        ("110102199003150026", "易办成"),
        ("110102198605200014", "甄示例"),
        ("110102195809090044", "季如意"),
        ("11010220011102003X", "明知行"),
    ]
    assert people[0]["id"] == "4ryz6ortvxiy5evx3v7ixnygyu"


def test_those_from_elsewhere_are_listed_with_their_documents() -> None:
    """The newest passport stands last."""
    people = listed("--elsewhere")
    assert [person["documents"][-1] for person in people] == ["CHN-K00000018", "GBR-990000105"]
    assert all(person["id_number"] == person["documents"][0] for person in people)


def test_all_residents_of_a_seed_begin_with_them() -> None:
    """For load tests, which sign in many."""
    everybody = listed("--all", "--seed", "7")
    assert len(everybody) == 128
    assert everybody[:4] == listed()

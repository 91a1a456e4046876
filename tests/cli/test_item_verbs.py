"""`jiyi item`: look at the catalogue, check an item from a file, propose it, take it back, suspend and resume."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Jiyi, Ran, hub_in
from tests.cli.test_connector_verbs import OPERATOR, enrol
from tests.schema.domain.test_catalogue_lint import RIGHT

pytestmark = pytest.mark.whole

TOML = """code = "X"
name = "新事项"
form = "is none"
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with hub_in(tmp_path_factory.mktemp("hub")) as url:
        yield url


def test_an_item_is_looked_at_checked_proposed_and_taken_back(jiyi: Jiyi, hub: str, tmp_path: Path) -> None:
    """Data on stdout, what follows on stderr; a broken rule is exit 1, a broken file exit 2."""

    def item(*arguments: object, stdin: str | None = None) -> Ran:
        return jiyi("item", *arguments, stdin=stdin, JIYI_HUB=hub, **OPERATOR)

    assert "CA-SENIOR-CARD" in [each["code"] for each in item("list", "--search", "lnz", "--json").data["items"]]
    assert item("list", "--search", "xyzzy").err == "nothing is offered under this word\n"
    shown = item("show", "CA-EXPENSE-ASSISTANCE").out
    assert "telephone: 联系电话 / Telephone (string cn-telephone, required)" in shown
    assert item("show", "NONE").code == "NOT_FOUND"

    file = tmp_path / "item.json"
    file.write_text(json.dumps(RIGHT), encoding="utf-8")
    assert item("lint", file).err == "it can be proposed\n"
    wrong = json.dumps({**RIGHT, "complaint_telephone": ""})
    refused = item("lint", "-", "--json", stdin=wrong)
    assert (refused.exit_code, refused.code) == (1, "CATALOGUE_LINT")
    assert [each["code"] for each in refused.data["findings"]] == ["NO_TELEPHONE"]
    assert item("try", file, "--json").data["trial"]["cases"] == 0
    assert item("propose", file).exit_code == 2
    assert item("propose", "-", "--reason", "asked for", stdin=wrong).code == "BAD_USER_INPUT"

    proposed = item("propose", file, "--reason", "asked for")
    assert proposed.err == "NEW-ITEM: LEGAL_REVIEW\n"
    proposal = proposed.out.strip()
    waiting = item("proposals", "--state", "legal-review", "--json").data["proposals"]
    assert [each["id"] for each in waiting] == [proposal]
    assert item("review", proposal, "--approve", "--reason", "read").code == "FORBIDDEN"
    assert item("admit", proposal, "--reason", "now").code == "INVALID_TRANSITION"
    assert item("withdraw", proposal, "--reason", "not yet").err == "NEW-ITEM: WITHDRAWN\n"
    assert item("suspend", "CA-SENIOR-CARD", "--reason", "no cards left").exit_code == 0
    assert "SUSPENDED" in item("show", "CA-SENIOR-CARD").out
    assert item("resume", "CA-SENIOR-CARD", "--reason", "cards are back", "--json").data["item"]["code"]
    assert item("merge", "CA-SENIOR-CARD", "--into", "NONE", "--reason", "x").code == "BAD_USER_INPUT"


def test_a_file_that_is_no_item_is_told_with_its_line(jiyi: Jiyi, hub: str, tmp_path: Path) -> None:
    """TOML and JSON both; nothing is asked of the hub."""
    file = tmp_path / "item.toml"
    file.write_text('code = "X"\nname = \n', encoding="utf-8")
    broken = jiyi("item", "lint", file, JIYI_HUB=hub, **OPERATOR)
    assert (broken.exit_code, broken.code) == (2, "BAD_ITEM")
    assert "line 2" in broken.err
    file.write_text('[[item]]\ncode = "A"\n[[item]]\ncode = "B"\n', encoding="utf-8")
    assert "one item at a time" in jiyi("item", "lint", file, JIYI_HUB=hub, **OPERATOR).err
    file.write_text(TOML, encoding="utf-8")
    assert jiyi("item", "lint", file, JIYI_HUB=hub, **OPERATOR).code == "BAD_USER_INPUT"
    assert jiyi("item", "lint", tmp_path / "none", JIYI_HUB=hub, **OPERATOR).exit_code == 2


def test_a_department_proposes_its_own_items_alone(jiyi: Jiyi, hub: str, tmp_path: Path) -> None:
    """What belongs to another department is refused by the hub, not by the command."""
    file = tmp_path / "item.json"
    file.write_text(json.dumps(RIGHT), encoding="utf-8")
    refused = jiyi("item", "propose", file, "--reason", "x", **enrol(jiyi, hub, "parks"))
    assert (refused.exit_code, refused.code) == (1, "FORBIDDEN")

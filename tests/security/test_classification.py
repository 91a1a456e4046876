"""Every field that clients can name is classified, and the whole list has been looked at by a person.

A field that is added makes this fail until its line stands in ``classification.txt``. After looking at
what the new line means: ``python -m tests.security.test_classification`` writes the list again.
"""

from __future__ import annotations

from pathlib import Path

from auth.policy import Policy
from tests.security.road_graph import road_schema

LISTING = Path(__file__).parent / "classification.txt"


def _listing() -> str:
    classes = Policy().classify(road_schema())
    return "".join(f"{coordinate}  {each}\n" for coordinate, each in sorted(classes.items()))


def test_no_field_is_denied_for_want_of_a_rule() -> None:
    """Such a field is dead for its users: whoever adds it decides who may read it."""
    assert Policy().unclassified(road_schema()) == ()


def test_every_field_of_the_roads_graph_has_been_looked_at() -> None:
    """The list is reviewed as a change of the API is; nothing joins the graph unseen."""
    assert _listing().splitlines() == LISTING.read_text(encoding="utf-8").splitlines()


def test_identity_numbers_cannot_be_named() -> None:
    """Not by anybody, in no type: departments and the hub alone know them."""
    coordinates = Policy().classify(road_schema())
    assert [each for each in coordinates if each.endswith(".idNumber")] == []


if __name__ == "__main__":
    LISTING.write_text(_listing(), encoding="utf-8")

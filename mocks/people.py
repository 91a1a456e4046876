"""``python -m mocks.people``: whom one can sign in as, as JSON; ``--all`` for every resident of a seed,
``--elsewhere`` for those who have no resident card."""

from __future__ import annotations

import argparse
import json
from typing import Any

from mocks.residents import DEFAULT_SEED, DEMO_RESIDENTS, RESIDENTS_FROM_ELSEWHERE, Resident, residents


def main() -> None:
    """Print the demo residents, or those from elsewhere, always in the same order."""
    parser = argparse.ArgumentParser(prog="python -m mocks.people")
    parser.add_argument("--all", action="store_true", help="every resident, not only those of the demo")
    parser.add_argument("--elsewhere", action="store_true", help="those who sign in with another document")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="with --all: the seed of the departments")
    arguments = parser.parse_args()
    others = RESIDENTS_FROM_ELSEWHERE if arguments.elsewhere else DEMO_RESIDENTS
    people = residents(arguments.seed) if arguments.all else others
    print(json.dumps([_show(person) for person in people], ensure_ascii=False, indent=2))


def _show(person: Resident) -> dict[str, Any]:
    return {
        "id": person.id,
        "id_number": person.id_number,
        "name": person.name,
        "name_en": person.name_en,
        "phone": person.phone,
        "birth_date": person.birth_date.isoformat(),
        "documents": [each.key for each in person.documents],
    }


if __name__ == "__main__":
    main()

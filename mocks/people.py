"""``python -m mocks.people``: the demo's residents as JSON, for whoever needs to sign in as one of them."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from mocks.residents import DEMO_RESIDENTS


def main() -> None:
    """Print a list of residents: id, id_number, name, phone and the rest."""
    people = [{**asdict(resident), "birth_date": resident.birth_date.isoformat()} for resident in DEMO_RESIDENTS]
    sys.stdout.write(json.dumps(people, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()

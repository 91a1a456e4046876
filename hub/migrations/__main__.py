"""``python -m hub.migrations "What changes"``: write the revision from the last one to the tables as they are.

It compares with an empty SQLite database to which all revisions were applied.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from alembic import command
from alembic.script import Script
from sqlalchemy import create_engine

from hub.migrations import configuration


def write_revision(message: str) -> None:
    """The new file is named after the message; read it before it is committed."""
    name = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
    with create_engine("sqlite://").begin() as connection:
        config = configuration(connection)
        config.set_main_option("file_template", "%%(slug)s")
        command.upgrade(config, "head")
        script = command.revision(config, message, autogenerate=True, rev_id=name)
    if not isinstance(script, Script):
        raise TypeError("Alembic wrote more or less than one revision.")
    file = Path(script.path)
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if "# ###" not in line), encoding="utf-8")


if __name__ == "__main__":
    write_revision(sys.argv[1])

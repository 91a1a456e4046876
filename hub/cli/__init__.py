"""The command ``jiyi``: a thin door; each verb imports what it needs when it runs.

``jiyi agent`` must stay small and knows nothing of the hub, so nothing of the hub is imported here.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. An interrupt by the user ends with 130."""
    from hub.cli.commands import app

    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)

"""What a second terminal needs to act in a running demo: a file of ``export`` lines, for the operator alone."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from hub.demo.places import HUB, PHONES, Places

PHONES_VARIABLE = "JIYI_DEMO_PHONES"
"""Where the mock phones are, on which one-time codes arrive."""
KEPT_VARIABLE = "JIYI_DEMO_TOKEN_FILE"
"""Where the first resident's token is kept while it is good."""
_FILE = "operator.env"


def write_environment(places: Places) -> Path:
    """``. .jiyi/demo/operator.env`` makes a shell the operator's. Readable by this user alone."""
    token_file = places.directory.resolve() / "resident.token"
    token_file.unlink(missing_ok=True)
    variables = {
        "JIYI_HUB": places.url(HUB),
        "JIYI_CLIENT_ID": "operator-cli",
        "JIYI_CLIENT_SECRET": places.operator_secret,
        PHONES_VARIABLE: places.url(PHONES),
        KEPT_VARIABLE: str(token_file),
    }
    file = places.directory / _FILE
    file.touch(mode=0o600, exist_ok=True)
    file.write_text("".join(f"export {name}={quote(value)}\n" for name, value in variables.items()))
    return file

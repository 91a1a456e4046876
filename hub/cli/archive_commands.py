"""``jiyi archive verify``: whether a sealed case is what the hub sealed; needs no hub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hub.cli.output import JsonFlag, envelope, fail, note, write

archive_app = typer.Typer(help="Sealed packages of finished cases.", no_args_is_help=True)


@archive_app.command("verify")
def verify_archive(
    file: Annotated[Path, typer.Argument(help="The package (ZIP).", exists=True, dir_okay=False)],
    keys: Annotated[
        Path | None,
        typer.Option(help="The hub's published keys (JWK Set), saved from /archive-keys.json.", exists=True),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Check signature, manifest and every file. Exit 1 where something differs."""
    from hub.archives.package_check import check_package  # loads the domain, which the engine alone does without

    try:
        published = KeySet.import_key_set(json.loads(keys.read_text(encoding="utf-8"))) if keys else None
        checked = check_package(file, published)
    except (ValueError, JoseError) as error:
        fail("ARCHIVE_UNREADABLE", str(error), as_json=as_json)
    result = {
        "file": file.name,
        "isUntouched": not checked.problems,
        "problems": list(checked.problems),
        "receiptNumber": checked.about.get("receiptNumber"),
        "sealedAt": checked.about.get("sealedAt"),
        "retainedUntil": checked.about.get("retainedUntil"),
        "keyThumbprint": checked.key_thumbprint,
        "isKeyKnown": checked.is_key_known,
    }
    if as_json:
        write(envelope(result))
    elif checked.problems:
        note(f"{file.name} is not what was sealed:")
        for problem in checked.problems:
            note(f"  {problem}")
    else:
        write(f"{file.name}: case {result['receiptNumber']}, sealed {result['sealedAt']}, untouched")
        if checked.is_key_known is None:
            write(f"  key {checked.key_thumbprint}: compare it with the published ones, or pass --keys")
    if checked.problems:
        raise typer.Exit(1)

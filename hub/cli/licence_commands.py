"""``jiyi licence``: whether a licence is good, with files or with what a hub publishes; and the keys that sign.

Verifying needs no sign-in and, with ``--keys`` and ``--status``, no hub. Source: docs/licences.md.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.error import URLError
from urllib.request import urlopen

import typer

from hub.cli.asking import Certificate, Hub, ask_hub
from hub.cli.output import JsonFlag, envelope, fail, note, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from joserfc.jwk import Key

    from auth.signed_licences import StatusList
    from schema.domain.licence_verification import ShownLicence, Verdict

licence_app = typer.Typer(help="Verify licences; replace the key that signs them.", no_args_is_help=True)

_SECONDS = 10
_KEY = "{ id publishedAt signsFrom retiredAt isSigning revokedAt revocationReason }"
_KEYS = f"query {{ licenceKeys {_KEY} }}"
_ROTATE = f"mutation ($hours: Int!) {{ rotateLicenceKey(announceHours: $hours) {_KEY} }}"
_REVOKE = f"""mutation ($key: ID!, $reason: String!, $since: DateTime) {{
  revokeLicenceKey(keyId: $key, reason: $reason, since: $since) {_KEY} }}"""
_MOST_BYTES = 2 * 1024 * 1024


@licence_app.callback()
def licence() -> None:
    """Verify licences; replace the key that signs them."""


@licence_app.command()
def verify(
    licence: Annotated[str, typer.Argument(metavar="FILE|TOKEN", help="The document, its address, or its file.")],
    keys: Annotated[Path | None, typer.Option(help="The published keys: what /oauth/jwks answered.")] = None,
    status: Annotated[Path | None, typer.Option(help="A status list: what /licences/status/N answered.")] = None,
    hub: Annotated[str | None, typer.Option("--hub", help="Take keys and status list from this hub.")] = None,
    max_age: Annotated[float, typer.Option(min=0, help="Hours that revocation data may be old.")] = 24,
    as_json: JsonFlag = False,
) -> None:
    """Say whether a licence is good, why not, what it says, and how old the revocation data is."""
    # Loaded here: the engine alone, which has the same command line, has nothing of licences.
    from auth.signed_licences import document_in, published_keys, read_licence, revoked_key_ids
    from schema.domain.licence_verification import NotGood, Verdict, judge

    if (keys is None) == (hub is None):
        wrong = "Give --keys FILE to verify offline, or --hub URL to take what a hub publishes now."
        fail("WRONG_USAGE", wrong, as_json=as_json, exit_code=2)
    now = datetime.now(UTC)
    document = document_in(_text(licence, as_json))
    base = (hub or "").rstrip("/")
    jwks = _file(keys, as_json) if keys is not None else _fetch(f"{base}/oauth/jwks", as_json)
    try:
        published = json.loads(jwks)
        known, revoked = published_keys(published), revoked_key_ids(published)
    except ValueError:
        fail("KEYS_UNREADABLE", "The keys are no JWK Set. Save what /oauth/jwks answers.", as_json=as_json)
    try:
        shown = read_licence(document, known, revoked)
        listed = _status_list(_status_text(shown, status, base, as_json), known, revoked)
        if listed is not None:
            # It may be newer than the keys.
            read_licence(document, known, listed.revoked_keys)
        verdict = judge(shown, now, listed.reading(shown) if listed else None, timedelta(hours=max_age))
    except NotGood as problem:
        verdict = Verdict(problem.reason)
    _tell(verdict, now, as_json)


@licence_app.command("keys")
def list_keys(hub: Hub = None, ca_file: Certificate = None, as_json: JsonFlag = False) -> None:
    """List the keys by which licences verify, the newest first."""
    keys = ask_hub(hub, _KEYS, {}, as_json, ca_file)["licenceKeys"]
    if as_json:
        write(envelope({"keys": keys}))
        return
    for key in keys:
        write(f"{key['id']}  from {key['signsFrom']}  {_state(key)}")


@licence_app.command("rotate-key")
def rotate_key(
    announce: Annotated[int, typer.Option(min=0, help="Hours that it is published before it signs.")] = 24,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Publish a new key and sign licences with it after the announcement. What was signed before verifies on."""
    made = ask_hub(hub, _ROTATE, {"hours": announce}, as_json, ca_file)["rotateLicenceKey"]
    if as_json:
        write(envelope({"key": made}))
    else:
        note(f"Key {made['id']} is published at /oauth/jwks and signs from {made['signsFrom']}.")


@licence_app.command("revoke-key")
def revoke_key(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its id: `jiyi licence keys` lists them.")],
    reason: Annotated[str, typer.Option(help="What happened; operators read it.")],
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%dT%H:%M:%S%z"], help="From when somebody else may have had it."),
    ] = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Revoke a key that somebody else may have: nothing that it signed verifies, another signs at once."""
    variables = {"key": key, "reason": reason, "since": since.isoformat() if since else None}
    revoked = ask_hub(hub, _REVOKE, variables, as_json, ca_file)["revokeLicenceKey"]
    if as_json:
        write(envelope({"key": revoked}))
    else:
        note(f"Key {key} is revoked: what it signed is KEY_REVOKED. Holders are told to print anew.")


def _state(key: dict[str, Any]) -> str:
    if key["revokedAt"]:
        return f"revoked {key['revokedAt']}: {key['revocationReason']}"
    if key["isSigning"]:
        return "signs"
    return f"retired {key['retiredAt']}" if key["retiredAt"] else "waits"


def _tell(verdict: Verdict, now: datetime, as_json: bool) -> None:
    from schema.domain.licence_verification import summary

    told = summary(verdict, now)
    if as_json:
        write(envelope({"verification": told}))
    else:
        write("\n".join(_lines(told)))
    if not verdict.is_valid:
        raise typer.Exit(1)


def _lines(told: dict[str, Any]) -> list[str]:
    lines = [told["reason"]]
    for name, value in (told["licence"] or {}).items():
        if isinstance(value, list):
            lines += [f"  {each['name']}: {each['value']}" for each in value]
        elif value is not None:
            lines.append(f"  {name}: {value}")
    age = told["statusAgeSeconds"]
    lines.append("  revocations: not known" if age is None else f"  revocations: as of {age} seconds ago")
    return lines


def _status_list(text: str | None, keys: Mapping[str, Key], revoked: frozenset[str]) -> StatusList | None:
    """Signed by a key that is believed no more, a list says nothing."""
    from auth.signed_licences import read_status_list
    from schema.domain.licence_verification import NotGood, Reason

    try:
        return read_status_list(text, keys, revoked) if text is not None else None
    except NotGood as problem:
        if problem.reason is not Reason.KEY_REVOKED:
            raise
        return None


def _status_text(shown: ShownLicence, file: Path | None, base: str, as_json: bool) -> str | None:
    """The status list: the file's, or the one that the licence names where it is the hub's own."""
    if file is not None:
        return _file(file, as_json)
    if base and shown.status is not None and shown.status[0].startswith(f"{base}/"):
        return _fetch(shown.status[0], as_json)
    return None


def _text(given: str, as_json: bool) -> str:
    """A file's content where there is such a file, else the text itself."""
    is_path = len(given) < 256 and Path(given).is_file()
    return _file(Path(given), as_json) if is_path else given


def _file(path: Path, as_json: bool) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail("LICENCE_FILE_UNREADABLE", f"{path}: {error}", as_json=as_json, exit_code=2)


def _fetch(address: str, as_json: bool) -> str:
    if not address.startswith(("http://", "https://")):
        fail("WRONG_USAGE", "--hub is an address: https://hub.example", as_json=as_json, exit_code=2)
    try:
        with urlopen(address, timeout=_SECONDS) as answer:  # noqa: S310  http or https, as checked above
            content: bytes = answer.read(_MOST_BYTES)
    except (URLError, TimeoutError, OSError) as error:
        fail("HUB_UNREACHABLE", f"{address}: {error}", as_json=as_json)
    return content.decode("utf-8", "replace")

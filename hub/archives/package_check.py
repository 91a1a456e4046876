"""Check a sealed package without the hub: its signature, its manifest, every file. Source: docs/materials.md."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from auth.keys import SIGNING_ALGORITHM
from schema.domain.case_package import FORMAT, KEY, MANIFEST, SEAL, PackedFile, package_problems

_PART = 1024 * 1024
LARGEST_TEXT = 10 * 1024 * 1024
"""A manifest, seal or key beyond this is none."""


@dataclass(frozen=True, slots=True)
class CheckedPackage:
    """``problems`` is empty for an untouched package. ``is_key_known`` is ``None`` where no keys were given."""

    problems: tuple[str, ...]
    about: dict[str, Any]
    key_thumbprint: str | None = None
    is_key_known: bool | None = None


def check_package(path: Path, published: KeySet | None = None) -> CheckedPackage:
    """Raises ``ValueError`` for what is no package at all."""
    try:
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
            if len(names) != len(set(names)) or not {MANIFEST, SEAL, KEY} <= set(names):
                raise ValueError(
                    f"{path.name} is no sealed case: it needs {MANIFEST}, {SEAL} and {KEY}, each once."
                )
            return _checked(package, names, published)
    except zipfile.BadZipFile as error:
        raise ValueError(f"{path.name} is no ZIP file, or it is damaged: {error}") from error


def _checked(package: zipfile.ZipFile, names: list[str], published: KeySet | None) -> CheckedPackage:
    found = _text(package, MANIFEST)
    try:
        key = ECKey.import_key(json.loads(_text(package, KEY)))
        sealed = jws.deserialize_compact(_text(package, SEAL).decode("ascii"), key, algorithms=[SIGNING_ALGORITHM])
    except (JoseError, ValueError, TypeError, KeyError):
        return CheckedPackage(("The seal is broken: the signature does not hold.",), {})
    files = {name: _packed(package, name) for name in names}
    problems = list(package_problems(sealed.payload, found, files))
    about = _about(sealed.payload)
    if about.get("format") != FORMAT:
        problems.append(f"The format is not {FORMAT}.")
    thumbprint = key.thumbprint()
    is_known = None if published is None else thumbprint in {each.thumbprint() for each in published.keys}
    if is_known is False:
        problems.append("It was sealed with a key that is not among the published ones.")
    return CheckedPackage(tuple(problems), about, thumbprint, is_known)


def _about(payload: bytes) -> dict[str, Any]:
    try:
        found = json.loads(payload)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(package: zipfile.ZipFile, name: str) -> bytes:
    if package.getinfo(name).file_size > LARGEST_TEXT:
        raise ValueError(f"{name} is too large to be one.")
    return package.read(name)


def _packed(package: zipfile.ZipFile, name: str) -> PackedFile:
    digest, size = sha256(), 0
    with package.open(name) as entry:
        while part := entry.read(_PART):
            digest.update(part)
            size += len(part)
    return PackedFile(name, digest.hexdigest(), size)

"""The sealed package of a finished case (归档): what is in it, and whether a package is what was sealed.

A package is a ZIP with ``manifest.json`` (the SHA-256 of every other file), ``seal.jws`` (the hub's signature over
the manifest, as compact JWS) and the files. Whether the signature holds is told from outside; the rest is compared
here.
Source: docs/materials.md, "Archive"; art. 14.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

FORMAT = "jiyi-case/1"
MANIFEST = "manifest.json"
SEAL = "seal.jws"
KEY = "key.json"
"""The public key that sealed it: the package is checked alone. Whether it is the hub's, published keys say."""
_BESIDE = frozenset({MANIFEST, SEAL, KEY})


@dataclass(frozen=True, slots=True)
class PackedFile:
    """``sha256`` in hexadecimal digits."""

    path: str
    sha256: str
    size_bytes: int


def manifest(about: Mapping[str, Any], files: tuple[PackedFile, ...]) -> bytes:
    """The manifest as it is signed: the same bytes for the same content."""
    listed = [{"path": each.path, "sha256": each.sha256, "sizeBytes": each.size_bytes} for each in files]
    content = {"format": FORMAT, **about, "files": listed}
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1).encode()


def package_problems(signed: bytes, found: bytes, files: Mapping[str, PackedFile]) -> Iterator[str]:
    """What differs from what was sealed; nothing for an untouched package.

    ``signed`` is the manifest under the signature, ``found`` the one in the package, ``files`` what is there.
    """
    if signed != found:
        yield f"{MANIFEST} is not the one that was sealed."
    try:
        listed = {each["path"]: each for each in json.loads(signed)["files"]}
    except (ValueError, KeyError, TypeError):
        yield f"{MANIFEST} cannot be read."
        return
    for path in sorted(listed.keys() - files.keys()):
        yield f"{path} is missing."
    for path in sorted(files.keys() - listed.keys() - _BESIDE):
        yield f"{path} was added."
    for path in sorted(listed.keys() & files.keys()):
        if (files[path].sha256, files[path].size_bytes) != (listed[path]["sha256"], listed[path]["sizeBytes"]):
            yield f"{path} was changed."

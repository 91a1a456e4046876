"""What is no longer so of signed licences, as a list that anyone may keep: four bits a licence, compressed.

Source: IETF OAuth working group, "Token Status List", sections 4 (the list) and 7 (the values); RFC 1950.
"""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from enum import IntEnum

from schema.domain.licence import LicenceState

BITS = 4
LIST_SIZE = 1 << 17
"""Places of one list: 64 KiB of bits, some hundred bytes where hardly anything was revoked."""
MOST_BYTES = LIST_SIZE * BITS // 8
"""What a list unfolds to at most: a short text does not become a long one here."""


class Status(IntEnum):
    VALID = 0x0
    REVOKED = 0x1
    """``INVALID`` in the draft."""
    SUSPENDED = 0x2
    SUPERSEDED = 0x3
    """From here on the values are the application's own: a newer licence took its place."""
    WITHDRAWN = 0xC
    """The holder took back what was shared."""


STATUS_OF: Mapping[LicenceState, Status] = {
    LicenceState.VALID: Status.VALID,
    LicenceState.SUSPENDED: Status.SUSPENDED,
    LicenceState.REVOKED: Status.REVOKED,
    LicenceState.SUPERSEDED: Status.SUPERSEDED,
    # That it is over stands in the document itself.
    LicenceState.EXPIRED: Status.VALID,
}


class BadStatusList(Exception):
    """The text is no status list, or has no such place."""


def list_of(index: int) -> tuple[int, int]:
    """Which list has this place, and where in it."""
    return divmod(index, LIST_SIZE)


def pack(values: Mapping[int, int]) -> str:
    """The list with these values in their places and 0 elsewhere: zlib, then base64url without padding."""
    packed = bytearray(MOST_BYTES)
    per_byte = 8 // BITS
    for place, value in values.items():
        packed[place // per_byte] |= value << (place % per_byte) * BITS
    return urlsafe_b64encode(zlib.compress(bytes(packed), 9)).rstrip(b"=").decode("ascii")


def unpack(packed: str, bits: int = BITS) -> bytes:
    """The bits of a list. Raises :class:`BadStatusList` where it is none, or longer than any of ours."""
    if bits not in (1, 2, 4, 8):
        raise BadStatusList("A status has 1, 2, 4 or 8 bits.")
    try:
        unfolding = zlib.decompressobj()
        found = unfolding.decompress(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), MOST_BYTES)
    except (ValueError, zlib.error):
        raise BadStatusList("The list is not compressed as it has to be.") from None
    if unfolding.unconsumed_tail or not unfolding.eof:
        raise BadStatusList(f"The list is longer than {MOST_BYTES} bytes, or cut off.")
    return found


def value_at(unpacked: bytes, place: int, bits: int = BITS) -> int:
    """The value in one place. Raises :class:`BadStatusList` beyond the end."""
    per_byte = 8 // bits
    if not 0 <= place < len(unpacked) * per_byte:
        raise BadStatusList(f"The list has no place {place}.")
    return unpacked[place // per_byte] >> (place % per_byte) * bits & (1 << bits) - 1

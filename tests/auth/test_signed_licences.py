"""Signed licences read with published keys alone: what is good is good, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from auth.signed_licences import (
    LICENCE_TYPE,
    STATUS_LIST_TYPE,
    document_in,
    published_keys,
    read_licence,
    read_status_list,
    sign,
)
from schema.domain.licence import Licence, LicenceState, state_on
from schema.domain.licence_verification import (
    NotGood,
    Reason,
    SharedFor,
    ShownLicence,
    Verdict,
    claims_of,
    end_of,
    judge,
    summary,
)
from schema.domain.status_list import BITS, STATUS_OF, BadStatusList, Status, pack, unpack, value_at

KEY = ECKey.generate_key("P-256", auto_kid=True)
FOREIGN = ECKey.generate_key("P-256", auto_kid=True)
HUB, LIST = "https://hub.example", "https://hub.example/licences/status/0"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SHOWN = ShownLicence(
    number="JZ261123-0123456789-X",
    kind="residence-permit",
    name="居住证",
    name_en="Residence permit",
    issuer="110102-GA",
    issuer_name="西城公安分局",
    holder="王**",
    issued_at=NOW,
    valid_from=date(2026, 11, 23),
    valid_until=date(2027, 11, 22),
    ends_at=end_of(date(2027, 11, 22)),
    status=(LIST, 5),
)


def published(*keys: ECKey) -> dict[str, Any]:
    return published_keys({"keys": [key.as_dict(private=False) for key in keys]})


def document(key: ECKey = KEY, shown: ShownLicence = SHOWN) -> str:
    return sign(key, LICENCE_TYPE, claims_of(shown, HUB))


def listed(values: dict[int, int], key: ECKey = KEY, at: datetime = NOW, address: str = LIST) -> str:
    claims = {"sub": address, "iat": int(at.timestamp()), "status_list": {"bits": BITS, "lst": pack(values)}}
    return sign(key, STATUS_LIST_TYPE, claims)


def verdict(values: dict[int, int], at: datetime = NOW, shown: ShownLicence = SHOWN) -> Verdict:
    keys = published(KEY)
    read = read_status_list(listed(values), keys)
    found = read_licence(document(shown=shown), keys)
    return judge(found, at, read.reading(found))


def test_a_licence_reads_as_it_was_signed() -> None:
    assert read_licence(document(), published(FOREIGN, KEY)) == SHOWN


def test_every_flipped_bit_is_found() -> None:
    """Of header, claims and signature, each bit of each byte of the text: none verifies any more."""
    text, keys = document(), published(KEY)
    for place in range(len(text)):
        for bit in range(7):
            changed = text[:place] + chr(ord(text[place]) ^ 1 << bit) + text[place + 1 :]
            with pytest.raises(NotGood) as failed:
                read_licence(changed, keys)
            if place > text.index(".") and changed.count(".") == 2 and changed[place].isalnum():
                assert failed.value.reason in (Reason.BAD_SIGNATURE, Reason.MALFORMED)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.MALFORMED),
        ("x" * 20_000, Reason.MALFORMED),
        ("a.b", Reason.MALFORMED),
        ("证照", Reason.MALFORMED),
        (document(FOREIGN), Reason.UNKNOWN_KEY),
        (sign(KEY, "at+jwt", claims_of(SHOWN, HUB)), Reason.WRONG_TYPE),
        (listed({}), Reason.WRONG_TYPE),
        (sign(KEY, LICENCE_TYPE, {"licence": {}}), Reason.MALFORMED),
        (sign(KEY, LICENCE_TYPE, {**claims_of(SHOWN, HUB), "exp": "soon"}), Reason.MALFORMED),
    ],
)
def test_what_is_no_licence_of_ours(text: str, reason: Reason) -> None:
    with pytest.raises(NotGood) as failed:
        read_licence(text, published(KEY))
    assert failed.value.reason is reason


def test_a_foreign_key_under_the_known_name_is_a_bad_signature() -> None:
    """Who signs with a key of their own and writes our key's id."""
    forged = ECKey.import_key({**FOREIGN.as_dict(private=True), "kid": str(KEY.kid)})
    with pytest.raises(NotGood, match="BAD_SIGNATURE"):
        read_licence(document(forged), published(KEY))


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.VALID, Reason.VALID),
        (Status.REVOKED, Reason.REVOKED),
        (Status.SUSPENDED, Reason.SUSPENDED),
        (Status.SUPERSEDED, Reason.SUPERSEDED),
        (Status.WITHDRAWN, Reason.SHARE_WITHDRAWN),
        (9, Reason.REVOKED),
    ],
)
def test_the_status_list_says_what_is_not_good_any_more(status: int, reason: Reason) -> None:
    assert verdict({5: status, 4: Status.REVOKED, 6: Status.SUSPENDED}).reason is reason


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (NOW - timedelta(days=1), Reason.NOT_YET_VALID),
        (NOW + timedelta(hours=24), Reason.VALID),
        (NOW + timedelta(hours=25), Reason.STATUS_TOO_OLD),
        (datetime(2027, 11, 22, 15, 59, tzinfo=UTC), Reason.STATUS_TOO_OLD),
        (datetime(2027, 11, 22, 16, 0, tzinfo=UTC), Reason.EXPIRED),
    ],
)
def test_time_passes_at_beijing(at: datetime, reason: Reason) -> None:
    """And a verdict says how old the revocation data is (domain.md, 9.14)."""
    found = verdict({}, at)
    assert found.reason is reason
    assert found.status_as_of == NOW
    assert summary(found, NOW + timedelta(hours=2))["statusAgeSeconds"] == 7200


def test_without_revocation_data_nothing_is_called_good() -> None:
    """Nor with another list, or one that somebody else signed."""
    keys = published(KEY)
    other = read_status_list(listed({}, address=f"{HUB}/licences/status/1"), keys)
    assert judge(SHOWN, NOW, None).reason is Reason.STATUS_UNKNOWN
    assert judge(SHOWN, NOW, other.reading(SHOWN)).reason is Reason.STATUS_UNKNOWN
    assert read_status_list(listed({}), keys).reading(replace(SHOWN, status=(LIST, 1 << 20))) is None
    with pytest.raises(NotGood, match="UNKNOWN_KEY"):
        read_status_list(listed({}, FOREIGN), keys)


def test_a_share_ends_with_its_time_and_what_a_department_told_grows_old() -> None:
    share = replace(
        SHOWN, share=SharedFor(id="s", recipient="银行", purpose="贷款"), ends_at=NOW + timedelta(hours=1)
    )
    told = replace(SHOWN, status=None, told_at=NOW, ends_at=NOW + timedelta(hours=24))

    assert verdict({}, NOW + timedelta(minutes=59), share).reason is Reason.VALID
    assert verdict({}, NOW + timedelta(hours=1), share).reason is Reason.SHARE_ENDED
    assert verdict({}, NOW + timedelta(hours=2), told).status_as_of == NOW
    assert verdict({}, NOW + timedelta(hours=24), told).reason is Reason.EXPIRED


@settings(max_examples=60, deadline=None)
@given(
    # That one has expired follows from its last day.
    st.sampled_from([each for each in LicenceState if each is not LicenceState.EXPIRED]),
    st.dates(date(2026, 1, 1), date(2028, 1, 1)),
    st.none() | st.dates(date(2026, 1, 1), date(2028, 1, 1)),
    st.integers(0, 800),
)
def test_a_licence_verifies_exactly_when_it_is_valid(
    state: LicenceState, first: date, last: date | None, days: int
) -> None:
    """Whatever its state and its days: the document, its list and the clock say what the register says."""
    at = datetime(2026, 1, 1, 9, 0, tzinfo=UTC) + timedelta(days=days)
    licence = Licence(
        id="l", number="n", kind="k", issuer="i", holder="h", state=state, version=1, valid_from=first,
        valid_until=last,
    )  # fmt: skip
    shown = replace(
        SHOWN,
        valid_from=first,
        valid_until=last,
        ends_at=end_of(last) if last else None,
        issued_at=NOW.replace(year=2025),
    )
    keys = published(KEY)
    read = read_status_list(listed({5: STATUS_OF[state]}, at=at), keys)
    found = read_licence(document(shown=shown), keys)
    is_good = state_on(licence, at.date()) is LicenceState.VALID and at.date() >= first

    assert judge(found, at, read.reading(found)).is_valid is is_good


@given(st.dictionaries(st.integers(0, 1000), st.integers(0, 15), max_size=20))
def test_a_status_list_gives_back_what_was_put_in(values: dict[int, int]) -> None:
    bits = unpack(pack(values))
    assert [value_at(bits, place) for place in range(1001)] == [values.get(place, 0) for place in range(1001)]


@pytest.mark.parametrize("packed", ["", "AAAA", "好", pack({})[:-4]])
def test_a_broken_status_list_is_refused(packed: str) -> None:
    with pytest.raises(BadStatusList):
        unpack(packed)


def test_a_short_text_does_not_become_a_long_list() -> None:
    """A bomb of 10 MB is stopped at what a list may have."""
    import zlib
    from base64 import urlsafe_b64encode

    with pytest.raises(BadStatusList, match="longer"):
        unpack(urlsafe_b64encode(zlib.compress(bytes(10_000_000))).decode())


@pytest.mark.filterwarnings("ignore:authlib.jose module is deprecated")
def test_another_library_verifies_the_same_document() -> None:
    """Authlib's own JOSE, with nothing of ours but the published key."""
    from authlib.jose import JsonWebKey, JsonWebSignature

    key = JsonWebKey.import_key(KEY.as_dict(private=False))
    read: Any = JsonWebSignature(["ES256"]).deserialize_compact(document(), key)
    assert "居住证" in read["payload"].decode()
    assert read["header"]["typ"] == LICENCE_TYPE


def test_the_address_of_a_qr_code_holds_the_document() -> None:
    assert document_in(f" {HUB}/verify?licence=a.b.c ") == "a.b.c"
    assert document_in("a.b.c\n") == "a.b.c"
    assert document_in(f"{HUB}/verify") == ""

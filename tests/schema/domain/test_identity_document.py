"""Identity documents: what is taken for a number of which kind, and how it is shown; domain.md, section 2."""

from __future__ import annotations

import pytest

from schema.domain.document_reading import NAMES, DocumentFault, DocumentProblem, read_document
from schema.domain.identity_document import IdentityDocumentType, document_of_key, normalised

RESIDENT = IdentityDocumentType.RESIDENT_CARD
PERMIT = IdentityDocumentType.HONG_KONG_MACAO_PERMIT
TAIWAN = IdentityDocumentType.TAIWAN_PERMIT
CARD = IdentityDocumentType.PERMANENT_RESIDENT_CARD
PASSPORT = IdentityDocumentType.PASSPORT


@pytest.mark.parametrize(
    ("kind", "typed", "country", "key", "masked"),
    [
        (RESIDENT, "11010519491231002X", None, "11010519491231002X", "110105********002X"),
        (RESIDENT, " 110105 1949 1231 002x", "", "11010519491231002X", "110105********002X"),
        (RESIDENT, "１１０１０５１９４９１２３１００２ｘ", None, "11010519491231002X", "110105********002X"),
        (RESIDENT, "710000199001010015", None, "710000199001010015", "710000********0015"),
        (PERMIT, "810000199001010019", None, "810000199001010019", "810000********0019"),
        (PERMIT, "820000198512120022", None, "820000198512120022", "820000********0022"),
        (TAIWAN, "83000019780607003x", None, "83000019780607003X", "830000********003X"),
        (CARD, "911840198504030016", None, "911840198504030016", "911840********0016"),
        (CARD, "usa 3100 8504 0301", None, "USA310085040301", "USA********0301"),
        (PASSPORT, "E12345678", "CHN", "CHN-E12345678", "******678"),
        (PASSPORT, "ec 1234567", "chn", "CHN-EC1234567", "******567"),
        (PASSPORT, "123456789", "GBR", "GBR-123456789", "******789"),
        (PASSPORT, "c01x00t47", "D", "DEU-C01X00T47", "******T47"),
        (PASSPORT, "AB123", "GBN", "GBN-AB123", "**123"),
    ],
)
def test_a_number_is_taken_as_people_type_it(
    kind: IdentityDocumentType, typed: str, country: str | None, key: str, masked: str
) -> None:
    """Blanks, full width and a small x are no mistakes; nobody sees more of it than the mask."""
    document = read_document(kind, typed, country)
    assert (document.type, document.key, document.masked) == (kind, key, masked)
    assert document.number not in repr(document)


@pytest.mark.parametrize(
    ("kind", "typed", "country", "fault"),
    [
        (RESIDENT, "  ", None, DocumentFault.NUMBER_MISSING),
        (RESIDENT, "11010519491231002", None, DocumentFault.NUMBER_FORM),
        (RESIDENT, "01010519491231002X", None, DocumentFault.NUMBER_FORM),
        (RESIDENT, "E12345678", None, DocumentFault.NUMBER_FORM),
        (RESIDENT, "CHN-E12345678", None, DocumentFault.NUMBER_FORM),
        (RESIDENT, "110105194902300021", None, DocumentFault.BIRTH_DATE),
        (RESIDENT, "110105194912310021", None, DocumentFault.CHECK_CHARACTER),
        (RESIDENT, "810000199001010019", None, DocumentFault.OTHER_DOCUMENT),
        (RESIDENT, "11010519491231002X", "CHN", DocumentFault.COUNTRY_NEEDLESS),
        (PERMIT, "11010519491231002X", None, DocumentFault.OTHER_DOCUMENT),
        (PERMIT, "83000019780607003X", None, DocumentFault.OTHER_DOCUMENT),
        (PERMIT, "810000199001010018", None, DocumentFault.CHECK_CHARACTER),
        (PERMIT, "H12345678", None, DocumentFault.NUMBER_FORM),
        (TAIWAN, "820000198512120022", None, DocumentFault.OTHER_DOCUMENT),
        (TAIWAN, "830000197813070031", None, DocumentFault.BIRTH_DATE),
        (CARD, "11010519491231002X", None, DocumentFault.OTHER_DOCUMENT),
        (CARD, "911840198504030017", None, DocumentFault.CHECK_CHARACTER),
        (CARD, "QQQ310085040301", None, DocumentFault.NUMBER_FORM),
        (CARD, "USA31008504030", None, DocumentFault.NUMBER_FORM),
        (PASSPORT, "1234567890", "GBR", DocumentFault.NUMBER_FORM),
        (PASSPORT, "1234", "GBR", DocumentFault.NUMBER_FORM),
        (PASSPORT, "ABCDEFGH", "GBR", DocumentFault.NUMBER_FORM),
        (PASSPORT, "12345678<", "GBR", DocumentFault.NUMBER_FORM),
        (PASSPORT, "E12345678", "", DocumentFault.COUNTRY_MISSING),
        (PASSPORT, "E12345678", "QQQ", DocumentFault.COUNTRY_UNKNOWN),
        (PASSPORT, "E12345678", "China", DocumentFault.COUNTRY_UNKNOWN),
    ],
)
def test_what_cannot_be_a_number_is_told_with_the_mend(
    kind: IdentityDocumentType, typed: str, country: str | None, fault: DocumentFault
) -> None:
    """In both languages, with a code that stays, and without the number itself."""
    with pytest.raises(DocumentProblem) as told:
        read_document(kind, typed, country)
    problem = told.value
    assert problem.fault is fault
    assert problem.is_of_country == fault.value.startswith("ISSUING_COUNTRY")
    for text in (problem.text, problem.text_en, str(problem)):
        assert "{" not in text
        assert not typed.strip() or typed not in text


def test_the_other_kind_is_named() -> None:
    """So that a person who chose the wrong kind knows which to choose."""
    with pytest.raises(DocumentProblem) as told:
        read_document(RESIDENT, "911840198504030016")
    assert "外国人永久居留身份证" in told.value.text
    assert "foreign permanent resident card" in told.value.text_en


def test_one_wrong_character_of_any_number_of_18_is_found() -> None:
    """MOD 11-2 finds each single slip, whoever the number was given to."""
    for kind, right in ((PERMIT, "810000199001010019"), (CARD, "911840198504030016")):
        for at in range(17):
            wrong = right[:at] + str((int(right[at]) + 1) % 10) + right[at + 1 :]
            with pytest.raises(DocumentProblem):
                read_document(kind, wrong)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("11010219900307001X", RESIDENT),
        ("810000199001010019", PERMIT),
        ("83000019780607003X", TAIWAN),
        ("911840198504030016", CARD),
        ("USA310085040301", CARD),
        ("GBR-123456789", PASSPORT),
        ("QQQ-123456789", None),
        ("123456789", None),
        ("' OR 1=1 --", None),
        ("", None),
    ],
)
def test_a_key_tells_its_document(key: str, kind: IdentityDocumentType | None) -> None:
    """No two kinds share a key, so that one can never be taken for another's."""
    document = document_of_key(key)
    assert (document and document.type) == kind
    assert document is None or document.key == normalised(key)


def test_every_kind_has_its_names() -> None:
    """A new kind fails here until it is translated."""
    assert set(NAMES) == set(IdentityDocumentType)

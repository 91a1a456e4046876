"""What somebody types as the number of a document, to the document; or what is wrong with it, and the mend.

The older permanent resident card has a check digit whose rule is published nowhere that can be relied on, so it is
not looked at; passports have none. Sources: GB 11643 (date of birth, MOD 11-2); ICAO Doc 9303-3 and 9303-4.
"""

from __future__ import annotations

from enum import StrEnum

from stdnum.iso7064 import mod_11_2

from schema.domain.identity_document import (
    LONG_NUMBER,
    PASSPORT_NUMBER,
    IdentityDocument,
    IdentityDocumentType,
    document_of_key,
    normalised,
)
from schema.domain.identity_number import birth_date
from schema.domain.issuing_country import issuing_country


class DocumentFault(StrEnum):
    """What is wrong with what was typed. Stable: clients and pages know it by this."""

    NUMBER_MISSING = "DOCUMENT_NUMBER_MISSING"
    NUMBER_FORM = "DOCUMENT_NUMBER_FORM"
    BIRTH_DATE = "DOCUMENT_BIRTH_DATE"
    OTHER_DOCUMENT = "DOCUMENT_OTHER_TYPE"
    CHECK_CHARACTER = "DOCUMENT_CHECK_CHARACTER"
    COUNTRY_MISSING = "ISSUING_COUNTRY_MISSING"
    COUNTRY_UNKNOWN = "ISSUING_COUNTRY_UNKNOWN"
    COUNTRY_NEEDLESS = "ISSUING_COUNTRY_NEEDLESS"


NAMES: dict[IdentityDocumentType, tuple[str, str]] = {
    IdentityDocumentType.RESIDENT_CARD: ("居民身份证", "resident identity card"),
    IdentityDocumentType.HONG_KONG_MACAO_PERMIT: (
        "港澳居民居住证",
        "residence permit for Hong Kong and Macao residents",
    ),
    IdentityDocumentType.TAIWAN_PERMIT: ("台湾居民居住证", "residence permit for Taiwan residents"),
    IdentityDocumentType.PERMANENT_RESIDENT_CARD: ("外国人永久居留身份证", "foreign permanent resident card"),
    IdentityDocumentType.PASSPORT: ("护照", "passport"),
}
"""Chinese and English."""
_LONG = ("18 位，末位可能是字母 X", "18 characters, the last may be an X")
_FORMS: dict[IdentityDocumentType, tuple[str, str]] = {
    IdentityDocumentType.RESIDENT_CARD: _LONG,
    IdentityDocumentType.HONG_KONG_MACAO_PERMIT: _LONG,
    IdentityDocumentType.TAIWAN_PERMIT: _LONG,
    IdentityDocumentType.PERMANENT_RESIDENT_CARD: (
        "以 9 开头的 18 位号码，旧证为 3 个字母加 12 位数字",
        "18 characters beginning with a 9; on older cards 3 letters and 12 digits",
    ),
    IdentityDocumentType.PASSPORT: (
        "5 至 9 位字母和数字，至少一位数字",
        "5 to 9 letters and digits, at least one digit",
    ),
}
_MENDS: dict[DocumentFault, tuple[str, str]] = {
    DocumentFault.NUMBER_MISSING: ("请填写{name}号码。", "Enter the number of the {name}."),
    DocumentFault.NUMBER_FORM: (
        "{name}号码的格式不对：应为{form}。请对照证件再填一次。",
        "The number does not have the form of a {name}: {form}. Type it again from the document.",
    ),
    DocumentFault.BIRTH_DATE: (
        "{name}号码中的出生日期（第 7 至 14 位）不存在。请核对这几位。",
        "The date of birth in the number of the {name} (characters 7 to 14) does not exist. Check these digits.",
    ),
    DocumentFault.OTHER_DOCUMENT: (
        "这不是{name}的号码，像是{other}的号码。请改选证件类型。",
        "This is no number of a {name}; it looks like one of a {other}. Choose that kind of document.",
    ),
    DocumentFault.CHECK_CHARACTER: (
        "{name}号码的校验码不对，有一位填错了。请逐位核对。",
        "The check character of the number of the {name} is wrong, so one character is. Compare them one by one.",
    ),
    DocumentFault.COUNTRY_MISSING: (
        "请填写护照的签发国代码：护照资料页下方机读码 P 之后的三个字母，如 CHN、GBR。",
        "Enter who issued the passport: the three letters after P in the line for machines, such as GBR.",
    ),
    DocumentFault.COUNTRY_UNKNOWN: (
        "没有这个签发国代码。请对照护照资料页下方的机读码，填三个字母，如 CHN、GBR。",
        "Nobody issues passports under this code. Copy the three letters from the line for machines, such as GBR.",
    ),
    DocumentFault.COUNTRY_NEEDLESS: (
        "{name}不需要签发国代码。请留空。",
        "A {name} has no issuing country here. Leave it out.",
    ),
}
_OF_COUNTRY = (DocumentFault.COUNTRY_MISSING, DocumentFault.COUNTRY_UNKNOWN, DocumentFault.COUNTRY_NEEDLESS)


class DocumentProblem(Exception):
    """Why something cannot be a document's number, with the mend in Chinese and English. Quotes no number."""

    def __init__(self, fault: DocumentFault, text: str, text_en: str) -> None:
        super().__init__(text_en)
        self.fault = fault
        self.text = text
        self.text_en = text_en

    @property
    def is_of_country(self) -> bool:
        """Whether the issuing country is to be mended, not the number."""
        return self.fault in _OF_COUNTRY


def read_document(kind: IdentityDocumentType, number: str, country: str | None = None) -> IdentityDocument:
    """What somebody typed, in whatever way. Raises :class:`DocumentProblem`."""
    typed, issuer = normalised(number), normalised(country or "")
    if not typed:
        raise _problem(DocumentFault.NUMBER_MISSING, kind)
    if kind is IdentityDocumentType.PASSPORT:
        return _passport(typed, issuer)
    if issuer:
        raise _problem(DocumentFault.COUNTRY_NEEDLESS, kind)
    found = document_of_key(typed)
    if found is None or found.type is IdentityDocumentType.PASSPORT:
        raise _problem(DocumentFault.NUMBER_FORM, kind)
    if LONG_NUMBER.fullmatch(typed):
        if birth_date(typed) is None:
            raise _problem(DocumentFault.BIRTH_DATE, kind)
        if not mod_11_2.is_valid(typed):
            raise _problem(DocumentFault.CHECK_CHARACTER, kind)
    if found.type is not kind:
        raise _problem(DocumentFault.OTHER_DOCUMENT, kind, found.type)
    return found


def _passport(number: str, issuer: str) -> IdentityDocument:
    kind = IdentityDocumentType.PASSPORT
    if not PASSPORT_NUMBER.fullmatch(number):
        raise _problem(DocumentFault.NUMBER_FORM, kind)
    if not issuer:
        raise _problem(DocumentFault.COUNTRY_MISSING, kind)
    country = issuing_country(issuer)
    if country is None:
        raise _problem(DocumentFault.COUNTRY_UNKNOWN, kind)
    return IdentityDocument(kind, number, country)


def _problem(
    fault: DocumentFault, kind: IdentityDocumentType, other: IdentityDocumentType | None = None
) -> DocumentProblem:
    (name, name_en), (form, form_en) = NAMES[kind], _FORMS[kind]
    looks, looks_en = NAMES[other] if other else ("", "")
    text, text_en = _MENDS[fault]
    return DocumentProblem(
        fault,
        text.format(name=name, form=form, other=looks),
        text_en.format(name=name_en, form=form_en, other=looks_en),
    )

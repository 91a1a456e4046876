"""Which kind of value a field has, told by its scalar, its name and the name of its type."""

from __future__ import annotations

import re
from functools import lru_cache

from mocks.generated import formats as f
from mocks.generated.formats import Format

_PEOPLE = {
    "person", "people", "citizen", "user", "account", "customer", "author", "employee", "member", "resident",
    "applicant", "holder", "owner", "student", "teacher", "patient", "doctor", "driver", "officer", "contact",
    "representative", "director", "actor", "buyer", "seller", "reviewer", "viewer", "profile", "staff", "taxpayer",
}  # fmt: skip
_COMPANIES = {
    "company", "enterprise", "business", "firm", "merchant", "supplier", "vendor", "manufacturer", "publisher",
    "employer", "corporation", "shop", "store", "brand", "bank", "insurer",
}  # fmt: skip
_OFFICES = {
    "department", "organisation", "organization", "agency", "bureau", "authority", "office", "institution",
    "issuer", "ministry", "court", "unit",
}  # fmt: skip
_WRITINGS = {
    "article", "post", "document", "notice", "page", "service", "item", "case", "licence", "license", "permit",
    "certificate", "task", "news", "book", "movie", "film", "media", "course", "event", "guide", "comment",
    "message", "topic", "question",
}  # fmt: skip

_SCALARS: dict[str, Format] = {
    "date": f.DAY, "localdate": f.DAY, "datetime": f.MOMENT, "timestamp": f.MOMENT, "instant": f.MOMENT,
    "localdatetime": f.MOMENT, "offsetdatetime": f.MOMENT, "isodatetime": f.MOMENT, "datetimeiso": f.MOMENT,
    "time": f.CLOCK, "localtime": f.CLOCK, "duration": f.DURATION, "isoduration": f.DURATION,
    "json": f.JSON_VALUE, "jsonobject": f.JSON_VALUE, "object": f.JSON_VALUE, "map": f.JSON_VALUE,
    "any": f.JSON_VALUE, "url": f.URL, "uri": f.URL, "uuid": f.UUID, "guid": f.UUID, "email": f.EMAIL,
    "emailaddress": f.EMAIL, "phone": f.PHONE, "phonenumber": f.PHONE, "money": f.YUAN_TEXT,
    "decimal": f.YUAN_TEXT, "bigdecimal": f.YUAN_TEXT, "currency": f.CURRENCY, "currencycode": f.CURRENCY,
    "latitude": f.LATITUDE, "longitude": f.LONGITUDE, "ipv4": f.ADDRESS_V4, "ip": f.ADDRESS_V4,
    "hexcolor": f.COLOUR, "hexcolorcode": f.COLOUR, "locale": f.LANGUAGE, "year": f.YEAR,
    "postalcode": f.POSTCODE, "idnumber": f.ID_NUMBER, "creditcode": f.CREDIT_CODE, "isbn": f.EAN,
    "checksum": f.CHECKSUM, "boolean": f.BOOLEAN, "byte": f.CHECKSUM, "base64": f.CHECKSUM,
}  # fmt: skip
_COUNTED_SCALARS = {
    "bigint", "long", "int64", "uint64", "int32", "uint32", "short", "positiveint", "nonnegativeint",
    "unsignedint", "integer", "number",
}  # fmt: skip
_FRACTION_SCALARS = {"double", "positivefloat", "nonnegativefloat", "unsignedfloat"}

_TEXTS: tuple[tuple[str, Format], ...] = (
    (r"uuid|guid", f.UUID),
    (r".*(idnumber|idcard|idcardno|identitynumber|identitycard|citizenid|nationalid|residentid)|sfzh",
     f.ID_NUMBER),
    (r".*(creditcode|uscc|taxpayernumber|taxpayerid)", f.CREDIT_CODE),
    (r".*(isbn|ean|gtin|barcode)(10|13)?|upc", f.EAN),
    (r".*(phone|mobile|telephone|tel|phonenumber|mobilenumber)", f.PHONE),
    (r".*(email|mail|mailaddress|emailaddress)", f.EMAIL),
    (r".*(bankcard|cardnumber|bankaccount|accountnumber|iban)", f.BANK_CARD),
    (r".*(plate|platenumber|plateno|licenceplate|licenseplate)", f.PLATE),
    (r"sex|gender", f.GENDER),
    (r".*(birthdate|birthday|dateofbirth|dob|bornon|birth)", f.BIRTH_DATE),
    (r".*(postcode|postalcode|zip|zipcode)", f.POSTCODE),
    (r".*(regioncode|areacode|districtcode|divisioncode)", f.REGION),
    (r".*(avatar|image|photo|picture|icon|logo|thumbnail|poster)(url|uri)?", f.IMAGE),
    (r".*(url|uri|link|href|website|homepage)", f.URL),
    (r".*(currency|currencycode)", f.CURRENCY),
    (r".*(datetime|timestamp)|.*(created|updated|modified|deleted|published|submitted|paid|settled|sent|received"
     r"|started|finished|completed|expires|registered|opened|closed|signed|issued)at|.*time", f.MOMENT),
    (r".*(date|day|validfrom|validuntil|validto|deadline)|.*(issued|created|founded|expires)on|expiry|expires"
     r"|until|since|duedate", f.DAY),
    (r".*duration", f.DURATION),
    (r".*(ip|ipaddress)", f.ADDRESS_V4),
    (r".*(colour|color)", f.COLOUR),
    (r".*(language|locale|lang)", f.LANGUAGE),
    (r".*version", f.VERSION),
    (r".*(hash|checksum|etag|digest|token|signature|sha256|md5)", f.CHECKSUM),
    (r".*(amount|price|fee|cost|total|balance|salary)", f.YUAN_TEXT),
    (r"(user|login|account|screen)name|login|nickname|handle", f.USER_NAME),
    (r".*province|state", f.PROVINCE),
    (r".*(city|birthplace|town)", f.CITY),
    (r".*district", f.DISTRICT),
    (r".*(street|addressline.*|line1|line2)", f.STREET),
    (r".*(country|nationality|nation)", f.COUNTRY),
    (r".*(description|content|text|body|summary|comment|remark|remarks|note|notes|message|reason|abstract|bio"
     r"|details?|remedy|opinion|feedback)", f.SENTENCE),
    (r".*(sku|code|slug|key|ref|reference)", f.CODE),
    (r".*(number|serialno|no|serial|sn)", f.NUMBER),
)  # fmt: skip

_NUMBERS: tuple[tuple[str, Format], ...] = (
    (r".*fen", f.FEN),
    (
        r"age|.*age(inyears)?(?<!page)(?<!image)(?<!average)(?<!percentage)(?<!storage)(?<!mileage)(?<!usage)",
        f.AGE,
    ),
    (r".*year", f.YEAR),
    (r".*(timestamp|epoch|createdat|updatedat|unixtime)", f.UNIX),
    (r".*(latitude|lat)", f.LATITUDE),
    (r".*(longitude|lng|lon)", f.LONGITUDE),
    (r".*(stars|starrating)", f.STARS),
    (r".*(percent|percentage)", f.PERCENT),
    (r".*(ratio|rate|probability|confidence)", f.RATIO),
)
_SHARES: tuple[tuple[str, Format], ...] = ((r".*(percent|percentage|ratio|rate|probability)", f.COUNT),)
_WHOLE: tuple[tuple[str, Format], ...] = (
    (r".*(price|amount|fee|cost|total|balance|salary|fine|income|subtotal)", f.FEN),
    (r".*(rating|score|level|grade|rank|priority)", f.STARS),
    (r".*(count|quantity|qty|stock|instock|inventory|copies|views|likes|followers|num|times|totalcount)", f.COUNT),
    (r".*(weight|height|width|length|depth|area|volume|distance|minutes|hours|days|seconds|ms|pages|duration)",
     f.WHOLE_MEASURE),
)  # fmt: skip
_FRACTION: tuple[tuple[str, Format], ...] = (
    (r".*(price|amount|fee|cost|total|balance|salary|fine|income|subtotal)", f.YUAN),
    (r".*(rating|score|stars|average|averagerating)", f.SCORE),
)

_LEADING = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\W]+")


def split_words(name: str) -> tuple[str, ...]:
    """``applicantIDNumber`` → applicant, id, number."""
    return tuple(word.lower() for word in _LEADING.split(name) if word)


@lru_cache(maxsize=8192)
def format_of(type_name: str, field_name: str, scalar: str) -> Format:
    """The kind of value that stands there. The same for every SDL that has type, field and scalar."""
    squeezed = "".join(split_words(field_name))
    match scalar:
        case "Int":
            return _first((*_SHARES, *_NUMBERS, *_WHOLE), squeezed) or f.COUNTER
        case "Float":
            return _first((*_NUMBERS, *_FRACTION), squeezed) or f.MEASURE
        case "Boolean":
            return f.BOOLEAN
        case "String":
            return _text(type_name, field_name, squeezed) or f.TEXT
        case "ID":
            found = _first(_TEXTS[:8], squeezed)
            if found or squeezed.endswith(("code", "number", "no", "sku")):
                return found or _first(_TEXTS, squeezed) or f.CODE
            return f.IDENTIFIER
    lowered = scalar.lower().replace("_", "")
    if lowered in _COUNTED_SCALARS:
        return _first((*_SHARES, *_NUMBERS, *_WHOLE), squeezed) or f.COUNTER
    if lowered in _FRACTION_SCALARS:
        return _first((*_NUMBERS, *_FRACTION), squeezed) or f.MEASURE
    if lowered in ("date", "localdate") and re.fullmatch(".*(birth.*|dob|bornon)", squeezed):
        return f.BIRTH_DATE
    return _SCALARS.get(lowered) or _text(type_name, field_name, squeezed) or f.TEXT


def _first(rules: tuple[tuple[str, Format], ...], squeezed: str) -> Format | None:
    return next((format_ for pattern, format_ in rules if re.fullmatch(pattern, squeezed)), None)


def _text(type_name: str, field_name: str, squeezed: str) -> Format | None:
    parts = split_words(field_name)
    is_english = bool({"en", "eng", "english", "latin", "pinyin"} & {*parts})
    bare = "".join(part for part in parts if part not in ("en", "eng", "english", "latin", "pinyin", "zh", "cn"))
    if bare in ("id",):
        return f.IDENTIFIER
    if re.fullmatch(r"(full|real|display|legal|official)?name|title|label|subject|headline|caption", bare):
        return _name(split_words(type_name), is_english=is_english, is_title=bare not in ("name", "fullname"))
    if re.fullmatch(r"(first|given|fore)name", bare):
        return f.GIVEN_NAME_EN
    if re.fullmatch(r"(last|family|sur)name", bare):
        return f.FAMILY_NAME_EN
    if bare.endswith("name") and len(parts) > 1 and (found := _name_of_role(parts, is_english)):
        return found
    if bare == "address" or (bare.endswith("address") and not re.search("mail|ip", bare)):
        return f.COMPANY_ADDRESS if {*split_words(type_name)} & (_COMPANIES | _OFFICES) else f.ADDRESS
    found = _first(_TEXTS, bare)
    return f.SENTENCE_EN if found is f.SENTENCE and is_english else found


def _name_of_role(parts: tuple[str, ...], is_english: bool) -> Format | None:
    roles = tuple(part for part in parts if part != "name")
    if {*roles} & (_PEOPLE | _COMPANIES | _OFFICES) or "product" in roles:
        return _name(roles, is_english=is_english, is_title=False)
    return None


def _name(roles: tuple[str, ...], *, is_english: bool, is_title: bool) -> Format:
    own = {*roles}
    if own & _PEOPLE and not is_title:
        return f.PERSON_NAME_EN if is_english else f.PERSON_NAME
    if own & _OFFICES:
        return f.OFFICE_NAME_EN if is_english else f.OFFICE_NAME
    if own & _COMPANIES:
        return f.COMPANY_NAME_EN if is_english else f.COMPANY_NAME
    for place, format_ in (("city", f.CITY), ("province", f.PROVINCE), ("country", f.COUNTRY)):
        if place in own:
            return format_
    if own & _WRITINGS or is_title:
        return f.TITLE_EN if is_english else f.TITLE
    return f.PRODUCT_NAME_EN if is_english else f.PRODUCT_NAME

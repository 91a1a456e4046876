"""A licence as people recognise it: the picture, the page to print, and the code on both, read back."""

from __future__ import annotations

from xml.etree import ElementTree

import pypdfium2
import pytest
import zxingcpp
from joserfc.jwk import ECKey

from auth.signed_licences import LICENCE_TYPE, document_in, published_keys, read_licence, sign
from hub.licences.licence_pdf import licence_pdf
from hub.licences.licence_picture import LicenceFace, licence_svg, qr_rows
from schema.domain.licence_verification import Statement, claims_of
from tests.auth.test_signed_licences import SHOWN

KEY = ECKey.generate_key("P-256", auto_kid=True)
LONGEST = (Statement(code="address", name="居住地住址", value="西单北大街 1 号院 2 号楼 3 单元 401 室" * 3),)
FACE = LicenceFace(
    "居住证",
    "集易示范区公安分局",
    (("证照编号", "JZ261123-0123456789-X"), ("持有人", "王**"), ("有效期至", "2027-11-22")),
    "扫描二维码核验真伪",
    "https://hub.example/verify?licence=a.b.c",
)


def test_the_page_opens_and_its_code_is_read_from_what_is_printed() -> None:
    """One page whose text is text, and whose code at 150 dots an inch gives the address back."""
    made = licence_pdf(FACE)
    page = pypdfium2.PdfDocument(made)[0]
    text = page.get_textpage().get_text_bounded()
    (found,) = zxingcpp.read_barcodes(page.render(scale=150 / 72).to_pil())

    assert made == licence_pdf(FACE)
    assert [word for word in ("居住证", "JZ261123-0123456789-X", "王**", "2027-11-22") if word not in text] == []
    assert found.text == FACE.address


def test_the_longest_document_still_makes_a_code_that_is_read() -> None:
    """A whole licence with a long address in it, signed: from the paper back to what was signed."""
    shown = SHOWN.__class__(**{name: getattr(SHOWN, name) for name in SHOWN.__slots__} | {"statements": LONGEST})
    address = (
        f"https://hub.example/verify?licence={sign(KEY, LICENCE_TYPE, claims_of(shown, 'https://hub.example'))}"
    )
    page = pypdfium2.PdfDocument(licence_pdf(LicenceFace("证", "", (), "", address)))[0]
    (found,) = zxingcpp.read_barcodes(page.render(scale=300 / 72).to_pil())
    keys = published_keys({"keys": [KEY.as_dict(private=False)]})

    assert read_licence(document_in(found.text), keys) == shown


def test_the_picture_is_well_formed_and_what_is_written_stays_text() -> None:
    """A name with markup in it is shown as it is; no script, no reference to elsewhere."""
    face = LicenceFace("<script>alert(1)</script>", 'a & "b"', (("<g>", "</svg>"),), "", FACE.address)
    drawn = ElementTree.fromstring(licence_svg(face))
    names = {each.tag.rpartition("}")[2] for each in drawn.iter()}
    texts = [each.text for each in drawn.iter() if each.tag.endswith("}text")]

    assert names == {"svg", "rect", "path", "text"}
    assert texts[:4] == ["<script>alert(1)</script>", 'a & "b"', "<g>", "</svg>"]
    assert len(qr_rows(face.address)) == len(qr_rows(face.address)[0])


@pytest.mark.parametrize(
    "hostile", ["\x00\x0b\x1f", "\ud800", "\ufffe", "证" * 1_000_000, ") Tj /JS (app.alert(1)) \U0001f600"]
)
def test_s18_what_a_department_writes_breaks_neither_picture_nor_page(hostile: str) -> None:
    """A name that no XML may hold, or that fills a page by itself: the rest of the licence is still shown."""
    face = LicenceFace(hostile, hostile, ((hostile, hostile), ("持有人", "王**")), "", FACE.address)
    drawn = licence_svg(face).encode()
    ElementTree.fromstring(drawn)
    made = licence_pdf(face)
    assert "王**" in pypdfium2.PdfDocument(made)[0].get_textpage().get_text_bounded()
    assert max(len(drawn), len(made)) < 100_000
    assert b"/JS" not in made

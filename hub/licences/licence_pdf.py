"""A licence as a page to print (PDF), with its QR code.

Chinese is set in STSong-Light, one of the fonts for which every PDF reader has its own: nothing is embedded, so no
font has to be shipped. Source: ISO 32000-1, 9.7.5 (predefined CMaps), by reportlab.
"""

from __future__ import annotations

import io

from hub.licences.licence_picture import BAND, INK, PAPER, SOFT, LicenceFace, drawable, qr_rows

FONT = "STSong-Light"
_QR_POINTS = 240.0


def licence_pdf(face: LicenceFace) -> bytes:
    """One page, A5 across; the same licence gives the same bytes."""
    # Loaded by the first licence that is printed, not by every start of the hub.
    from reportlab.lib.colors import HexColor
    from reportlab.lib.pagesizes import A5, landscape
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    width, height = landscape(A5)
    made = io.BytesIO()
    page = Canvas(made, pagesize=(width, height), invariant=1)
    page.setTitle(drawable(face.title))

    def text(x: float, y: float, size: float, colour: str, words: str) -> None:
        page.setFillColor(HexColor(colour))
        page.setFont(FONT, size)
        page.drawString(x, y, drawable(words))

    page.setFillColor(HexColor(PAPER))
    page.rect(0, 0, width, height, stroke=0, fill=1)
    page.setFillColor(HexColor(BAND))
    page.rect(0, height - 80, width, 80, stroke=0, fill=1)
    text(30, height - 42, 26, "#ffffff", face.title)
    text(30, height - 66, 14, "#ffffff", face.issuer)
    for place, (name, value) in enumerate(face.lines[:6]):
        y = height - 112 - 46 * place
        text(30, y, 11, SOFT, name)
        text(30, y - 19, 16, INK, value)
    rows = qr_rows(face.address)
    side = _QR_POINTS / len(rows)
    left, top = width - _QR_POINTS - 24, height - 92
    page.setFillColor(HexColor("#ffffff"))
    page.rect(left, top - _QR_POINTS, _QR_POINTS, _QR_POINTS, stroke=0, fill=1)
    page.setFillColor(HexColor("#000000"))
    for line, row in enumerate(rows):
        for column, is_dark in enumerate(row):
            if is_dark:
                page.rect(left + column * side, top - (line + 1) * side, side, side, stroke=0, fill=1)
    text(30, 24, 10, SOFT, face.note)
    page.save()
    return made.getvalue()

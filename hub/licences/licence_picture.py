"""A licence as people recognise it: a QR code that opens its verification, a picture, a page to print.

All three say what the document says and no more. Sources: ISO/IEC 18004 (QR code), by segno; SVG 1.1.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from re import compile as regex
from xml.sax.saxutils import escape

import segno

WIDTH, HEIGHT = 640, 400
QR_SIDE = 230
MOST_CHARACTERS = 120
"""Of a line: more has no room in it."""
_UNDRAWABLE = regex("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML may hold, lone surrogates among them. Source: XML 1.0, production 2."""
BAND, PAPER, INK, SOFT = "#8f1d1d", "#fffaf0", "#1a1a1a", "#5a5148"


@dataclass(frozen=True, slots=True)
class LicenceFace:
    """What is drawn: ``lines`` are names and values in the reader's language, ``note`` says how to verify it."""

    title: str
    issuer: str
    lines: tuple[tuple[str, str], ...]
    note: str
    address: str


def drawable(text: str) -> str:
    """What a department wrote, as it can be drawn: cut to a line, without what would break the whole picture."""
    return _UNDRAWABLE.sub("\ufffd", text[:MOST_CHARACTERS])


def qr_code(address: str) -> str:
    """The address as a QR code, an SVG without any style of its own; read from a screen as well as from paper."""
    drawing = io.BytesIO()
    _code(address).save(
        drawing, kind="svg", scale=4, border=4, xmldecl=False, svgclass=None, lineclass=None, omitsize=True
    )
    return drawing.getvalue().decode()


def qr_rows(address: str) -> tuple[tuple[bool, ...], ...]:
    """The dark and light modules of the same code, with its quiet zone."""
    return tuple(tuple(bool(cell) for cell in row) for row in _code(address).matrix_iter(border=4))


def licence_svg(face: LicenceFace) -> str:
    """The licence as a card, 8 to 5. Whatever was written into it stands there as text, never as markup."""
    left = WIDTH - QR_SIDE - 20
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}" font-family="Noto Sans CJK SC, PingFang SC, Microsoft YaHei, '
            'sans-serif">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" rx="16" fill="{PAPER}"/>',
            f'<path d="M0 76V16A16 16 0 0 1 16 0H{WIDTH - 16}A16 16 0 0 1 {WIDTH} 16V76Z" fill="{BAND}"/>',
            _text(24, 34, 24, "#ffffff", face.title, "bold"),
            _text(24, 60, 15, "#ffffff", face.issuer),
            *_lines(face),
            f'<svg x="{left}" y="96" width="{QR_SIDE}" height="{QR_SIDE}" ',
            qr_code(face.address).removeprefix("<svg "),
            _text(24, HEIGHT - 20, 12, SOFT, face.note),
            "</svg>",
        )
    )


def _lines(face: LicenceFace) -> Iterator[str]:
    for place, (name, value) in enumerate(face.lines[:6]):
        y = 112 + 44 * place
        yield _text(24, y, 12, SOFT, name)
        yield _text(24, y + 20, 17, INK, value)


def _text(x: int, y: int, size: int, colour: str, text: str, weight: str = "normal") -> str:
    attributes = f'x="{x}" y="{y}" font-size="{size}" fill="{colour}" font-weight="{weight}"'
    return f"<text {attributes}>{escape(drawable(text))}</text>"


def _code(address: str) -> segno.QRCode:
    return segno.make_qr(address, error="l", boost_error=False)

"""An address as a QR code that a phone scans from a screen."""

from __future__ import annotations

import io

import segno


def qr_code(address: str) -> str:
    """SVG without any style of its own. Source: ISO/IEC 18004."""
    drawing = io.BytesIO()
    segno.make(address, error="m").save(
        drawing, kind="svg", scale=8, border=3, xmldecl=False, svgclass=None, lineclass=None, omitsize=True
    )
    return drawing.getvalue().decode()

"""A plot with logarithmic axes as SVG: points, and the straight line that growth in proportion would be."""

from __future__ import annotations

from collections.abc import Mapping
from math import log10

_WIDTH, _HEIGHT, _MARGIN = 640, 400, 60


def proportional(points: Mapping[int, float], across: str, upwards: str) -> str:
    """``points`` against the line of slope one through the largest of them."""
    left, right = min(points), max(points)
    per_unit = points[right] / right
    low = 10 ** int(log10(min(points.values())) - 1)
    high = 10 ** int(log10(points[right]) + 1)

    def place(x: float, y: float) -> tuple[float, float]:
        along = (log10(x) - log10(left)) / (log10(right) - log10(left))
        up = (log10(max(y, low)) - log10(low)) / (log10(high) - log10(low))
        return _MARGIN + along * (_WIDTH - 2 * _MARGIN), _HEIGHT - _MARGIN - up * (_HEIGHT - 2 * _MARGIN)

    start = max(left, low / per_unit)
    (x1, y1), (x2, y2) = place(start, start * per_unit), place(right, points[right])
    drawn = [f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#999" stroke-dasharray="4"/>']
    for x, y in points.items():
        cx, cy = place(x, y)
        drawn.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="4" fill="#0b5fff"/>')
        drawn.append(f'<text x="{cx:.1f}" y="{cy - 10:.1f}" text-anchor="middle">{y:.3g}</text>')
    for x in points:
        if log10(x).is_integer():
            drawn.append(f'<text x="{place(x, high)[0]:.1f}" y="{_HEIGHT - 38}" text-anchor="middle">{x:,}</text>')
    middle = f'x="{_WIDTH / 2}" text-anchor="middle"'
    drawn.append(f'<text {middle} y="{_HEIGHT - 14}">{across}</text>')
    drawn.append(f'<text {middle} y="28">{upwards}</text>')
    box = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12"'
    background = f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{background}{"".join(drawn)}</svg>\n'

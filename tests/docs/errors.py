"""``python -m tests.docs.errors``: write docs/errors.md from the code."""

from __future__ import annotations

from pathlib import Path

from schema.explanations import SECTIONS

FILE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"


def render() -> str:
    """The whole document."""
    lines = [
        "# Errors",
        "",
        "Every code that Jiyi tells, generated from the code (`python -m tests.docs.errors`).",
        "`jiyi explain CODE` prints a line of it. Codes are stable; texts may be bettered.",
    ]
    for title, codes in SECTIONS.items():
        lines += ["", f"## {title}", "", "| code | meaning and mend |", "|---|---|"]
        lines += [f"| `{code}` | {text} |" for code, text in sorted(codes.items())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")

"""One thing that is wrong with a filled form: where, by which rule, and the mend in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FormProblem:
    """``path`` is the field (``form.holder.phone``, ``form.children[0].name``), ``rule`` the broken keyword.

    ``text`` and ``text_en`` name the field as the form does and say what to do.
    """

    path: str
    rule: str
    text: str
    text_en: str
    mend_en: str

    def __str__(self) -> str:
        """For a developer, who knows the field by its path."""
        return f"`{self.path}` {self.mend_en}"

    @property
    def field(self) -> str:
        """The path within the form; empty for the form as a whole."""
        return self.path.removeprefix("form").removeprefix(".")

    def as_data(self) -> dict[str, str]:
        """As it stands in ``extensions.problems`` of an error."""
        return {"path": self.path, "rule": self.rule, "text": self.text, "textEn": self.text_en}


class FormTitles:
    """How the fields of a form are called, by their paths."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._titles = dict(_titles(schema, "form"))

    def problem(self, path: str, rule: str, mend: str, mend_en: str) -> FormProblem:
        """``mend_en`` follows the field's name in a sentence, ``mend`` follows it after a colon."""
        name = path.rpartition(".")[2]
        title, title_en = self._titles.get(re.sub(r"\[\d+\]", "[]", path), ("", ""))
        if path == "form":
            title, title_en = "表单", "The form"
        shown, shown_en = title or title_en or name, title_en or title or name
        return FormProblem(path, rule, f"{shown}：{mend}", f"{shown_en}: {mend_en}", mend_en)


def _titles(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, tuple[str, str]]]:
    yield path, (str(schema.get("title", "")), str(schema.get("title_en", "")))
    for name, part in schema.get("properties", {}).items():
        yield from _titles(part, f"{path}.{name}")
    if "items" in schema:
        yield from _titles(schema["items"], f"{path}[]")

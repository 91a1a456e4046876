"""References to materials: three kinds and no free text (art. 5, 14)."""

from __future__ import annotations

import pytest

from schema.domain.material_reference import ReferenceKind, as_reference, kind_of_reference, reference_problem

K = ReferenceKind


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        ("file:6f9c1f6e-0d4b-4f59-9d83-0f3f0a3a3c11", K.FILE),
        ("shared:6f9c1f6e-0d4b-4f59-9d83-0f3f0a3a3c11", K.SHARED),
        ("paper:结婚证原件", K.PAPER),
        ("file:", None),
        ("file:../../etc/passwd", None),
        ("paper:", None),
        ("paper:two\nlines", None),
        (f"paper:{'x' * 101}", None),
        ("upload:1", None),
        ("javascript:alert(1)", None),
        ("https://example.test/1", None),
        ("file-1", None),
        ("", None),
    ],
)
def test_a_reference_is_one_of_three_kinds(reference: str, kind: ReferenceKind | None) -> None:
    assert kind_of_reference(reference) is kind
    assert (reference_problem("income", reference) is None) is (kind is not None)


def test_a_number_that_nothing_can_open_is_refused_with_the_mend() -> None:
    """Older clients wrote upload:<number>: no officer could read such a material, and nobody knew whose it was."""
    assert reference_problem("income", "upload:1") == (
        'Material "income": upload: names nothing that can be opened. '
        "Upload the file at /files and name it file:<id>, or say paper:<what it is>."
    )


def test_what_is_written_into_a_page_is_an_original_on_paper() -> None:
    """What somebody chose from the list stays as it is; their own words are a description."""
    assert as_reference("file:1") == "file:1"
    assert as_reference("收入证明原件") == "paper:收入证明原件"
    assert kind_of_reference(as_reference("x" * 500)) is K.PAPER

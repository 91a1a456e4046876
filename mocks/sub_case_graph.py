"""How a department that is a Federation 2 subgraph is told of its part of joint cases, made with Strawberry.

Each declares three mutations with its own name in front, over ``begin``, ``take_supplement`` and ``take_back``.
Their context has the department's ``store`` and ``desk``, and the ``key`` that came with the request.
"""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.scalars import JSON

from mocks.idempotency import answer_once


@strawberry.federation.type(inaccessible=True, shareable=True)
class CommandReceipt:
    accepted: bool
    reference: str | None


@strawberry.federation.input(inaccessible=True)
class SubCaseOrder:
    receipt_number: strawberry.ID
    sub_case: strawberry.ID
    item_code: strawberry.ID
    applicant_id_number: str
    form: JSON | None = strawberry.UNSET
    materials: JSON | None = strawberry.UNSET
    results: JSON | None = strawberry.UNSET
    submitted_at: str


@strawberry.federation.input(inaccessible=True)
class SubCaseSupplement:
    receipt_number: strawberry.ID
    sub_case: strawberry.ID
    form: JSON | None = strawberry.UNSET
    materials: JSON | None = strawberry.UNSET


@strawberry.federation.input(inaccessible=True)
class SubCaseUndoing:
    receipt_number: strawberry.ID
    sub_case: strawberry.ID
    reason: str | None = strawberry.UNSET


def begin(info: strawberry.Info, input: SubCaseOrder) -> CommandReceipt:
    """A sub-case of the department begins."""
    order: dict[str, Any] = {
        **_named(input),
        "itemCode": input.item_code,
        "applicantIdNumber": input.applicant_id_number,
        "form": input.form or {},
        "materials": input.materials or [],
        "results": input.results or [],
    }
    return _done(info, "begin", order)


def take_supplement(info: strawberry.Info, input: SubCaseSupplement) -> CommandReceipt:
    """The applicant answered what the department had asked."""
    return _done(info, "take_supplement", _named(input))


def take_back(info: strawberry.Info, input: SubCaseUndoing) -> CommandReceipt:
    """What was begun is undone."""
    return _done(info, "take_back", _named(input))


def _named(input: SubCaseOrder | SubCaseSupplement | SubCaseUndoing) -> dict[str, Any]:
    return {"receiptNumber": input.receipt_number, "subCase": input.sub_case}


def _done(info: strawberry.Info, what: str, order: dict[str, Any]) -> CommandReceipt:
    """Once for each key, as at the doors of the other departments."""
    known = info.context

    def effect() -> tuple[int, dict[str, Any]]:
        return 200, getattr(known["desk"], what)(order)

    _, receipt, _ = answer_once(known["store"], known["key"], what, order, effect)
    return CommandReceipt(accepted=receipt["accepted"], reference=receipt["reference"])

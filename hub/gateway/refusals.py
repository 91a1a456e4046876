"""What a request is answered where it is not answered: refused by the rules, failed by us, or without a stream."""

from __future__ import annotations

import logging
from secrets import token_hex

from auth.actor import Actor
from hub.execution.introspection import IntrospectionTooLarge
from hub.gateway.graph import CheckedOperation
from hub.gateway.request import GraphQLAnswer, RequestRefused, refused
from schema.errors import RuntimeCode

_log = logging.getLogger(__name__)


def answer_to(error: Exception) -> GraphQLAnswer:
    """A refusal as it is; a mistake of ours without its text, under a reference that finds it in the log."""
    if isinstance(error, RequestRefused):
        return error.answer
    if isinstance(error, IntrospectionTooLarge):
        message = "The operation asks for too much of the schema. Ask for each part of it once."
        return refused(RuntimeCode.OPERATION_TOO_COMPLEX, message).answer
    reference = token_hex(4)
    _log.error("A request failed in an unforeseen way (%s)", reference, exc_info=error)
    message = f"Something went wrong inside the hub. The log has it under {reference}."
    return refused(RuntimeCode.INTERNAL_SERVER_ERROR, message).answer


def authorise(checked: CheckedOperation, actor: Actor | None) -> None:
    """Raises ``RequestRefused`` with every field that the actor may not select."""
    refusals = (*checked.access.refusals(actor), *checked.requirements.refusals(actor))
    if refusals:
        raise RequestRefused(
            {"message": each.message, "path": list(each.path), "extensions": {"code": str(each.code)}}
            for each in refusals
        )


def no_stream() -> RequestRefused:
    """A subscription that was asked as if it had one answer."""
    return refused(
        RuntimeCode.BAD_REQUEST,
        "A subscription needs a transport that stays open: a WebSocket at this address with the subprotocol "
        "graphql-transport-ws, or POST with Accept: text/event-stream, or with Accept: "
        'multipart/mixed;subscriptionSpec="1.0".',
        status=406,
    )

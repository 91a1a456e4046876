"""A department's word that its case cannot take: a dead letter, and the trace of it in the case."""

from __future__ import annotations

from datetime import datetime

from connectors.broker import Message
from hub.cases import case_store
from hub.messages.inbox import Unacceptable
from schema.domain.case import ImpossibleTransition


def with_trace(refused: ImpossibleTransition, message: Message, at: datetime) -> Unacceptable:
    """What to raise for it, so that the inbox keeps the message and notes the attempt."""
    return Unacceptable(
        str(refused), lambda session: case_store.refuse(session, refused, message.source, at, message.id)
    )

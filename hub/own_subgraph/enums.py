"""Enums of the domain that several types of the graph use, each named once."""

from __future__ import annotations

import strawberry

from hub.doors.signed_callback import CallbackFault
from schema.domain.case import Channel
from schema.domain.notice import NoticeKind
from schema.domain.service_item import ServiceForm

strawberry.enum(Channel, description="Where a case is filed or continued.")
strawberry.enum(ServiceForm, description="How an item is served beside the ordinary way.")
strawberry.enum(CallbackFault, description="Why another system's callback was not believed.")
strawberry.enum(NoticeKind, description="What a notice is about.")

__all__ = ["CallbackFault", "Channel", "NoticeKind", "ServiceForm"]

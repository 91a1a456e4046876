"""CloudEvents 1.0 in JSON structured mode. Source: cloudevents.io, "JSON Event Format"."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

CLOUD_EVENT_HEADERS = {"Content-Type": "application/cloudevents+json"}


def cloud_event(department: str, type_: str, subject: str, data: dict[str, Any]) -> str:
    """A new event as text. The same text sent twice is the same event."""
    event = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "type": type_,
        "source": f"urn:department:{department}",
        "subject": subject,
        "time": datetime.now(UTC).isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }
    return json.dumps(event, ensure_ascii=False)

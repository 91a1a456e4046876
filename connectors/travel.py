"""What a request tells a department about itself: on whose errand it travels, never by whose token.

What a client's own header brings along is named by whoever runs the engine alone; the hub names none.
Headers of ours: W3C ``traceparent``, ``Jiyi-Purpose``, ``Jiyi-Case`` and, on commands, ``Idempotency-Key``.
"""

from __future__ import annotations

from connectors.connector import FetchRequest


def travel_headers(request: FetchRequest) -> dict[str, str]:
    """The headers that every request over HTTP carries."""
    context = request.context
    headers = {
        "traceparent": context.traceparent,
        "Jiyi-Purpose": context.purpose,
        "Jiyi-Case": context.case,
        "Idempotency-Key": request.idempotency_key,
    }
    ours = {name: value for name, value in headers.items() if value}
    return {**context.headers, **ours} if context.headers else ours

"""What a department types into the registration, and what it does not see there, becomes the graph's input."""

from __future__ import annotations

from hub.portal.registration_form import TypedRegistration

HEADERS = {"Authorization": "Bearer {$env.TOKEN}"}


def test_a_new_version_keeps_what_the_form_does_not_show() -> None:
    """A connector that loses its credential's header by a new version would be an outage."""
    typed = TypedRegistration(
        "parks", "parks", "graphql", "https://parks.example", "800", kept={"headers": HEADERS}
    )
    assert typed.input == {
        "name": "parks",
        "department": "parks",
        "kind": "graphql",
        "url": "https://parks.example",
        "timeoutMs": 800,
        "idempotency": "header",
        "sdl": None,
        "headers": HEADERS,
    }


def test_a_form_says_only_what_it_has_fields_for() -> None:
    """What is kept comes from the registered version, never from the browser."""
    posted = {"name": " parks ", "kept": "{}", "sdl": "type Query {\r\n  a: Int\r\n}", "other": "x"}
    assert TypedRegistration.of(posted) == TypedRegistration(name="parks", sdl="type Query {\n  a: Int\n}")

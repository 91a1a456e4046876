"""Secrets are not shown, whatever they stand in."""

from __future__ import annotations

import pytest

from hub.workbench.masking import Mask, is_secret
from hub.workbench.specification import Specification

MASK = Mask(
    Specification(
        "parks",
        "rest",
        "postgresql://reader:pass-of-reader@host/db",
        config={"apiKey": "key-of-config", "place": "north", "login": {"secret": {"of": "deep-secret"}}},
        headers={"Authorization": "Bearer of-headers"},
    )
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a.test/parks?page=2&api_key=abc&x=1", "https://a.test/parks?page=2&api_key=***&x=1"),
        ("https://a.test/parks?key=abc", "https://a.test/parks?key=***"),
        ('{"password": "a\\"b", "page": 1, "token": 123}', '{"password": "***", "page": 1, "token": "***"}'),
        ("user=a&client_secret=b c", "user=a&client_secret=*** c"),
        ("sent key-of-config to north", "sent *** to north"),
        ("deep-secret and pass-of-reader", "*** and ***"),
        ("mysql://me:word@host/db", "mysql://me:***@host/db"),
        ("Bearer of-headers", "***"),
    ],
)
def test_a_secret_is_not_in_the_text(text: str, shown: str) -> None:
    """By its name, or because its value is known from the settings."""
    assert MASK.text(text) == shown


def test_headers_and_values_are_masked_by_name() -> None:
    """A header is hidden as a whole, a value where it stands."""
    headers = {"X-Api-Key": "abc", "Cookie": "a=b", "Accept": "text/html", "Idempotency-Key": "1"}
    assert MASK.headers(headers) == {
        "X-Api-Key": "***",
        "Cookie": "***",
        "Accept": "text/html",
        "Idempotency-Key": "1",
    }
    assert MASK.value({"a": [{"password": "x", "b": "key-of-config"}], "n": 1}) == {
        "a": [{"password": "***", "b": "***"}],
        "n": 1,
    }
    assert not is_secret("Idempotency-Key")

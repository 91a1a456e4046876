"""The sign-in page lets a native application's redirect through, and nobody else's."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from hub.portal.page import content_security_policy
from hub.portal.sign_in_pages import native_targets


def _authorize(address: str) -> str:
    return f"/oauth/authorize?{urlencode({'client_id': 'mobile', 'redirect_uri': address})}"


@pytest.mark.parametrize(
    ("address", "targets"),
    [
        ("http://127.0.0.1:51234/callback", ("http://127.0.0.1:51234",)),
        ("http://[::1]:8080/callback", ("http://[::1]:8080",)),
        ("dev.jiyi.mobile:/callback", ("dev.jiyi.mobile:",)),
        ("https://elsewhere.example/callback", ()),
        ("http://elsewhere.example/callback", ()),
        ("http://127.0.0.1.elsewhere.example/callback", ()),
        ("javascript:alert(1)", ()),
        ("data:text/html,x", ()),
        ("http://127.0.0.1:wrong/callback", ()),
        ("x.y; script-src *:/callback", ()),
    ],
)
def test_only_loopback_and_private_schemes_are_let_through(address: str, targets: tuple[str, ...]) -> None:
    """Browsers hold a form's redirects to form-action; an address in a link must not widen it further."""
    assert native_targets(_authorize(address)) == targets


def test_other_places_to_go_on_widen_nothing() -> None:
    """Only the authorization endpoint redirects to applications."""
    assert native_targets("/portal?redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2F") == ()


def test_the_policy_names_the_targets_in_form_action_alone() -> None:
    """Scripts, styles and connections stay with the hub."""
    policy = content_security_policy(("http://127.0.0.1:51234",))
    assert "form-action 'self' http://127.0.0.1:51234;" in policy
    assert policy.count("127.0.0.1") == 1

"""Sign in at a hub as a person does in a browser: authorization code with PKCE, by the forms of its pages."""

from __future__ import annotations

import base64
import hashlib
import http.cookiejar
import json
import secrets
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from typing import Any

_REDIRECT = "http://127.0.0.1/callback"
_CLIENT = "mobile"

IDENTITY_SDL = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@inaccessible"])
type Citizen @key(fields: "idNumber") @key(fields: "id") {
  id: ID!
  idNumber: String! @inaccessible
  name: String!
}
type OneTimeCodeRequest @inaccessible { sent: Boolean! maskedPhone: String! }
type Mutation {
  publicSecurityRequestOneTimeCode(idNumber: String!): OneTimeCodeRequest! @inaccessible
  publicSecurityVerifyOneTimeCode(idNumber: String!, code: String!): Citizen @inaccessible
}
type Query { publicSecurityServes: Boolean! @inaccessible }
"""
"""An identity department to which every code is right."""


class _StopAtApp(urllib.request.HTTPRedirectHandler):
    """The app's own address is nobody's: what stands in it is the answer."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if newurl.startswith(_REDIRECT):
            raise _Arrived(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Arrived(Exception):
    """The browser was sent to the app."""


class _Form(HTMLParser):
    """The form with a wanted field: where it goes, and what stands in its fields already."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted, self.found = wanted, None
        self._open: tuple[str, dict[str, str]] | None = None

    found: tuple[str, dict[str, str]] | None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._open = (given.get("action") or "", {})
        elif tag in ("input", "button") and self._open is not None and given.get("name"):
            self._open[1][str(given["name"])] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open is not None:
            if self.wanted in self._open[1]:
                self.found = self.found or self._open
            self._open = None


def sign_in(hub_url: str, id_number: str, code: str = "000000") -> str:
    """An access token of the person with this number. Raises ``AssertionError`` where it cannot be had."""
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies, _StopAtApp())
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": _CLIENT, "redirect_uri": _REDIRECT, "scope": "citizen",
        "state": secrets.token_urlsafe(16), "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    try:
        page = _open(opener, f"{hub_url}/oauth/authorize?{urllib.parse.urlencode(asked)}")
        page = _fill(opener, page, "id_number", id_number)
        _fill(opener, page, "code", code)
    except _Arrived as arrived:
        answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(str(arrived)).query))
        assert answer.get("state") == asked["state"], f"sign-in ended with {answer}"
        return _redeem(opener, hub_url, answer["code"], verifier)
    raise AssertionError(f"sign-in of {id_number} did not come back to the app")


def _open(
    opener: urllib.request.OpenerDirector, url: str, fields: dict[str, str] | None = None
) -> tuple[str, str]:
    """Address and text of a page."""
    data = urllib.parse.urlencode(fields).encode() if fields is not None else None
    origin = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(url))
    headers = {"Accept": "text/html", "Origin": origin}
    try:
        with opener.open(urllib.request.Request(url, data, headers), timeout=60) as answer:
            return answer.url, answer.read().decode()
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{url} answered {error.code}: {error.read().decode()[:300]}") from error


def _fill(opener: urllib.request.OpenerDirector, page: tuple[str, str], name: str, value: str) -> tuple[str, str]:
    form = _Form(name)
    form.feed(page[1])
    if form.found is None:
        raise AssertionError(f'{page[0]} has no form with "{name}"')
    action, fields = form.found
    return _open(opener, urllib.parse.urljoin(page[0], action), {**fields, name: value})


def _redeem(opener: urllib.request.OpenerDirector, hub_url: str, code: str, verifier: str) -> str:
    fields = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": _REDIRECT, "client_id": _CLIENT,
        "code_verifier": verifier,
    }  # fmt: skip
    _, text = _open(opener, f"{hub_url}/oauth/token", fields)
    return str(json.loads(text)["access_token"])

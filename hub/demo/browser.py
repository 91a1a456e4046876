"""What a person does in a browser, without one: follow redirects, read forms, fill them in, send them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

from hub.demo.client import Answered, HubClient

_MOST_REDIRECTS = 10


@dataclass
class Form:
    """A form of a page: where it goes and what it holds already (hidden fields too)."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    url: str
    text: str
    headers: Mapping[str, str]

    def form_with(self, name: str) -> Form:
        """The form that has a field of this name. Raises :class:`Answered`."""
        parser = _FormParser()
        parser.feed(self.text)
        for form in parser.forms:
            if name in form.fields:
                return form
        raise Answered(f"{urlsplit(self.url).path} ({self.status}) has no form with a field {name!r}")


class Browser:
    """Pages of the hub and of the departments, with one person's cookies."""

    def __init__(self, client: HubClient) -> None:
        self._client = client

    async def open(self, url: str, form: Mapping[str, str] | None = None, stop_at: str | None = None) -> Page:
        """Open a page and follow redirects, but not to an address that begins with ``stop_at``."""
        address = urljoin(self._client.base_url + "/", url)
        for _ in range(_MOST_REDIRECTS):
            status, final, text, headers = await self._client.page(address, form, follow=False)
            if status not in {301, 302, 303, 307, 308}:
                return Page(status, final, text, headers)
            address, form = urljoin(final, headers["Location"]), None
            if stop_at and address.startswith(stop_at):
                return Page(status, address, "", headers)
        raise Answered(f"too many redirects from {url}")

    async def fill(self, page: Page, fields: Mapping[str, str], stop_at: str | None = None) -> Page:
        """Fill in the form that has these fields, and send it."""
        form = page.form_with(next(iter(fields)))
        return await self.open(urljoin(page.url, form.action), {**form.fields, **fields}, stop_at)


def query_of(url: str) -> dict[str, str]:
    """The query parameters of an address, each once."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


class _FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._current: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._current = Form(values.get("action", ""))
            self.forms.append(self._current)
        elif self._current is not None and values.get("name"):
            self._take(tag, values)

    def _take(self, tag: str, values: dict[str, str]) -> None:
        if self._current is None:
            return
        is_choice = tag == "input" and values.get("type") in {"radio", "checkbox"}
        if tag in {"input", "select", "textarea"} or (tag == "button" and "value" in values):
            if is_choice and "checked" not in values:
                self._current.fields.setdefault(values["name"], "")
            else:
                self._current.fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._current = None

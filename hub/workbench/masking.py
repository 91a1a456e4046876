"""Keep secrets out of what is shown: by the names that secrets go under, and by the values that are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from re import IGNORECASE, Match
from re import compile as regex
from urllib.parse import urlsplit

from connectors.connector import JSON
from connectors.redaction import REDACTED, KnownSecrets
from hub.workbench.specification import Specification

_WORDS = r"auth|cookie|passw|secret|token|api[-_]?key|credential|signature|private[-_]?key"
_NAME = regex(rf"{_WORDS}|^key$", IGNORECASE)
_IN_QUERY = regex(rf"""([?&](?:[^=&#]*(?:{_WORDS})[^=&#]*|key)=)[^&#\s"']*""", IGNORECASE)
_IN_JSON = regex(rf'("[^"]*(?:{_WORDS})[^"]*"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|[-\d.]+)', IGNORECASE)
_IN_FORM = regex(rf"""((?:^|&)[^=&\s"]*(?:{_WORDS})[^=&\s"]*=)[^&\s"]*""", IGNORECASE)
_IN_ADDRESS = regex(r"(://[^/@:\s]*:)[^/@\s]*@")


class Mask:
    """``text`` without the secrets of one connector."""

    def __init__(self, specification: Specification) -> None:
        known = {
            *_secrets(specification.config),
            *(value for name, value in specification.headers.items() if is_secret(name)),
            *([urlsplit(specification.url).password or ""] if specification.url else []),
        }
        self._known = KnownSecrets(known)

    def text(self, text: str) -> str:
        """Any text: an address, a body, a message."""
        text = self._known.taken_out_of(text)
        for pattern in (_IN_QUERY, _IN_JSON, _IN_FORM):
            text = pattern.sub(_hide, text)
        return _IN_ADDRESS.sub(rf"\1{REDACTED}@", text)

    def value(self, value: JSON) -> JSON:
        """JSON, whatever stands in it under the name of a secret."""
        match value:
            case Mapping():
                return {key: REDACTED if is_secret(key) else self.value(each) for key, each in value.items()}
            case list():
                return [self.value(each) for each in value]
            case str():
                return self.text(value)
            case _:
                return value

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {name: REDACTED if is_secret(name) else self.text(value) for name, value in headers.items()}


def is_secret(name: str) -> bool:
    """Whether what goes under this name is one by its name; an idempotency key is none."""
    return _NAME.search(name) is not None


def _hide(found: Match[str]) -> str:
    return f'{found[1]}"{REDACTED}"' if found[1].rstrip().endswith(":") else f"{found[1]}{REDACTED}"


def _secrets(config: JSON, name: str = "") -> Iterator[str]:
    if isinstance(config, Mapping):
        for key, value in config.items():
            yield from _secrets(value, key if not is_secret(name) else name)
    elif isinstance(config, list):
        for each in config:
            yield from _secrets(each, name)
    elif is_secret(name) and isinstance(config, str):
        yield config

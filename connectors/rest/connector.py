"""A department that speaks REST, as its connector SDL maps it.

Source: the public Apollo Connectors convention.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from connectors.connector import JSON
from connectors.http_client import HttpClient
from connectors.mapped import InvalidConnector, MappedConnector
from connectors.mapped.connector import DEFAULT_TIMEOUT
from connectors.rest.as_written import keep_as_written
from connectors.rest.caller import HttpCaller
from schema.mapping.read import read_connectors
from schema.mapping.template import Template


class RestConnector(MappedConnector):
    """``base_url`` takes the place of every ``baseURL`` in the SDL, which then holds anywhere; the rest is as
    with any mapped connector. Raises :class:`InvalidConnector`.
    """

    def __init__(
        self,
        name: str,
        sdl: str,
        client: HttpClient,
        *,
        base_url: str | None = None,
        timeout: timedelta = DEFAULT_TIMEOUT,
        config: Mapping[str, JSON] | None = None,
        environment: Mapping[str, str] | None = None,
        parallel_calls: int = 16,
    ) -> None:
        schema, errors = read_connectors(name, sdl)
        if schema is None or errors:
            raise InvalidConnector(errors)
        keep_as_written(schema.virtual.schema)
        if base_url:
            schema = schema.at(Template((base_url.rstrip("/"),)))
        super().__init__(
            schema,
            HttpCaller(client, schema.namespaces),
            timeout=timeout,
            config=config,
            environment=environment,
            parallel_calls=parallel_calls,
        )

    @property
    def base_urls(self) -> tuple[str, ...]:
        """Where this connector calls: the fixed beginnings of its URLs, host included."""
        templates = [source.base_url for source in self.schema.sources]
        templates += [c.url for c in self.schema.connects if c.source is None and c.url is not None]
        return tuple(str(template.parts[0]) for template in templates)

"""The plain settings of a connector: what they may say, and the headers that they make with its secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from connectors.connector import JSON
from connectors.mapping import InvalidValue, render_text
from hub.registry.registration import Configuration
from schema.mapping import ConnectorSchema, MappingSyntaxError, parse_template
from schema.mapping.header import header_problem
from schema.mapping.syntax import Variable, properties_of, walk
from schema.mapping.template import Template

MAXIMUM_BYTES = 65_536
_VARIABLES = frozenset({"$env", "$config"})
_CREDENTIALS = frozenset({"authorization", "cookie", "x-api-key", "api-key", "x-auth-token"})
_TRAVELLING = frozenset({"traceparent", "jiyi-purpose", "jiyi-case", "idempotency-key", "content-type", "accept"})


class MissingSecret(ValueError):
    """A connector names a secret that is not set. The text says which, and how to mend it."""


def configuration_problems(kind: str, configuration: Configuration) -> Iterator[str]:
    """Why these settings cannot be registered."""
    headers, config = configuration.headers, configuration.config
    if len(msgspec.json.encode(configuration.stored)) > MAXIMUM_BYTES:
        yield f"The configuration has more than {MAXIMUM_BYTES} bytes."
    elif not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        yield 'The headers are an object of texts: {"Authorization": "Bearer {$env.TOKEN}"}.'
    elif not isinstance(config, dict):
        yield "The config is an object, whose values mappings read as $config."
    elif headers and kind != "graphql":
        mend = "Its agent has them." if kind == "queue" else "Put them into the SDL."
        yield f'A connector of the kind "{kind}" takes no headers here. {mend}'
    elif config and kind == "queue":
        yield 'A connector of the kind "queue" takes no config here. Its agent has it.'
    else:
        for name, value in headers.items():
            yield from _header_problems(name, value)


def headers_of(configuration: Configuration, secrets: Mapping[str, str], connector: str) -> dict[str, str]:
    """The headers with the secrets in them. Raises :class:`MissingSecret`."""
    variables: dict[str, JSON] = {"$env": dict(secrets), "$config": configuration.config}
    made = {}
    for name, value in configuration.headers.items():
        template = parse_template(value)
        check_secrets(_secrets_in(template), secrets, connector)
        try:
            made[name] = render_text(template, variables)
        except InvalidValue as error:
            raise MissingSecret(f'The header "{name}" of "{connector}" cannot be made: {error}') from None
    return made


def secrets_named(schema: ConnectorSchema) -> frozenset[str]:
    """The secrets that a mapping sends."""
    return frozenset(name for connect in schema.connects for name in connect.reads("$env"))


def secrets_read_back(schema: ConnectorSchema) -> Iterator[str]:
    """Where a mapping would put a secret into what clients read: the coordinates."""
    for connect in schema.connects:
        rules = [connect.failure, *([connect.source.failure] if connect.source else [])]
        parts = [connect.selection, connect.is_success, connect.source.is_success if connect.source else None]
        parts += [part for rule in rules for part in (rule.message, rule.extensions)]
        if any(_mentions_secrets(part.value) for part in parts if part is not None):
            yield connect.coordinate


def check_secrets(named: frozenset[str], secrets: Mapping[str, str], connector: str) -> None:
    """Raises :class:`MissingSecret`."""
    missing = sorted(named - secrets.keys())
    if missing:
        mend = f"Run `jiyi connector secret set {connector} {missing[0]}`."
        raise MissingSecret(f'"{connector}" names the secret {", ".join(missing)}, which is not set. {mend}')


def _header_problems(name: str, value: str) -> Iterator[str]:
    try:
        template = parse_template(value)
    except MappingSyntaxError as error:
        yield f'The header "{name}" has an expression that cannot be read: {error}'
        return
    problem = header_problem(name, template, None)
    variables = {part.name for each in template.expressions for part in _variables(each)}
    if problem is not None:
        yield f"{problem[0].upper()}{problem[1:]}"
    elif name.lower() in _TRAVELLING:
        yield f'The header "{name}" is the hub\'s own; remove it.'
    elif not variables <= _VARIABLES:
        unknown = ", ".join(sorted(variables - _VARIABLES))
        yield f'The header "{name}" reads {unknown}. It can read $env and $config.'
    elif name.lower() in _CREDENTIALS and not _secrets_in(template):
        mend = "Set it as a secret and name it: {$env.TOKEN}."
        yield f'The header "{name}" holds a credential that everybody who sees the connector could read. {mend}'


def _secrets_in(template: Template) -> frozenset[str]:
    return frozenset(name for each in template.expressions for name in properties_of("$env", each))


def _mentions_secrets(expression: object) -> bool:
    return any(part.name == "$env" for part in _variables(expression))


def _variables(expression: object) -> Iterator[Variable]:
    return (part for part in walk(expression) if isinstance(part, Variable))  # type: ignore[arg-type]

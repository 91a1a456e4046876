"""Everything an operator can set, where each value came from, and what is secret.

Weight grows from default to file (TOML) to environment (``JIYI_…``; ``PORT`` too) to command-line flag.
``jiyi settings`` prints this with secrets masked. Secrets come by file or environment, never by a flag.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from connectors.addresses import read_allowed_host
from schema.domain.case_timing import TimeRules

DEFAULT_FILE = Path("jiyi.toml")
EMBEDDED = "embedded"


class Settings(BaseModel):
    """One hub process. Units are in the names; times are seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    public_url: str | None = Field(None, description="How clients reach the hub; also the OAuth issuer.")
    state_directory: Path = Field(Path(".jiyi"), description="Where the hub keeps its files.")
    database_url: str | None = Field(None, description="sqlite:///path or postgresql://…; SQLite if unset.")
    broker_url: str = Field(EMBEDDED, description='"embedded", or amqp(s)://user:password@host:port/vhost.')
    broker_namespace: str = Field("", description="Prefix of every queue and exchange on a shared broker.")
    broker_management_url: str | None = Field(
        None,
        description="http(s)://user:password@host:15672 of RabbitMQ's management, for departments' users.",
    )
    worker: bool = Field(True, description="Run the worker inside this process.")
    tls_certificate: Path | None = Field(None, description="PEM file with the certificate chain.")
    tls_key: Path | None = Field(None, description="PEM file with the private key.")
    identity_department: str = Field("public-security", description="Department that proves who a person is.")
    finance_department: str = Field("finance", description="Department that settles fee orders.")
    payment_provider_url: str | None = Field(None, description="Base URL of the payment provider.")
    payment_provider_holds: bool = Field(
        False, description="Whether it can hold money: fees that are paid before a decision are taken after it."
    )
    payment_secret: SecretStr = Field(SecretStr(""), description="Shared secret of the provider's callbacks.")
    operator_client_secret: SecretStr = Field(SecretStr(""), description="Secret of the client operator-cli.")
    portal_client_secret: SecretStr = Field(
        SecretStr(""), description="Secret of the portal's own client; made and kept in a file if unset."
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Encrypts secrets in the database: 32 random characters or more; earlier keys behind commas.",
    )
    secret_key_file: Path | None = Field(None, description="File with such keys, one a line, instead.")
    operators: tuple[str, ...] = Field((), description="Citizen ids that hold the operator role.")
    connector_approval: Literal["automatic", "additive", "operator"] = Field(
        "automatic",
        description="What goes live without an operator: what breaks nothing (automatic), what is additive "
        "alone (additive), or nothing (operator).",
    )
    connector_alarm_seconds: int = Field(
        60, ge=5, le=86400, description="How long a connector fails in a row until its department is told."
    )
    drift_check_seconds: int = Field(
        600, ge=10, le=86400, description="How often the schema that a subgraph serves is read again."
    )
    suspend_connectors_for: tuple[Literal["circuit-open", "drift", "wrong-types"], ...] = Field(
        (), description="What suspends a connector by itself, until an operator resumes it."
    )
    alert_mail_url: SecretStr = Field(
        SecretStr(""), description="The mail server for alerts: smtp:// or smtps://, with user and password."
    )
    alert_mail_from: str = Field("jiyi@localhost", description="The sender of alerts by mail.")
    sms_gateway_url: SecretStr = Field(
        SecretStr(""), description="The first gateway for notices by SMS: http(s)://, with user and password."
    )
    sms_second_gateway_url: SecretStr = Field(
        SecretStr(""), description="The one that takes over while the first fails."
    )
    mail_gateway_url: SecretStr = Field(
        SecretStr(""),
        description="The first gateway for notices by mail: a mail server (smtp(s)://) or one that speaks http(s)://.",
    )
    mail_second_gateway_url: SecretStr = Field(
        SecretStr(""), description="The one that takes over while the first fails."
    )
    notice_receipt_secret: SecretStr = Field(
        SecretStr(""), description="Shared secret of the gateways' receipts of delivery."
    )
    web_push_contact: str = Field(
        "",
        description="Whom browsers' push services may write to (mailto: or https:); where it is set, notices are "
        "pushed to browsers.",
    )
    web_push_hosts: tuple[str, ...] = Field(
        (), description="Push services in private networks that browsers may name: hosts, addresses or ranges."
    )
    notice_mail_from: str = Field("jiyi@localhost", description="The sender of notices by mail.")
    allow_private_addresses: bool = Field(
        False, description="Let connectors point at loopback and private networks."
    )
    department_timeout_ms: int = Field(3000, ge=50, le=60000, description="A connector's default deadline.")
    operation_timeout_ms: int = Field(
        30_000, ge=100, le=600_000, description="What all fetches of one operation may take together."
    )
    max_request_bytes: int = Field(1_000_000, ge=1000, description="Largest GraphQL request body.")
    max_operations_per_minute: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="Operations that one person or service may send a process; 0 for any number.",
    )
    max_subscriptions_per_person: int = Field(
        100,
        ge=1,
        le=100_000,
        description="Subscriptions that one person or service may have open at a process.",
    )
    suggestions: bool = Field(
        False, description='Let refusals name what exists and sounds alike ("Did you mean"); for development.'
    )
    cors_origins: tuple[str, ...] = Field(("*",), description="Origins that browsers may call /graphql from.")
    record_operations: bool = Field(
        True,
        description="Count the operations that clients send, without their values, for checks of new versions.",
    )
    recorded_days: int = Field(30, ge=1, le=400, description="How many days recorded operations are remembered.")
    breaking_only_when_used: bool = Field(
        False, description="A change that breaks no operation of these days is dangerous, not breaking."
    )
    archive_after_days: int = Field(
        30, ge=0, le=3650, description="How many days after its completion a case is archived."
    )
    supplement_days: int = Field(
        30, ge=1, le=365, description="How long a supplement is waited for where its notice names no date."
    )
    licence_key_days: int = Field(
        365,
        ge=0,
        le=3650,
        description="After how many days the key that signs licences is replaced by itself; 0 for never.",
    )
    answer_working_days: int = Field(
        3, ge=1, le=60, description="Within how many working days a department answers a reminder or an urging."
    )
    file_store_url: str | None = Field(
        None,
        description="Bucket of an S3-compatible store for files of materials (https://host/bucket); a folder in "
        "the state directory if unset.",
    )
    file_store_region: str = Field("us-east-1", description="Region that requests to the store are signed for.")
    file_store_access_key: str = Field("", description="Access key of the store.")
    file_store_secret_key: SecretStr = Field(SecretStr(""), description="Secret key of the store.")
    virus_scanner_url: str = Field("", description="clamd://host:port that scans files; none if unset.")
    test_clock_file: Path | None = Field(
        None,
        description="For demos on one machine: a file with the seconds by which the clock is moved. "
        "Refused where the hub can be reached from elsewhere.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged.")
    log_requests: bool = Field(False, description="Log a line for each GraphQL request: how long, whom, errors.")

    @field_validator("broker_url")
    @classmethod
    def _known_broker(cls, value: str) -> str:
        if value == EMBEDDED or value.startswith(("amqp://", "amqps://")):
            return value
        raise ValueError('is neither "embedded" nor an amqp:// or amqps:// address')

    @field_validator("file_store_url")
    @classmethod
    def _known_store(cls, value: str | None) -> str | None:
        if value is None or value.startswith(("http://", "https://")):
            return value
        raise ValueError("is no http:// or https:// address of a bucket")

    @field_validator("sms_gateway_url", "sms_second_gateway_url")
    @classmethod
    def _known_sms_gateway(cls, value: SecretStr) -> SecretStr:
        if not value or value.get_secret_value().startswith(("http://", "https://")):
            return value
        raise ValueError("is no http:// or https:// address of a gateway")

    @field_validator("web_push_contact")
    @classmethod
    def _known_contact(cls, value: str) -> str:
        if not value or value.startswith(("mailto:", "https://")):
            return value
        raise ValueError("is no mailto: or https:// address")

    @field_validator("web_push_hosts")
    @classmethod
    def _known_push_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            read_allowed_host(each)  # a ValueError says what is wrong with it
        return value

    @field_validator("mail_gateway_url", "mail_second_gateway_url")
    @classmethod
    def _known_mail_gateway(cls, value: SecretStr) -> SecretStr:
        known = ("http://", "https://", "smtp://", "smtps://")
        if not value or value.get_secret_value().startswith(known):
            return value
        raise ValueError("is no smtp://, smtps://, http:// or https:// address of a gateway")

    @field_validator("virus_scanner_url")
    @classmethod
    def _known_scanner(cls, value: str) -> str:
        if not value or value.startswith("clamd://"):
            return value
        raise ValueError("is no clamd:// address")

    @field_validator("broker_management_url")
    @classmethod
    def _known_management(cls, value: str | None) -> str | None:
        if value is None or (value.startswith(("http://", "https://")) and "@" in value):
            return value
        raise ValueError("is no http:// or https:// address with an administrator's user and password")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str | None) -> str | None:
        if value is None or value.startswith(("sqlite:///", "postgresql://")):
            return value
        raise ValueError("is neither sqlite:///path nor postgresql://user@host/name")

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{(self.state_directory / 'hub.db').resolve()}"

    @property
    def time_rules(self) -> TimeRules:
        """The terms of what time brings to a case."""
        return TimeRules(
            supplement_days=self.supplement_days,
            archive_after_days=self.archive_after_days,
            answer_working_days=self.answer_working_days,
        )

    @property
    def effective_public_url(self) -> str:
        scheme = "https" if self.tls_certificate else "http"
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104  an address to compare
        return (self.public_url or f"{scheme}://{host}:{self.port}").rstrip("/")


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings and, for each field, where it came from: default, file:…, environment:…, flag."""

    settings: Settings
    sources: Mapping[str, str]

    def masked(self) -> dict[str, dict[str, Any]]:
        """Every field as ``{value, source}``, secrets and passwords within URLs as ``***``."""
        values = self.settings.model_dump(mode="json")
        return {
            name: {"value": _mask(name, values[name]), "source": self.sources[name]}
            for name in Settings.model_fields
        }


class BadSettings(Exception):
    """A setting cannot be used; the text names the place, the cause and the mend."""


def load_settings(
    flags: Mapping[str, Any] | None = None,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> LoadedSettings:
    """Read all sources. Raises :class:`BadSettings`."""
    chosen = environment if environment is not None else os.environ
    layers = (
        _from_file(file or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)),
        _from_environment(chosen),
        {name: (value, "flag") for name, value in (flags or {}).items() if value is not None},
    )
    merged: dict[str, tuple[Any, str]] = {}
    for layer in layers:
        merged.update(layer)
    try:
        settings = Settings(**{name: value for name, (value, _) in merged.items()})
    except ValidationError as error:
        raise BadSettings(_explain(error, merged)) from None
    sources = {name: merged[name][1] if name in merged else "default" for name in Settings.model_fields}
    return LoadedSettings(settings, sources)


def _from_file(file: Path | None) -> dict[str, tuple[Any, str]]:
    if file is None:
        return {}
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSettings(f"{file}: cannot be read ({error.strerror}). Check --settings.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{file}: is not TOML: {error}.") from None
    unknown = sorted(set(content) - set(Settings.model_fields))
    if unknown:
        raise BadSettings(f'{file}: "{unknown[0]}" is no setting. `jiyi settings` lists them all.')
    return {name: (value, f"file:{file}") for name, value in content.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, tuple[Any, str]]:
    found: dict[str, tuple[Any, str]] = {}
    if "PORT" in environment:
        found["port"] = (environment["PORT"], "environment:PORT")
    for name, field in Settings.model_fields.items():
        variable = f"JIYI_{name.upper()}"
        if variable in environment:
            text = environment[variable]
            is_list = field.annotation is not None and "tuple" in str(field.annotation)
            value = tuple(part.strip() for part in text.split(",") if part.strip()) if is_list else text
            found[name] = (value, f"environment:{variable}")
    return found


def _explain(error: ValidationError, merged: Mapping[str, tuple[Any, str]]) -> str:
    lines = []
    for problem in error.errors():
        name = str(problem["loc"][0])
        source = merged.get(name, (None, "default"))[1]
        lines.append(f'"{name}" ({source}): {problem["msg"].removeprefix("Value error, ")}.')
    return "\n".join(lines)


def _mask(name: str, value: Any) -> Any:
    if Settings.model_fields[name].annotation is SecretStr:
        return "***" if value else ""
    if isinstance(value, str) and "://" in value and "@" in value:
        scheme, rest = value.split("://", 1)
        credentials, address = rest.rsplit("@", 1)
        user = credentials.split(":", 1)[0]
        return f"{scheme}://{user}:***@{address}" if ":" in credentials else value
    return value

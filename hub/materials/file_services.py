"""Everything that is done with files of materials, shared records and archives, as one value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from graphql import GraphQLNonNull, GraphQLSchema, get_named_type, is_leaf_type, is_object_type

from auth.actor import Actor
from auth.keys import KeyRing
from connectors.clock import Clock
from hub.archives.case_archives import CaseArchives
from hub.catalogue.catalogue import CatalogueStore
from hub.gateway import Answering, GraphQLRequest
from hub.materials.file_store import FileStore, FolderStore
from hub.materials.s3_signature import S3Credentials
from hub.materials.s3_store import S3Store
from hub.materials.shared_records import OwnData, SharedRecords
from hub.materials.uploads import Uploads
from hub.materials.virus_scan import scanner_of
from hub.settings import Settings
from hub.storage.database import Database


@dataclass(frozen=True, slots=True)
class FileServices:
    """``store`` is closed by who made it."""

    store: FileStore
    uploads: Uploads
    records: SharedRecords
    archives: CaseArchives


def file_services(
    settings: Settings,
    database: Database,
    catalogue: CatalogueStore,
    clock: Clock,
    gateway: Answering,
    schema: Callable[[], GraphQLSchema | None],
    keys: Callable[[], Awaitable[KeyRing]],
) -> FileServices:
    """Over the store that the settings name. ``schema`` is the graph that clients see now."""
    store = store_of(settings, clock.now)
    uploads = Uploads(database, store, scanner_of(settings.virus_scanner_url), clock)

    async def ask(actor: Actor, query: str) -> OwnData:
        answer = await gateway.answer(GraphQLRequest(query), actor, only_queries=True)
        data: Any = answer.data if answer.encoded is None else msgspec.json.decode(answer.encoded)
        paths: list[Sequence[Any]] = [error.get("path") or () for error in answer.errors]
        broken = frozenset(str(path[1]) for path in paths if len(path) > 1)
        return OwnData((data or {}).get("me") or {}, broken)

    records = SharedRecords(database, catalogue, clock, ask, lambda field: selection_of(schema(), field))
    return FileServices(store, uploads, records, CaseArchives(database, store, uploads, clock, keys))


def store_of(settings: Settings, now: Callable[[], datetime]) -> FileStore:
    """A bucket where one is set, else a folder beside the hub's other files."""
    if settings.file_store_url is None:
        return FolderStore(settings.state_directory / "files")
    secret = settings.file_store_secret_key.get_secret_value()
    credentials = S3Credentials(settings.file_store_access_key, secret, settings.file_store_region)
    return S3Store(settings.file_store_url, credentials, now)


def selection_of(schema: GraphQLSchema | None, field: str) -> str | None:
    """The scalars of what ``Citizen.<field>`` gives, as a selection; empty for a scalar itself."""
    citizen = schema.type_map.get("Citizen") if schema is not None else None
    if not is_object_type(citizen) or field not in citizen.fields:
        return None
    target = get_named_type(citizen.fields[field].type)
    if is_leaf_type(target):
        return ""
    if not is_object_type(target):
        return None
    plain = [
        name
        for name, each in target.fields.items()
        if is_leaf_type(get_named_type(each.type))
        and not any(isinstance(argument.type, GraphQLNonNull) for argument in each.args.values())
    ]
    return f"{{ {' '.join(plain)} }}" if plain else None
